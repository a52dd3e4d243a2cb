"""Static files as they are sent: read once, packed once, with a tag by which browsers ask whether theirs is good."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Final

from sanic import HTTPResponse, Request
from sanic.response import raw

REVALIDATE: Final = "no-cache"  # keep it, but ask each time; the ETag makes that cheap
FOR_EVER: Final = "public, max-age=31536000, immutable"  # for names that change with the content

_CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_PACKED_ALREADY: Final = {".jpg", ".png", ".webp", ".woff2"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent; `packed` is its gzip form, None where that gains nothing."""

    body: bytes
    packed: bytes | None
    content_type: str
    digest: str

    @classmethod
    def of(cls, name: str, body: bytes) -> StaticFile:
        """Prepare a file; the type goes by the end of its name, whatever the machine's own tables say."""
        suffix = PurePath(name).suffix.lower()
        packed = None if suffix in _PACKED_ALREADY else gzip.compress(body, mtime=0)
        content_type = _CONTENT_TYPES.get(suffix, "application/octet-stream")
        return cls(body, packed, content_type, sha256(body).hexdigest()[:16])


def send_file(request: Request, file: StaticFile, keep: str) -> HTTPResponse:
    """Answer with `file`, packed for whoever takes that; `keep` is the Cache-Control."""
    packed = file.packed if _takes_gzip(request) else None
    response = send_cached(request, packed or file.body, f'W/"{file.digest}"', file.content_type, keep)
    response.headers["Vary"] = "Accept-Encoding"
    if packed and response.status == 200:
        response.headers["Content-Encoding"] = "gzip"
    return response


def send_cached(request: Request, body: bytes, etag: str, content_type: str, keep: str) -> HTTPResponse:
    """Answer 200, or 304 when the client already has this version (RFC 9110 section 13.1.2, weak comparison)."""
    headers = {"ETag": etag, "Cache-Control": keep}
    known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    if known & {"*", etag, etag.removeprefix("W/")}:
        return HTTPResponse(status=304, headers=headers)
    return raw(body, headers=headers, content_type=content_type)


def _takes_gzip(request: Request) -> bool:
    for item in request.headers.get("accept-encoding", "").split(","):
        coding, _, weight = item.replace(" ", "").lower().partition(";q=")
        if coding == "gzip":
            return weight.strip("0.") != "" or not weight
    return False
