"""Everybody's notes, each their own: an API beside Latchkey, with nothing of it but the access tokens it gives.

Of Python's own server, so that the check is all there is to see; yours stands in any framework.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import jwt

ISSUER: Final = os.environ.get("LATCHKEY_URL", "http://localhost:8000")  # its PUBLIC_URL
LATCHKEY: Final = os.environ.get("LATCHKEY_INTERNAL_URL", ISSUER)  # if it has another address from here
AUDIENCE: Final = os.environ.get("AUDIENCE", "latchkey")
FRONTEND: Final = os.environ.get("FRONTEND_ORIGIN", "http://localhost:5173")
LONGEST_TOKEN: Final = 2048
LONGEST_BODY: Final = 10_000

# Keeps keys for five minutes; a name that nobody has heard of is asked for every ten seconds at most.
keys = jwt.PyJWKClient(f"{LATCHKEY}/.well-known/jwks.json", lifespan=300, cooldown_duration=10, timeout=5)
notes: defaultdict[str, list[str]] = defaultdict(list)  # by user


class Refused(Exception):
    """What was asked isn't done."""

    def __init__(self, status: int) -> None:
        self.status = status


def user_of(authorization: str) -> str:
    """Return whose access token it is. Raises Refused: 401 unless it is good, 503 where that can't be known."""
    scheme, _, token = authorization.partition(" ")
    try:
        if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN:
            raise Refused(401)
        if jwt.get_unverified_header(token).get("typ") != "at+jwt":
            raise Refused(401)
        claims = jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token),
            algorithms=["ES256"],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=60,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWKClientConnectionError as error:
        raise Refused(503) from error
    except jwt.PyJWTError as error:
        raise Refused(401) from error
    return str(claims["sub"])


def insist_on_session(authorization: str) -> None:
    """Ask Latchkey whether the token's session lives now. Raises Refused: 401 if not, 503 where it can't be known."""
    asked = urllib.request.Request(f"{LATCHKEY}/api/users/me", headers={"Authorization": authorization})
    try:
        urllib.request.urlopen(asked, timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
        raise Refused(401 if error.code == 401 else 503) from error
    except OSError as error:
        raise Refused(503) from error


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_OPTIONS(self) -> None:
        """Answer a browser that asks before it calls."""
        self.answer(204)

    def do_GET(self) -> None:
        """List the caller's notes."""
        self.guarded(lambda user: self.answer(200, notes[user]))

    def do_POST(self) -> None:
        """Add one."""

        def add(user: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > LONGEST_BODY:
                raise Refused(413)
            text = self.rfile.read(length).decode()
            notes[user].append(text)
            self.answer(201, text)

        self.guarded(add)

    def do_DELETE(self) -> None:
        """Delete all of them.

        A token may outlive its session by a quarter of an hour. What can't be undone isn't done on its word alone.
        """

        def clear(user: str) -> None:
            insist_on_session(self.headers.get("Authorization", ""))
            del notes[user]
            self.answer(204)

        self.guarded(clear)

    def guarded(self, act) -> None:  # noqa: ANN001
        """Let `act` answer for the user whose token was sent."""
        try:
            user = user_of(self.headers.get("Authorization", ""))
            if self.path != "/notes":
                raise Refused(404)
            act(user)
        except Refused as refused:
            self.answer(refused.status)

    def answer(self, status: int, value: object = None) -> None:
        """Answer with JSON, or with nothing."""
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Access-Control-Allow-Origin", FRONTEND)
        self.send_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
        self.send_header("Access-Control-Allow-Methods", "GET, POST, DELETE")
        self.send_header("Vary", "Origin")
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        if body:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the address of a request is somebody's."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8002"))), Handler).serve_forever()
