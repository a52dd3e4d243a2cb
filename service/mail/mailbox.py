"""/api/dev/mail: the letters of development, as a browser shows them. Never there in production."""

from __future__ import annotations

from email.message import EmailMessage
from html import escape
from typing import cast

import orjson
from sanic import Blueprint, HTTPResponse, Request
from sanic_ext import openapi

from service.core.http import JSON
from service.errors import NotFound
from service.mail.transport import LogTransport, text_of
from service.runtime import runtime_of

blueprint = Blueprint("mailbox", url_prefix="/api/dev/mail")

_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}}
li{{margin:.5rem 0}}small{{opacity:.7}}</style></head><body><h1>{title}</h1>{body}</body></html>"""


@blueprint.get("/")
@openapi.exclude()
async def mailbox(request: Request) -> HTTPResponse:
    """List the letters, the newest first: as a page, or as JSON for whoever asks for that."""
    found = list(reversed(_messages(request)))
    if JSON in request.headers.get("accept", ""):
        letters = [
            {"to": str(message["To"]), "subject": str(message["Subject"]), "text": text_of(message)}
            for message in found
        ]
        return HTTPResponse(orjson.dumps(letters), content_type=JSON)
    items = "".join(
        f'<li><a href="/api/dev/mail/{len(found) - 1 - number}">{escape(str(message["Subject"]))}</a>'
        f"<br><small>{escape(str(message['To']))}, {escape(str(message['Date']))}</small></li>"
        for number, message in enumerate(found)
    )
    body = f"<ol reversed>{items}</ol>" if items else "<p>No letters yet.</p>"
    return _html(_PAGE.format(title="Letters", body=body))


@blueprint.get("/<number:int>")
@openapi.exclude()
async def letter(request: Request, number: int) -> HTTPResponse:
    """Show one letter as its reader sees it."""
    found = _messages(request)
    if not 0 <= number < len(found):
        raise NotFound
    page = cast("EmailMessage", found[number].get_body(("html",)))
    return _html(str(page.get_content()))


def _messages(request: Request) -> list[EmailMessage]:
    mailer = runtime_of(request).mailer
    return list(mailer.mailbox) if isinstance(mailer, LogTransport) else []


def _html(page: str) -> HTTPResponse:
    return HTTPResponse(
        page, headers={"Content-Security-Policy": _PAGE_POLICY}, content_type="text/html; charset=utf-8"
    )
