"""A service in a few lines that keeps its word, or breaks it as it is told to: what the oracle has to notice."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import httpx
import jwt

KEY = "of a service that only pretends to be one"


@dataclass
class Held:
    """A session: its owner, the tokens that are good, the newest one and the one before."""

    email: str
    sid: str
    newest: str
    before: str = ""
    over: bool = False


@dataclass
class Pretender:
    """Answers as the service does. `lies` names what it does wrong; `away` is everything it is asked while it lasts."""

    lies: str = ""
    away: bool = False
    passwords: dict[str, set[str]] = field(default_factory=dict)
    sessions: dict[str, Held] = field(default_factory=dict)
    passkeys: dict[str, str] = field(default_factory=dict)
    challenges: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if self.away:
            return unavailable()
        if self.lies == "is never there":
            raise httpx.ConnectError("refused")
        known: dict[tuple[str, str], Callable[[dict[str, Any], Held | None], httpx.Response]] = {
            ("POST", "register"): self.register,
            ("POST", "login"): self.log_in,
            ("POST", "refresh"): self.refresh,
            ("POST", "logout"): self.log_out,
            ("POST", "forgot"): lambda _body, _held: httpx.Response(202),
            ("GET", "me"): self.me,
            ("PUT", "me"): self.change,
            ("GET", "sessions"): self.listed,
            ("POST", "options"): self.options,
            ("POST", "passkeys"): self.passkey,
            ("POST", "second-factor"): self.passkey,
        }
        path = request.url.path
        if request.method == "DELETE":
            return self.end(path.rpartition("/")[2], self.holder(request))
        return known[request.method, path.rpartition("/")[2]](body_of(request), self.holder(request))

    def holder(self, request: httpx.Request) -> Held | None:
        """Return the session of an access token."""
        _, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            return None
        return self.sessions[jwt.decode(token, KEY, algorithms=["HS256"])["sid"]]

    async def delete(self, _user: str, sid: str) -> bool:
        """Delete a session as an operator does."""
        self.sessions[sid].over = self.lies != "keeps deleted sessions"
        return True

    def good(self, held: Held | None) -> bool:
        """Whether this session may do something."""
        return held is not None and not held.over and self.lies != "refuses the good"

    def register(self, body: dict[str, Any], _: Held | None) -> httpx.Response:
        """Make an account."""
        self.passwords[body["email"]] = set() if self.lies == "forgets people" else {body["password"]}
        return httpx.Response(200, json={"email": body["email"]})

    def log_in(self, body: dict[str, Any], _: Held | None) -> httpx.Response:
        """Make a session."""
        email = body["username"]
        if body["password"] not in self.passwords[email]:
            return problem(400, "invalid_grant")
        if email in self.passkeys.values() and self.lies != "asks for no second factor":
            return problem(403, "second_factor_required", challenge="lkc")
        held = Held(email, str(uuid4()), str(uuid4()))
        self.sessions[held.sid] = held
        return self.pair(held)

    def options(self, _body: dict[str, Any], held: Held | None) -> httpx.Response:
        """Ask for a passkey, or for a new one."""
        challenge = str(uuid4())
        self.challenges[challenge] = held.email if held else ""
        said = {"challenge": challenge, "attestation": "none", "rp": {"id": "id.example.com"}, "user": {"id": "YWRh"}}
        return httpx.Response(200, json={**said, "pubKeyCredParams": [{"alg": -7}]})

    def passkey(self, body: dict[str, Any], held: Held | None) -> httpx.Response:
        """Set one up, or log in with one."""
        shown = body.get("credential") or body["passkey"]
        said = json.loads(urlsafe_b64decode(shown["response"]["clientDataJSON"] + "=="))
        if held is not None:
            if self.lies != "forgets passkeys":
                self.passkeys[shown["id"]] = held.email
            return httpx.Response(201, json={})
        known = shown["id"] in self.passkeys and said["challenge"] in self.challenges
        if not known:
            return problem(400, "invalid_passkey")
        if self.lies != "takes an answer twice":
            del self.challenges[said["challenge"]]
        found = Held(self.passkeys[shown["id"]], str(uuid4()), str(uuid4()))
        self.sessions[found.sid] = found
        return self.pair(found)

    def pair(self, held: Held) -> httpx.Response:
        """Answer with tokens."""
        access = jwt.encode({"sub": held.email, "sid": held.sid, "jti": str(uuid4())}, KEY, "HS256")
        return httpx.Response(200, json={"access_token": access, "refresh_token": held.newest})

    def refresh(self, body: dict[str, Any], _: Held | None) -> httpx.Response:
        """Rotate."""
        token = body["refresh_token"]
        for held in self.sessions.values():
            if held.over and self.lies != "refreshes what is over":
                continue
            if token == held.newest:
                if self.lies == "loses rotations" and held.before:
                    return problem(400, "invalid_grant")
                held.before, held.newest = held.newest, str(uuid4())
                return self.pair(held)
            if token == held.before and self.lies != "knows no grace":
                if self.lies == "makes another successor":
                    return self.pair(Held(held.email, held.sid, str(uuid4())))
                return self.pair(held)
        return problem(400, "invalid_grant")

    def log_out(self, body: dict[str, Any], held: Held | None) -> httpx.Response:
        """End a session, found by either token."""
        token = body.get("refresh_token")
        for found in self.sessions.values():
            if self.lies != "keeps who logs out" and (found is held or token in (found.newest, found.before)):
                found.over = True
        return httpx.Response(204)

    def end(self, sid: str, held: Held | None) -> httpx.Response:
        """End another session of the same user."""
        if not self.good(held):
            return problem(401, "invalid_token")
        self.sessions[sid].over = True
        return httpx.Response(204)

    def me(self, _body: dict[str, Any], held: Held | None) -> httpx.Response:
        """Say who is calling."""
        if self.lies == "fails":
            return problem(500, "internal_error")
        if self.lies == "puts off without a time":
            return httpx.Response(503, json={"code": "unavailable"})
        if not self.good(held) and not (held and self.lies == "lets anybody in"):
            return problem(401, "invalid_token")
        assert held
        return httpx.Response(200, json={"email": held.email})

    def change(self, body: dict[str, Any], held: Held | None) -> httpx.Response:
        """Set a password, and end every other session."""
        if not self.good(held):
            return problem(401, "invalid_token")
        assert held
        if self.lies != "forgets new passwords":
            if self.lies != "keeps old passwords":
                self.passwords[held.email].clear()
            self.passwords[held.email].add(body["password"])
        for other in self.sessions.values():
            if other.email == held.email and other is not held and self.lies != "keeps other devices":
                other.over = True
        return httpx.Response(200, json={"email": held.email})

    def listed(self, _body: dict[str, Any], held: Held | None) -> httpx.Response:
        """List the sessions of the caller."""
        if not self.good(held):
            return problem(401, "invalid_token")
        assert held
        found = [] if self.lies == "hides sessions" else list(self.sessions)
        return httpx.Response(200, json=[{"id": sid} for sid in found])


def body_of(request: httpx.Request) -> dict[str, Any]:
    """Return the fields of a body, a form or JSON."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    found: dict[str, Any] = json.loads(request.content or b"{}")
    return found


def problem(status: int, code: str, challenge: str = "", **headers: str) -> httpx.Response:
    """Return a refusal in full."""
    headers["content-type"] = "application/problem+json"
    said = {"status": status, "code": code, "challenge": challenge}
    return httpx.Response(status, text=json.dumps(said), headers=headers)


def unavailable() -> httpx.Response:
    """Return what is said while a store is away."""
    return problem(503, "unavailable", **{"retry-after": "1"})
