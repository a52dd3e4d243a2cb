"""/.well-known/oauth-authorization-server: where a library finds everything (RFC 8414)."""

from __future__ import annotations

import httpx
import pytest

from service.runtime import Runtime
from tests.http.support import another, hold_problem
from tests.support.people import PASSWORD, Person

WELL_KNOWN = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"


async def test_what_it_says(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """RFC 8414 section 2: the issuer of our tokens, its calls, and how one shows who one is at each."""
    issuer = runtime.settings.PUBLIC_URL
    response = await client.get(WELL_KNOWN, headers={"Host": "evil.example"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "public, max-age=300"
    assert response.json() == {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "token_endpoint": f"{issuer}/oauth/token",
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "grant_types_supported": ["password", "refresh_token"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": ["ES256", "EdDSA", "Ed25519", "RS256"],
    }
    assert (await client.get(OPENID)).json() == response.json()


async def test_the_issuer_is_that_of_the_tokens(client: httpx.AsyncClient, ada: Person) -> None:
    """RFC 8414 section 2: what a verifier compares `iss` with."""
    said = (await client.get(WELL_KNOWN)).json()
    assert (await ada.log_in()).claims["iss"] == said["issuer"]


async def test_every_call_is_there(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """Each address that it names answers: the calls say what is missing, the keys are there."""
    said = (await client.get(WELL_KNOWN)).json()
    for name, address in said.items():
        path = str(address).removeprefix(runtime.settings.PUBLIC_URL)
        if name.endswith("_endpoint"):
            assert (await client.get(path)).status_code == 405
            assert (await client.post(path)).status_code in (400, 401)
    assert (await client.get(said["jwks_uri"].removeprefix(runtime.settings.PUBLIC_URL))).status_code == 200


@pytest.mark.parametrize("path", ["/id", "/a/b", "/caf%C3%A9", "/a.b~c"])
async def test_an_issuer_with_a_path(runtime: Runtime, path: str) -> None:
    """RFC 8414 section 3.1: the path stands behind the name; and before it, where a proxy takes it away."""
    issuer = f"https://host.example{path}"
    async with another(runtime, PUBLIC_URL=issuer) as url, httpx.AsyncClient(base_url=url) as client:
        for name in (WELL_KNOWN, OPENID):
            for asked in (name, f"{name}{path}", f"{name}{path}/"):
                said = (await client.get(asked)).json()
                assert said["issuer"] == issuer
                assert said["token_endpoint"] == f"{issuer}/oauth/token"
                assert said["jwks_uri"] == f"{issuer}/.well-known/jwks.json"
            for asked in ("/other", f"{path}/x", f"/x{path}", path.upper(), "/%00"):
                hold_problem(await client.get(f"{name}{asked}"), 404)


async def test_an_issuer_without_a_path(client: httpx.AsyncClient) -> None:
    """Another path is another issuer, which isn't here."""
    for name in (WELL_KNOWN, OPENID):
        for asked in ("/id", "/x/y", "/oauth-authorization-server"):
            hold_problem(await client.get(f"{name}{asked}"), 404)
        assert (await client.get(f"{name}/")).status_code == 200  # a slash at the end makes no difference


async def test_behind_a_proxy_that_takes_the_path_away(runtime: Runtime, ada: Person) -> None:
    """With PUBLIC_URL=https://host/id the calls are where they always are; only what is said of them has the path."""
    async with another(runtime, PUBLIC_URL="https://host.example/id") as url, httpx.AsyncClient(base_url=url) as client:
        form = {"grant_type": "password", "username": ada.email, "password": PASSWORD}
        assert (await client.post("/oauth/token", data=form)).status_code == 200
