"""Libraries that nobody here wrote, against the running service: each works, and takes our refusals for what they are.

They are synchronous, so each plays in a thread. What they raise is theirs: an `invalid_grant` has to be one to them.
"""

from __future__ import annotations

import asyncio
import base64
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import requests
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session as RequestsClient
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from oauthlib.oauth2 import LegacyApplicationClient, OAuth2Error
from oauthlib.oauth2.rfc6749 import errors as oauthlib_errors
from requests_oauthlib import OAuth2Session as LibSession

from service.core.clock import Clock
from service.errors import Unavailable
from service.runtime import Runtime
from tests.auth.test_throttle import FREE, LIMITS
from tests.factors.support import owner_of
from tests.http.support import another
from tests.oauth.support import INACTIVE, Service
from tests.support.people import PASSWORD, Person, assert_problem

with warnings.catch_warnings():  # it would have another library of the same author beside, which isn't there
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from authlib.integrations.httpx_client import OAuth2Client as HttpxClient

ADA = {"username": "ada@example.com", "password": PASSWORD}
WRONG = {**ADA, "password": "wrong"}

Maker = Callable[..., Any]
"""Makes a client, which is closed when the test is over."""


@pytest.fixture(autouse=True)
def over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Oauthlib refuses to speak without TLS unless it is told that this is a test."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
async def guarded(runtime: Runtime) -> AsyncIterator[str]:
    """The address of a service with the limits that it has by itself."""
    async with another(runtime, **LIMITS) as url:
        yield url


def closing(kind: Maker) -> Iterator[Maker]:
    made: list[Any] = []

    def make(*given: Any, **named: Any) -> Any:
        made.append(kind(*given, **named))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture(params=[RequestsClient, HttpxClient], ids=["authlib-requests", "authlib-httpx"])
def make(request: pytest.FixtureRequest) -> Iterator[Maker]:
    """Authlib's two synchronous clients, which share all but their HTTP."""
    yield from closing(request.param)


@pytest.fixture
def requests_client() -> Iterator[Maker]:
    """Requests-oauthlib as its manual has it for the password grant."""
    yield from closing(lambda **named: LibSession(client=LegacyApplicationClient(client_id="my-app"), **named))


async def by(play: Callable[..., Any], *given: Any, **named: Any) -> Any:
    return await asyncio.to_thread(play, *given, **named)


async def test_authlib(base_url: str, ada: Person, make: Maker) -> None:
    """Password, a call, a refresh, a call, a revocation, and the refusal after it."""

    def play() -> None:
        client = make("my-app", token_endpoint=f"{base_url}/oauth/token")
        first = client.fetch_token(**ADA)
        assert first["token_type"] == "Bearer"
        assert first["expires_at"]
        assert client.get(f"{base_url}/api/users/me").json()["email"] == ada.email
        second = client.refresh_token()
        assert second["refresh_token"] != first["refresh_token"]
        assert client.get(f"{base_url}/api/users/me").status_code == 200
        answer = client.revoke_token(f"{base_url}/oauth/revoke", token_type_hint="refresh_token")
        assert answer.status_code == 200
        assert client.get(f"{base_url}/api/users/me").status_code == 401
        with pytest.raises(OAuthError) as refused:
            client.refresh_token()
        assert refused.value.error == "invalid_grant"

    await by(play)


async def test_authlib_by_itself(base_url: str, ada: Person, make: Maker) -> None:
    """A token that is about to run out is refreshed before the call, and handed to whoever keeps it."""
    kept: list[dict[str, Any]] = []

    def play() -> None:
        client = make(
            "my-app",
            token_endpoint=f"{base_url}/oauth/token",
            leeway=3_600,
            update_token=lambda token, **_: kept.append(dict(token)),
        )
        first = client.fetch_token(**ADA)["refresh_token"]
        for _ in range(3):
            assert client.get(f"{base_url}/api/users/me").status_code == 200
        assert kept
        assert kept[0]["refresh_token"] != first

    await by(play)


async def test_authlib_and_what_is_refused(
    base_url: str, ada: Person, clock: Clock, make: Maker, runtime: Runtime
) -> None:
    """A wrong password, a token that is none, a spent one, a factor that is owed: `invalid_grant`, with a sentence."""

    def hold(play: Callable[[], Any], error: str = "invalid_grant") -> str:
        with pytest.raises(OAuthError) as refused:
            play()
        assert refused.value.error == error
        return str(refused.value.description)

    def at_first() -> None:
        client = make("my-app", token_endpoint=f"{base_url}/oauth/token")
        assert hold(lambda: client.fetch_token(**WRONG)) == "Incorrect email or password"
        hold(lambda: client.refresh_token(refresh_token="lkr_none"))
        hold(lambda: client.fetch_token(grant_type="client_credentials"), "unsupported_grant_type")
        hold(lambda: client.fetch_token(method="GET", **ADA), "invalid_request")
        spent = client.fetch_token(**ADA)["refresh_token"]
        client.refresh_token()
        assert client.get(f"{base_url}/api/users/me").status_code == 200
        clock.advance(60)
        assert "already used" in hold(lambda: client.refresh_token(refresh_token=spent))
        secretive = make("my-app", "a secret", token_endpoint=f"{base_url}/oauth/token")
        hold(lambda: secretive.fetch_token(**ADA), "invalid_client")

    def with_a_factor() -> None:
        client = make("my-app", token_endpoint=f"{base_url}/oauth/token")
        assert "second factor" in hold(lambda: client.fetch_token(**ADA))

    await by(at_first)
    await owner_of(ada, clock)
    await by(with_a_factor)


