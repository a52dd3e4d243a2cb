"""/api/dev/mail: the letters of development, as a browser shows them. Never there in production.

The letters hold links that set passwords, so the page is for whoever sits at this machine, and isn't there for anybody
else: not for the network that a service on 0.0.0.0 can be reached from, not for what a proxy or a tunnel passes on, and
not for a page whose name has just been made to mean this machine (DNS rebinding).
"""

from __future__ import annotations

import re
from contextlib import suppress
from email.message import EmailMessage
from html import escape
from typing import Any, Final, cast
from urllib.parse import urlsplit

import orjson
from sanic import HTTPResponse, Request, Sanic

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import JSON
from service.core.http.networks import is_loopback
from service.core.http.problems import render
from service.errors import NotFound
from service.runtime import runtime_of
from service.settings import Settings
from service.stores.mailer import LogTransport, text_of

PREFIX: Final = "/api/dev"

blueprint = Blueprint("mailbox", url_prefix=f"{PREFIX}/mail")

# What proxies and tunnels add, each in its own way. A development server's proxy adds none of it for this machine's own
# browser, and says so of everybody else (frontend/app/vite.config.ts).
_PASSED_ON: Final = re.compile(
    r".*(forwarded|client-?ip|real-ip|connecting-ip|remote-(ip|addr)|original-(host|url|uri)|external-address).*"
    r"|via|cdn-loop"
)

_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}}
li{{margin:.5rem 0}}small{{opacity:.7}}</style></head><body><h1>{title}</h1>{body}</body></html>"""


def offer_mailbox(app: Sanic[Any, Any], settings: Settings) -> None:
    """Serve the letters to whoever sits at this machine. To others every path under it is one that doesn't exist."""
    if settings.production:
        return

    async def hide(request: Request) -> HTTPResponse | None:
        inside = request.path == PREFIX or request.path.startswith(f"{PREFIX}/")
        # Here, not in the routes: those would still tell which methods there are.
        return render(request, NotFound()) if inside and not is_local(request) else None

    app.blueprint(blueprint)
    app.register_middleware(hide, "request", priority=50)


def is_local(request: Request) -> bool:
    """Return whether a person at this machine has sent the request, by its socket and by what it says of its way."""
    settings = runtime_of(request).settings
    if settings.PROXIES_COUNT or not is_loopback(str(request.ip or "")):
        return False
    if any(_PASSED_ON.fullmatch(name.lower()) for name in request.headers):
        return False
    if request.version == "1.0":  # no browser's; some proxies speak it that say nothing else of themselves
        return False
    hosts = request.headers.getall("host", [])
    return len(hosts) == 1 and _is_ours(hosts[0], settings.PUBLIC_URL)


def _is_ours(host: str, public_url: str) -> bool:
    # A page of evil.example whose address has become 127.0.0.1 still calls us evil.example.
    found = None
    with suppress(ValueError):
        parts = urlsplit(f"//{host}")
        if parts.netloc == host and "@" not in host and parts.port != 0:
            found = parts.hostname
    return found is not None and (is_loopback(found) or found == urlsplit(public_url).hostname)


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
    if not is_local(request):
        raise NotFound
    mailer = runtime_of(request).mailer
    return list(mailer.mailbox) if isinstance(mailer, LogTransport) else []


def _html(page: str) -> HTTPResponse:
    return HTTPResponse(
        page, headers={"Content-Security-Policy": _PAGE_POLICY}, content_type="text/html; charset=utf-8"
    )
