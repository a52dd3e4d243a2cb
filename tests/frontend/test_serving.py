"""The service shows the built application at `/`, and stays an API everywhere else."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from service.app import create_app
from service.features import read_settings
from service.frontend.settings import FrontendSettings
from service.runtime import Runtime
from service.settings.checks import ConfigurationError
from tests.http.support import hold_oauth
from tests.support.people import assert_problem
from tests.support.serving import served
from tests.support.stores import SECRET

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
INDEX = '<!doctype html><title>App</title><script type="module" src="/assets/index-4f3a.js"></script>'


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built application, as Vite leaves it, and a secret beside it."""
    found = tmp_path_factory.mktemp("site") / "dist"
    (found / "assets").mkdir(parents=True)
    (found / "index.html").write_text(INDEX)
    (found / "favicon.svg").write_text("<svg/>")
    (found / "assets" / "index-4f3a.js").write_text("console.log('app');" * 50)
    (found / "assets" / "logo-1b2c.png").write_bytes(b"\x89PNG")
    (found.parent / "secret.txt").write_text("secret")
    (found / "link.txt").symlink_to(found.parent / "secret.txt")
    return found


@pytest.fixture(scope="module")
async def site(shared_runtime: Runtime, dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = shared_runtime.settings.model_copy(update={"SERVE_FRONTEND": str(dist)})
    async with (
        served(create_app(runtime=replace(shared_runtime, settings=settings))) as url,
        httpx.AsyncClient(base_url=url, verify=False) as client,
    ):
        yield client


@pytest.mark.parametrize("path", ["/", "/login", "/users/2ec25cb3", "/reset-password", "/jane.doe", "/apiary", "/a/b/"])
async def test_pages(site: httpx.AsyncClient, path: str) -> None:
    """A navigation anywhere gets the application, which knows its own routes; asked for again each time."""
    response = await site.get(path, headers=PAGE)
    assert (response.status_code, response.text) == (200, INDEX)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    again = await site.get(path, headers=PAGE | {"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_policy(site: httpx.AsyncClient) -> None:
    """R55: nothing inline, nothing from elsewhere, in no frame; and the headers that every answer has."""
    for path in ("/", "/assets/index-4f3a.js"):
        headers = (await site.get(path, headers=PAGE)).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert {policy[name] for name in ("default-src", "script-src", "connect-src", "form-action")} == {"'self'"}
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]


async def test_hashed_files_are_kept_for_ever(site: httpx.AsyncClient, dist: Path) -> None:
    """Their names change with their content; they are packed where that gains something."""
    response = await site.get("/assets/index-4f3a.js", headers={"Accept-Encoding": "gzip, br"})
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["vary"]
    assert response.content == (dist / "assets" / "index-4f3a.js").read_bytes()
    plain = await site.get("/assets/index-4f3a.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == response.content
    picture = await site.get("/assets/logo-1b2c.png")
    assert (picture.headers["content-type"], picture.content) == ("image/png", b"\x89PNG")
    assert "content-encoding" not in picture.headers
    assert (await site.get("/favicon.svg")).headers["cache-control"] == "no-cache"


async def test_head(site: httpx.AsyncClient) -> None:
    """HEAD says what GET would, without the body."""
    for path in ("/", "/assets/index-4f3a.js", "/login"):
        head, get = await site.head(path, headers=PAGE), await site.get(path, headers=PAGE)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "cache-control", "etag", "content-length", "content-security-policy"):
            assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/users/me/nothing", "/.well-known/nothing"])
async def test_the_api_stays_an_api(site: httpx.AsyncClient, path: str) -> None:
    """An unknown path of the API is a problem document, for browsers too."""
    assert_problem(await site.get(path, headers=PAGE), 404, "not_found")


@pytest.mark.parametrize("path", ["/oauth", "/oauth/", "/oauth/nothing", "/oauth/authorize"])
async def test_oauth_stays_oauth(site: httpx.AsyncClient, path: str) -> None:
    """Below /oauth/ it is OAuth 2's error, and never the page."""
    hold_oauth(await site.get(path, headers=PAGE), 404, "invalid_request")


async def test_what_is_no_page(site: httpx.AsyncClient) -> None:
    """A missing script must not be a page, nor what a program asks for; other methods find nothing; 405 stays 405."""
    for path in ("/assets/index-old.js", "/login", "/favicon.ico"):
        assert_problem(await site.get(path, headers={"Accept": "*/*"}), 404, "not_found")
    assert_problem(await site.get("/assets/index-old.js", headers=PAGE), 404, "not_found")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert_problem(await site.request(method, "/login", headers=PAGE), 404, "not_found")
    assert_problem(await site.get("/api/auth/login", headers=PAGE), 405, "method_not_allowed")
    assert (await site.get("/api/health", headers=PAGE)).json() == {"status": "healthy"}


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
     "/assets/..%5c..%5csecret.txt", "//secret.txt", "/link.txt", "/index.html%00.txt"],
)  # fmt: skip
async def test_nothing_but_its_own_files(site: httpx.AsyncClient, path: str) -> None:
    """No spelling of a path leads out of the folder, nor does a link in it."""
    request = site.build_request("GET", "/", headers={"Accept": "*/*"})
    request.url = request.url.copy_with(raw_path=path.encode())
    response = await site.send(request)
    assert "secret" not in response.text
    assert_problem(response, 404, "not_found")


async def test_without_one(client: httpx.AsyncClient) -> None:
    """A service without a front end is an API at `/` as well."""
    assert_problem(await client.get("/", headers=PAGE), 404, "not_found")


def built(**given: object) -> Path | None:
    return read_settings(**given).of(FrontendSettings).frontend_directory


def test_which_folder(dist: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`auto` takes what is built and does without; a folder that was named and holds nothing stops the start."""
    given: dict[str, object] = {"SECRET_KEY": SECRET, "_env_file": None}
    monkeypatch.chdir(tmp_path)
    assert built(**given) is None
    folder = tmp_path / "frontend" / "app" / "dist"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    assert built(**given) == Path("frontend/app/dist")
    assert built(**given, SERVE_FRONTEND="off") is None
    assert built(**given, SERVE_FRONTEND=str(dist)) == dist
    with pytest.raises(ConfigurationError, match="SERVE_FRONTEND: must be `auto`, `off`, or a folder"):
        built(**given, SERVE_FRONTEND=str(tmp_path))


def test_packing_is_the_same_each_time(dist: Path) -> None:
    """Two processes of one service send the same bytes under one tag."""
    from service.frontend.site import Site

    first, second = (Site.load(dist).files["/assets/index-4f3a.js"] for _ in range(2))
    assert first == second
    assert first.packed is not None
    assert gzip.decompress(first.packed) == first.body
