"""Which client is calling: what it shows (RFC 6749 section 2.3.1), and whether that is right."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import unquote_to_bytes

from service.errors import BadRequest, InvalidClient, UnauthorizedClient
from service.oauth import clients
from service.oauth.clients import Known, Shown
from service.runtime import Runtime

_BOTH_WAYS: Final = "The client shows itself in two ways at once: by its Authorization header, and in the form."
_OF_TOKENS: Final = ("bearer", "dpop")
_MOST: Final = 1024  # far more than any of ours has


class Headers(Protocol):
    """What a request says beside its body."""

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """Return every value of one header."""


class Asked(Protocol):
    """A request, as far as it says who sends it."""

    @property
    def headers(self) -> Headers:
        """Its headers."""


def credentials_of(request: Asked, form: Mapping[str, str], *, public: bool = False) -> Shown | None:
    """Return what a client shows of itself; None where it shows nothing.

    That is a header (`client_secret_basic`) or two fields of the form (`client_secret_post`). `client_id` by itself is
    no way of authenticating, and may stand beside a header that says the same (RFC 6749 section 3.2.1). Raises
    `BadRequest` for both ways at once, `InvalidClient` for a header that is no Basic, or can't be read.

    Where a client needn't show itself (`public`), an access token says nothing of it: clients that put one into each
    call do so here as well, and whoever refreshes has one that is over.
    """
    headers = request.headers.getall("authorization", [])
    if public and len(headers) == 1 and headers[0].partition(" ")[0].lower() in _OF_TOKENS:
        headers = []
    in_header = _basic(headers) if headers else None
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if in_header is None:
        return Shown(client_id, secret) if client_id or secret else None
    if secret or client_id not in ("", in_header.client_id):
        raise BadRequest(_BOTH_WAYS)
    return in_header


async def resource_server(runtime: Runtime, shown: Shown | None) -> Known:
    """Return which resource server is calling; raise `InvalidClient` unless it shows a living secret of its own."""
    known = await clients.find(shown, runtime.clock) if shown is not None else None
    if known is None:
        raise InvalidClient
    return known


async def public_or_known(runtime: Runtime, shown: Shown | None, *, tokens: bool = False) -> None:
    """Let in who shows no secret and is no client of ours, or is one and shows its own; raise `InvalidClient` else.

    First-party clients have no secret, so whatever they call themselves is fine (RFC 6749 section 2.1). With `tokens`,
    where those are given out, a client of ours is refused: `UnauthorizedClient`.
    """
    if shown is None:
        return
    if shown.secret:
        await resource_server(runtime, shown)
        if tokens:
            raise UnauthorizedClient
    elif await clients.is_registered(shown.client_id):
        raise InvalidClient


def _basic(headers: list[str]) -> Shown | None:
    """Return what a header says, None where it says nothing: some libraries send one with no name and no secret.

    RFC 6749 section 2.3.1: both halves are encoded as in forms, before they are what RFC 7617 makes of them.
    """
    scheme, _, text = headers[0].partition(" ")
    if len(headers) != 1 or scheme.lower() != "basic" or len(text) > _MOST:
        raise InvalidClient
    try:
        name, colon, secret = b64decode(text.strip(" "), validate=True).decode("ascii").partition(":")
        if not colon:
            raise InvalidClient
        shown = Shown(_from_form(name), _from_form(secret))
    except ValueError:  # of base64, of ASCII, of UTF-8
        raise InvalidClient from None
    return shown if shown.client_id or shown.secret else None


def _from_form(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
