"""The pages and the document as a browser gets them."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import validate

import service.documents

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = ["/api/docs", "/api/redoc"]
STATIC = Path(service.documents.__file__).parent / "static"


async def loaded_by(client: httpx.AsyncClient, page: str) -> list[str]:
    """Every address that a page names in an attribute."""
    return re.findall(r'(?:src|href|data-document)="([^"]*)"', (await client.get(page)).text)


async def test_document_is_valid_openapi_3_1(client: httpx.AsyncClient) -> None:
    """The document passes the validator, and describes itself but not the pages."""
    response = await client.get("/api/openapi.json")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    document = response.json()
    assert document["openapi"] == "3.1.0"
    validate(document)
    assert sorted(document["paths"]) == [
        "/.well-known/keys.json",
        "/api/openapi.json",
        "/api/people",
        "/api/people/login",
        "/api/people/{person}",
    ]


async def test_sanic_ext_publishes_nothing_of_its_own(client: httpx.AsyncClient) -> None:
    """Neither its pages nor its 3.0 document nor its oauth2-redirect (a blocking call to a CDN) are there."""
    for path in ["/docs", "/docs/swagger", "/docs/redoc", "/docs/openapi.json", "/docs/oauth2-redirect.html"]:
        assert (await client.get(path)).status_code == 404, path


@pytest.mark.parametrize("page", PAGES)
async def test_page_is_served_with_and_without_a_trailing_slash(client: httpx.AsyncClient, page: str) -> None:
    """Both spellings give the same HTML, with the escaped title."""
    plain, slashed = await client.get(page), await client.get(page + "/")
    assert plain.status_code == slashed.status_code == 200
    assert plain.headers["content-type"] == "text/html; charset=utf-8"
    assert plain.content == slashed.content
    assert "<title>Sample &amp; Sons 1.2.3</title>" in plain.text


@pytest.mark.parametrize("page", PAGES)
async def test_page_loads_everything_from_here(client: httpx.AsyncClient, page: str) -> None:
    """No address on the page leads elsewhere, each one works, and may be kept for ever if it carries a digest."""
    addresses = await loaded_by(client, page)
    assert "http" not in (await client.get(page)).text
    assert "/api/openapi.json" in addresses
    assert len(addresses) >= 5
    for address in addresses:
        assert address.startswith("/api/")
        response = await client.get(address)
        assert response.status_code == 200, address
        if "/assets/" in address:
            assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert response.headers["content-type"].split(";")[0] in {"text/javascript", "text/css", "image/png"}


@pytest.mark.parametrize("page", PAGES)
async def test_page_runs_under_a_strict_policy(client: httpx.AsyncClient, page: str) -> None:
    """There is no inline script or style, and the policy allows none from elsewhere."""
    response = await client.get(page)
    policy = dict(item.split(" ", 1) for item in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert "http" not in response.headers["content-security-policy"]
    assert re.findall(r"<script(?![^>]* src=)", response.text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", response.text) == []


async def test_swagger_page_needs_no_inline_styles(client: httpx.AsyncClient) -> None:
    """Only Redoc writes style elements; Swagger UI's page stays without the exception."""
    assert "unsafe" not in (await client.get("/api/docs")).headers["content-security-policy"]


@pytest.mark.parametrize(
    "name",
    [
        "docs.js",
        "swagger-ui-bundle.js",
        "README.md",
        "../routes.py",
        "..%2froutes.py",
        "..%2Fstatic%2FREADME.md",
        "%2e%2e%2froutes.py",
        "....//routes.py",
        "%2fetc%2fpasswd",
        "..%5croutes.py",
        "docs.0000000000000000.js",
    ],
)
async def test_only_whole_names_of_the_table_are_found(client: httpx.AsyncClient, name: str) -> None:
    """Neither a path out of the directory nor a file without its digest is found."""
    # httpx normalises ".." away in a URL, a hostile client doesn't: so the raw path is given.
    url = client.base_url.copy_with(raw_path=f"/api/docs/assets/{name}".encode())
    response = await client.send(httpx.Request("GET", url))
    assert response.status_code == 404


async def test_compressed_only_for_those_who_ask(client: httpx.AsyncClient) -> None:
    """With and without gzip the same script arrives, and caches are told that the two differ."""
    address = next(item for item in await loaded_by(client, "/api/docs") if "swagger-ui-bundle" in item)
    packed = await client.get(address, headers={"accept-encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(packed.content) / 2
    for accepted in ["identity", "gzip;q=0", "gzip; q=0.0"]:
        plain = await client.get(address, headers={"accept-encoding": accepted})
        assert "content-encoding" not in plain.headers
        assert plain.content == packed.content
        assert plain.headers["vary"] == "Accept-Encoding"


async def test_what_a_browser_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    """The document, the pages and their files answer 304 to their own ETag and 200 to another."""
    for address in ["/api/openapi.json", *PAGES, *await loaded_by(client, "/api/redoc")]:
        tag = (await client.get(address)).headers["etag"]
        again = await client.get(address, headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"]
        assert (await client.get(address, headers={"if-none-match": 'W/"other"'})).status_code == 200


async def test_vendored_redoc_is_the_published_one(client: httpx.AsyncClient) -> None:
    """The file in the repository is what the README says; what is served asks no other host for its logo."""
    vendored = (STATIC / "redoc.standalone.js").read_bytes()
    assert sha256(vendored).hexdigest() in (STATIC / "README.md").read_text("utf-8")
    assert vendored.count(b"https://cdn.") == 1
    address = next(item for item in await loaded_by(client, "/api/redoc") if "redoc.standalone" in item)
    served = (await client.get(address)).content
    assert b"https://cdn." not in served
    assert b"fonts.googleapis" not in served
