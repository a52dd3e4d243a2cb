"""requests-oauthlib, as its manual has the password grant. It knows no metadata, revocation or introspection."""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # there is no https here

from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient, OAuth2Error
from requests_oauthlib import OAuth2Session
from telling import cell, given, hold, refused

ISSUER = given["issuer"]
TOKEN = f"{ISSUER}/oauth/token"
PERSON = {"username": given["person"], "password": given["password"]}
WRONG = {**PERSON, "password": "wrong"}


def session(**options: Any) -> OAuth2Session:
    """Make one for an application without a secret."""
    return OAuth2Session(client=LegacyApplicationClient(client_id="app"), **options)


def password() -> str:
    """Log in, and call with what that gave."""
    client = session()
    hold(client.fetch_token(TOKEN, **PERSON)["expires_at"], "expires_at")
    hold(client.get(f"{ISSUER}/api/users/me").json()["email"] == given["person"], "me")
    return "works"


def refresh() -> str:
    """Refresh, which it does by itself where a token has run out."""
    kept: list[Any] = []
    client = session(auto_refresh_url=TOKEN, token_updater=kept.append)
    first = client.fetch_token(TOKEN, **PERSON)
    client.token = {**first, "expires_in": -10, "expires_at": 1}
    hold(client.get(f"{ISSUER}/api/users/me").status_code == 200, "me")
    hold(kept[0]["access_token"] != first["access_token"], "the token kept")
    return "works, also by itself"


def wrong_password() -> str:
    """Show a wrong password."""
    hold(refused(lambda: session().fetch_token(TOKEN, **WRONG), InvalidGrantError).description, "description")
    return "invalid_grant"


def factor() -> str:
    """Log in where a second factor is owed. Its error has no room for what else an answer says."""
    seen: list[Any] = []
    client = session()
    client.register_compliance_hook("access_token_response", lambda answer: seen.append(answer.json()) or answer)
    fields = {"username": given["factor"], "password": given["password"]}
    refused(lambda: client.fetch_token(TOKEN, **fields), InvalidGrantError)
    hold(seen[0]["challenge"].startswith("lkc_") and seen[0]["code"] == "second_factor_required", seen)
    return "invalid_grant; the challenge by a hook"


def spent() -> str:
    """Show a token that was used before the last one."""
    client = session()
    tokens = [client.fetch_token(TOKEN, **PERSON)["refresh_token"]]
    tokens += [client.refresh_token(TOKEN)["refresh_token"] for _ in range(2)]
    for token in (tokens[0], tokens[2]):  # and the session has ended
        refused(lambda token=token: client.refresh_token(TOKEN, refresh_token=token), InvalidGrantError)
    return "invalid_grant"


def guessed() -> str:
    """Guess until one has to wait."""
    for _ in range(10):
        fields = {"username": given["guessed"], "password": "wrong"}
        found = refused(lambda fields=fields: session().fetch_token(TOKEN, **fields), OAuth2Error)
        if found.error != "invalid_grant":
            hold(found.error == "temporarily_unavailable", found)
            return "temporarily_unavailable"
    raise ValueError("nobody had to wait")


def away() -> str:
    """Its error has the word."""
    for work in (
        lambda: session().fetch_token(TOKEN, **PERSON),
        lambda: session().refresh_token(TOKEN, refresh_token=given["refresh_token"]),
    ):
        found = refused(work, OAuth2Error)
        hold(found.error == "temporarily_unavailable", found)
    return "temporarily_unavailable"


def at_api_auth() -> str:
    """Use the calls that aren't OAuth 2's own."""
    login = f"{ISSUER}/api/auth/login"
    hold(session().fetch_token(login, **PERSON)["access_token"], "the answer")
    refused(lambda: session().fetch_token(login, **WRONG), InvalidGrantError)
    return "password works; errors are its own"


if given["away"]:
    cell("503", away)
    sys.exit()
for name, work in {
    "password": password, "refresh": refresh, "a wrong password": wrong_password, "a second factor owed": factor,
    "a spent token": spent, "429": guessed, "at /api/auth": at_api_auth,
}.items():  # fmt: skip
    cell(name, work)