async def test_authlib_has_to_wait(guarded: str, ada: Person, make: Maker) -> None:
    """429 is an error to it, and no token."""

    def play() -> None:
        client = make("my-app", token_endpoint=f"{guarded}/oauth/token")
        said = set()
        for _ in range(FREE + 1):
            with pytest.raises(OAuthError) as refused:
                client.fetch_token(**WRONG)
            said.add(refused.value.error)
        assert said == {"invalid_grant", "temporarily_unavailable"}
        with pytest.raises(OAuthError) as refused:
            client.fetch_token(f"{guarded}/api/auth/login", **ADA)
        assert refused.value.error == "temporarily_unavailable"

    await by(play)


def away(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise Unavailable("redis")

    monkeypatch.setattr(runtime.redis, "run", fail)


async def test_authlib_and_an_outage(
    base_url: str, ada: Person, runtime: Runtime, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 is the error of its HTTP library, with `Retry-After`; the token is good afterwards."""
    clients = [make("my-app", token_endpoint=f"{base_url}/oauth/token") for _ in range(2)]
    await by(clients[0].fetch_token, **ADA)

    def play() -> None:
        for call in (lambda: clients[1].fetch_token(**ADA), clients[0].refresh_token):
            with pytest.raises((httpx.HTTPStatusError, requests.HTTPError)) as refused:
                call()
            answer: Any = refused.value.response  # type: ignore[attr-defined]  # both have one
            assert answer.status_code == 503
            assert answer.headers["retry-after"]

    with monkeypatch.context() as broken:
        away(runtime, broken)
        await by(play)
    await by(clients[0].refresh_token)


async def test_authlib_introspects(base_url: str, ada: Person, billing: Service, make: Maker) -> None:
    """As another service of the owner's, by either way of showing its secret; a right one may revoke, too."""
    session = await ada.log_in()

    def play() -> None:
        for method in ("client_secret_basic", "client_secret_post"):
            service = make(billing.client_id, billing.secret, token_endpoint_auth_method=method)
            found = service.introspect_token(f"{base_url}/oauth/introspect", token=session.access_token).json()
            assert (found["active"], found["username"]) == (True, ada.email)
        for method in ("client_secret_basic", "client_secret_post"):
            service = make(billing.client_id, billing.secret, revocation_endpoint_auth_method=method)
            assert service.revoke_token(f"{base_url}/oauth/revoke", token=session.access_token).status_code == 200
        found = service.introspect_token(f"{base_url}/oauth/introspect", token=session.access_token).json()
        assert found == INACTIVE

    await by(play)


async def test_authlib_asynchronously(base_url: str, ada: Person) -> None:
    """Its third client, for asyncio."""
    async with AsyncOAuth2Client("my-app", token_endpoint=f"{base_url}/oauth/token") as client:
        await client.fetch_token(**ADA)
        await client.refresh_token()
        assert (await client.get(f"{base_url}/api/users/me")).status_code == 200
        with pytest.raises(OAuthError) as refused:
            await client.fetch_token(**WRONG)
        assert refused.value.error == "invalid_grant"


async def test_authlib_finds_everything(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """RFC 8414, by its own rules for each member that a service without a page to log in has to have."""
    found = AuthorizationServerMetadata((await client.get("/.well-known/oauth-authorization-server")).json())
    if found["issuer"].startswith("https://"):
        found.validate_issuer()
    for name in (
        "authorization_endpoint", "grant_types_supported", "response_modes_supported",
        "token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_methods_supported",
    ):  # fmt: skip
        getattr(found, f"validate_{name}")()


async def test_requests_oauthlib(base_url: str, ada: Person, requests_client: Maker) -> None:
    """Password, a call, a refresh by itself, and its own way of keeping the token."""
    kept: list[dict[str, Any]] = []
    url = f"{base_url}/oauth/token"

    def play() -> None:
        client = requests_client(auto_refresh_url=url, token_updater=kept.append)
        first = client.fetch_token(url, **ADA)
        assert client.get(f"{base_url}/api/users/me").json()["email"] == ada.email
        client.token = {**first, "expires_in": -10, "expires_at": 1}
        assert client.get(f"{base_url}/api/users/me").status_code == 200
        assert kept[0]["refresh_token"] != first["refresh_token"]
        again = client.refresh_token(url)
        assert again["token_type"] == "Bearer"

    await by(play)


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"include_client_id": True},
        {"include_client_id": False},
        {"auth": requests.auth.HTTPBasicAuth("my-app", "")},
        {"client_secret": ""},
        {"headers": {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}},
        {"scope": ["openid"]},
    ],
)
async def test_requests_oauthlib_in_any_way(
    base_url: str, ada: Person, requests_client: Maker, named: dict[str, Any]
) -> None:
    """However it shows a client that has no secret: by nothing, by Basic with an empty half, by a field."""
    client = requests_client()
    token = await by(client.fetch_token, f"{base_url}/oauth/token", **ADA, **named)
    assert token["access_token"]


