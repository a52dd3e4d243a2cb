"""Authlib's OAuth2Session, as its manual has it."""

from __future__ import annotations

import sys
from typing import Any

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import get_well_known_url
from telling import cell, given, hold, refused

ISSUER = given["issuer"]
PERSON = {"username": given["person"], "password": given["password"]}
WRONG = {**PERSON, "password": "wrong"}


def session(address: str = f"{ISSUER}/oauth/token", **options: Any) -> OAuth2Session:
    """Make one for an application without a secret."""
    return OAuth2Session("app", token_endpoint=address, **options)


def error(client: OAuth2Session, **fields: str) -> str:
    """Hold that a log-in is its own error; return what that says besides."""
    found = refused(lambda: client.fetch_token(**fields), OAuthError)
    hold(found.error == "invalid_grant", found)
    return str(found.description)


def metadata(issuer: str) -> dict[str, Any]:
    """Read what the service says of itself, from where Authlib says that is."""
    answer = requests.get(get_well_known_url(issuer, external=True), timeout=10)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    hold(found["issuer"] == issuer, found["issuer"])
    return found


def service(method: str, secret: str = given["client_secret"]) -> OAuth2Session:
    """Make one for a service that asks about tokens."""
    return OAuth2Session(given["client_id"], secret, token_endpoint_auth_method=method)


def introspected(token: str) -> list[dict[str, Any]]:
    """Ask about a token, in both ways of showing a secret."""
    methods = ("client_secret_basic", "client_secret_post")
    return [service(method).introspect_token(f"{ISSUER}/oauth/introspect", token=token).json() for method in methods]


def away() -> str:
    """503 is an error of its HTTP library's, with the answer."""
    client = session(token={"access_token": given["access_token"], "refresh_token": given["refresh_token"]})
    for work in (client.refresh_token, lambda: session().fetch_token(**PERSON)):
        answer = refused(work, requests.HTTPError).response
        hold(answer.status_code == 503 and answer.headers["retry-after"], answer.status_code)
        hold(answer.json()["error"] == "temporarily_unavailable", answer.text)
    asked = service("client_secret_basic").introspect_token(f"{ISSUER}/oauth/introspect", token=given["access_token"])
    hold(asked.status_code == 503, asked.text)
    return "its HTTP library's error, with the answer"


def below() -> str:
    """Find and use a service that is below a path."""
    found = metadata(given["below"])
    hold(found["token_endpoint"] == f"{given['below']}/oauth/token", found["token_endpoint"])
    error(session(found["token_endpoint"]), **WRONG)
    return "RFC 8414, 3.1"


def discovery() -> str:
    """Find the calls."""
    found = metadata(ISSUER)
    hold(all(found[f"{name}_endpoint"] for name in ("token", "revocation", "introspection")), found)
    return "RFC 8414"


def password() -> str:
    """Log in, and call with what that gave."""
    client = session()
    hold(client.fetch_token(**PERSON)["expires_at"], "expires_at")
    hold(client.get(f"{ISSUER}/api/users/me").json()["email"] == given["person"], "me")
    return "works"


def refresh() -> str:
    """Refresh, which it does by itself where a token has run out."""
    kept: list[object] = []
    client = session(leeway=3_600, update_token=lambda token, **_: kept.append(token["access_token"]))
    first = client.fetch_token(**PERSON)["access_token"]
    hold(client.get(f"{ISSUER}/api/users/me").status_code == 200 and kept and kept[0] != first, "the token kept")
    return "works, also by itself"


def wrong_password() -> str:
    """Show a wrong password."""
    hold(error(session(), **WRONG), "description")
    return "invalid_grant"


def factor() -> str:
    """Log in where a second factor is owed. Its error has no room for what else an answer says."""
    seen: list[dict[str, Any]] = []
    client = session()
    client.register_compliance_hook("access_token_response", lambda answer: seen.append(answer.json()) or answer)
    error(client, username=given["factor"], password=given["password"])
    hold(seen[0]["challenge"].startswith("lkc_") and seen[0]["code"] == "second_factor_required", seen)
    return "invalid_grant; the challenge by a hook"


def spent() -> str:
    """Show a token that was used before the last one."""
    client = session()
    tokens = [client.fetch_token(**PERSON)["refresh_token"]]
    tokens += [client.refresh_token()["refresh_token"] for _ in range(2)]
    for token in (tokens[0], tokens[2]):  # and the session has ended
        found = refused(lambda token=token: client.refresh_token(refresh_token=token), OAuthError)
        hold(found.error == "invalid_grant", found)
    return "invalid_grant"


def revoke() -> str:
    """End a session by either token."""
    for hint in ("refresh_token", "access_token"):
        client = session()
        token = client.fetch_token(**PERSON)
        answer = client.revoke_token(f"{ISSUER}/oauth/revoke", token=token[hint], token_type_hint=hint)
        hold(answer.status_code == 200, answer.text)
        hold(refused(client.refresh_token, OAuthError).error == "invalid_grant", "the refresh")
        hold(introspected(token["access_token"]) == [{"active": False}] * 2, "introspection")
    return "works"


def introspect() -> str:
    """Ask about tokens that are good, and about those that aren't."""
    token = session().fetch_token(**PERSON)
    for found in introspected(token["access_token"]):
        hold(found["active"] and found["username"] == given["person"] and found["iss"] == ISSUER, found)
    for other in (token["refresh_token"], "nonsense"):
        hold(introspected(other) == [{"active": False}] * 2, other)
    by = service("client_secret_basic", "lks_wrong")
    asked = by.introspect_token(f"{ISSUER}/oauth/introspect", token=token["access_token"])
    hold(asked.status_code == 401 and asked.json()["error"] == "invalid_client", asked.text)
    return "active, or not; 401 for a wrong client"


def guessed() -> str:
    """Guess until one has to wait."""
    for _ in range(10):
        found = refused(lambda: session().fetch_token(username=given["guessed"], password="wrong"), OAuthError)
        if found.error != "invalid_grant":
            hold(found.error == "temporarily_unavailable", found)
            return "temporarily_unavailable"
    raise ValueError("nobody had to wait")


def at_api_auth() -> str:
    """Use the calls that aren't OAuth 2's own."""
    client = session(f"{ISSUER}/api/auth/login")
    hold(client.fetch_token(**PERSON)["access_token"], "the answer")
    error(client, **WRONG)
    # That call takes no forms, and says so in a way that it understands.
    found = refused(lambda: client.refresh_token(f"{ISSUER}/api/auth/refresh", refresh_token="lkr_x"), OAuthError)
    hold(found.error == "invalid_request", found)
    return "password works; errors are its own"


if given["away"]:
    cell("503", away)
    sys.exit()
for name, work in {
    "discovery": discovery, "below a path": below, "password": password, "refresh": refresh,
    "a wrong password": wrong_password, "a second factor owed": factor, "a spent token": spent, "revoke": revoke,
    "introspect": introspect, "429": guessed, "at /api/auth": at_api_auth,
}.items():  # fmt: skip
    cell(name, work)
