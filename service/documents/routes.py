"""GET /api/openapi.json, /api/docs (Swagger UI) and /api/redoc, and the files the two pages load."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from html import escape
from typing import Any, Final

import orjson
from sanic import HTTPResponse, Request, Sanic

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.files import FOR_EVER, REVALIDATE, send_cached, send_file
from service.core.http.messages import JSON
from service.core.http.operations import answer, header
from service.documents.assets import assets, versioned
from service.errors import NotFound
from service.settings import Settings

PREFIX: Final = "/api"
DOCUMENT_URL: Final = f"{PREFIX}/openapi.json"
ASSETS_URL: Final = f"{PREFIX}/docs/assets"

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SWAGGER_POLICY: Final = f"{_POLICY}; style-src 'self'"
# Redoc writes style elements as it goes, and indexes the document for its search box in a worker made from a blob.
REDOC_POLICY: Final = f"{_POLICY}; style-src 'self' 'unsafe-inline'; worker-src blob:"

blueprint = Blueprint("documents", url_prefix=PREFIX)


def publish(app: Sanic[Any, Any], settings: Settings) -> None:
    """Serve the document and its pages, unless the settings say no."""
    if settings.DOCS_ENABLED:
        app.blueprint(blueprint)


@blueprint.get("/openapi.json")
@openapi.definition(
    response=[
        answer(200, dict[str, Any], "An OpenAPI 3.1 document.", headers={"ETag": "Its version"}),
        answer(304, None, "You have it.", headers={"ETag": "Its version"}),
    ],
    parameter=header("If-None-Match", {"type": "string"}, "The `ETag` of the one you have."),
    tag="operations",
)
async def openapi_json(request: Request) -> HTTPResponse:
    """Get this document."""
    # Built on first use, when every route is registered, and then kept: routes don't change while the service runs.
    building: asyncio.Task[tuple[bytes, str]] | None = getattr(request.app.ctx, "openapi_document", None)
    if building is None:
        building = request.app.ctx.openapi_document = asyncio.create_task(asyncio.to_thread(_built, request.app))
    body, version = await asyncio.shield(building)  # others wait for it, too
    return send_cached(request, body, version, JSON, REVALIDATE)


def _built(app: Sanic[Any, Any]) -> tuple[bytes, str]:
    """Return the document and its version. It takes half a second: not on the event loop."""
    from service.documents.openapi import build_document  # with sanic-ext, which nothing else needs

    body = orjson.dumps(build_document(app))
    return body, f'W/"{sha256(body).hexdigest()[:16]}"'


@blueprint.get("/docs")
@openapi.definition(exclude=True)
async def docs(request: Request) -> HTTPResponse:
    """Show the document in Swagger UI."""
    return await _page(
        request, "swagger-ui", ["page.css", "swagger-ui.css"], ["swagger-ui-bundle.js", "docs.js"], SWAGGER_POLICY
    )


@blueprint.get("/redoc")
@openapi.definition(exclude=True)
async def redoc(request: Request) -> HTTPResponse:
    """Show the document in Redoc."""
    return await _page(request, "redoc", ["page.css"], ["redoc.standalone.js", "redoc.js"], REDOC_POLICY)


@blueprint.get("/docs/assets/<name:str>")
@openapi.definition(exclude=True)
async def asset(request: Request, name: str) -> HTTPResponse:
    """Send one file of the pages; anything that isn't exactly a key of the table is not found."""
    found = (await asyncio.to_thread(assets)).get(name)
    if found is None:
        raise NotFound
    return send_file(request, found, FOR_EVER)


async def _page(request: Request, root: str, styles: list[str], scripts: list[str], policy: str) -> HTTPResponse:
    await asyncio.to_thread(assets)  # their digests are part of the page; reading and packing takes a moment
    title = escape(f"{request.app.config.API_TITLE} {request.app.config.API_VERSION}")
    links = "".join(f'<link rel="stylesheet" href="{ASSETS_URL}/{versioned(name)}">\n' for name in styles)
    loads = "".join(f'<script defer src="{ASSETS_URL}/{versioned(name)}"></script>\n' for name in scripts)
    body = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" type="image/png" href="{ASSETS_URL}/{versioned("favicon-32x32.png")}">
{links}{loads}</head>
<body>
<div id="{root}" data-document="{DOCUMENT_URL}"></div>
<noscript>This page needs JavaScript. The document itself is at <a href="{DOCUMENT_URL}">{DOCUMENT_URL}</a>.</noscript>
</body>
</html>
""".encode()
    response = send_cached(
        request, body, f'W/"{sha256(body).hexdigest()[:16]}"', "text/html; charset=utf-8", REVALIDATE
    )
    response.headers["Content-Security-Policy"] = policy
    return response