async def test_requests_oauthlib_and_what_is_refused(
    base_url: str, ada: Person, requests_client: Maker, clock: Clock
) -> None:
    """Its own `InvalidGrantError`, where it used to find a token missing; and its own classes for the others."""
    url = f"{base_url}/oauth/token"

    def hold(error: type[OAuth2Error], play: Callable[[], Any]) -> str:
        with pytest.raises(error) as refused:
            play()
        return str(refused.value.description)

    def at_first() -> None:
        client = requests_client()
        said = hold(oauthlib_errors.InvalidGrantError, lambda: client.fetch_token(url, **WRONG))
        assert said == "Incorrect email or password"
        hold(oauthlib_errors.InvalidGrantError, lambda: client.refresh_token(url, refresh_token="lkr_none"))
        hold(oauthlib_errors.InvalidClientError, lambda: client.fetch_token(url, **ADA, client_secret="x"))
        spent = client.fetch_token(url, **ADA)["refresh_token"]
        client.refresh_token(url)
        assert client.get(f"{base_url}/api/users/me").status_code == 200
        clock.advance(60)
        hold(oauthlib_errors.InvalidGrantError, lambda: client.refresh_token(url, refresh_token=spent))

    def with_a_factor() -> None:
        client = requests_client()
        said = hold(oauthlib_errors.InvalidGrantError, lambda: client.fetch_token(url, **ADA))
        assert "second factor" in said

    await by(at_first)
    await owner_of(ada, clock)
    await by(with_a_factor)


async def test_requests_oauthlib_has_to_wait(guarded: str, ada: Person, requests_client: Maker) -> None:
    """429 is `temporarily_unavailable` to it, wherever it was sent."""

    def play() -> None:
        client = requests_client()
        for _ in range(FREE):
            with pytest.raises(oauthlib_errors.InvalidGrantError):
                client.fetch_token(f"{guarded}/oauth/token", **WRONG)
        for path in ("/oauth/token", "/api/auth/login"):
            with pytest.raises(oauthlib_errors.TemporarilyUnavailableError):
                client.fetch_token(f"{guarded}{path}", **ADA)

    await by(play)


async def test_requests_oauthlib_and_an_outage(
    base_url: str, ada: Person, runtime: Runtime, requests_client: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is 503; the token is good afterwards."""
    client = requests_client()
    await by(client.fetch_token, f"{base_url}/oauth/token", **ADA)

    def play() -> None:
        for path in ("/oauth/token", "/api/auth/login"):
            with pytest.raises(oauthlib_errors.TemporarilyUnavailableError):
                requests_client().fetch_token(f"{base_url}{path}", **ADA)
        with pytest.raises(oauthlib_errors.TemporarilyUnavailableError):
            client.refresh_token(f"{base_url}/oauth/token")

    with monkeypatch.context() as broken:
        away(runtime, broken)
        await by(play)
    await by(client.refresh_token, f"{base_url}/oauth/token")


async def test_authlib_pointed_at_the_api(base_url: str, ada: Person, make: Maker) -> None:
    """Whoever has pointed a library at /api/auth reads our problems as errors: none is taken for a token any more."""

    def play() -> None:
        client = make("my-app")
        assert client.fetch_token(f"{base_url}/api/auth/login", **ADA)["access_token"]
        with pytest.raises(OAuthError) as refused:
            client.fetch_token(f"{base_url}/api/auth/login", **WRONG)
        assert refused.value.error == "invalid_grant"
        with pytest.raises(OAuthError) as refused:  # it takes JSON alone
            client.refresh_token(f"{base_url}/api/auth/refresh")
        assert refused.value.error == "invalid_request"

    await by(play)


async def test_requests_oauthlib_pointed_at_the_api(base_url: str, ada: Person, requests_client: Maker) -> None:
    """The same for the other one."""

    def play() -> None:
        client = requests_client()
        assert client.fetch_token(f"{base_url}/api/auth/login", **ADA)["access_token"]
        with pytest.raises(oauthlib_errors.InvalidGrantError):
            client.fetch_token(f"{base_url}/api/auth/login", **WRONG)
        with pytest.raises(OAuth2Error) as refused:
            client.refresh_token(f"{base_url}/api/auth/refresh")
        assert refused.value.error == "invalid_request"

    await by(play)


async def test_an_empty_basic_at_the_api(client: httpx.AsyncClient, ada: Person) -> None:
    """What libraries send along of a client changes nothing at /api/auth, as before."""
    shown = base64.b64encode(b"undefined:undefined").decode()
    response = await client.post("/api/auth/login", data=WRONG, headers={"Authorization": f"Basic {shown}"})
    assert assert_problem(response, 400, "invalid_grant")["error"] == "invalid_grant"
