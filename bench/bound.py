"""Part: what it costs that a session is bound to a key, of its browser (DBSC) or of its client (DPoP)."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from secrets import token_urlsafe
from time import time
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.bound_seed import ME, REFRESH
from bench.generator import Outcome, Plan
from bench.grounds import Grounds, Line, median_of
from bench.machine import spent_exactly
from bench.stage import BenchFailed, Generator, Server, Starter
from service.core.dpop.proofs import hash_of
from tests.servers import Redis
from tests.support.dpop import jwk_of, signed
from tests.support.process import MODULE, environment

MOST: Final = "1.25"
MOST_BYTES: Final = "160"
SHORTER: Final = 2  # a round is so much shorter than another part's, and there are so many more: a drift hits all
LONGEST_SECONDS: Final = 20.0  # for one: a proof is good for a minute
SEED_SECONDS: Final = 60.0
KINDS: Final = {
    "cookie": "refresh in cookie mode", "cookie, bound": "refresh in cookie mode, bound to the browser's key",
    "bearer": "refresh", "bearer, bound": "refresh, bound to the client's key (DPoP)",
    "me": "GET /users/me, many times", "me, bound": "GET /users/me, bound to the client's key (DPoP)",
}  # fmt: skip
BOUND: Final = ", bound"
_WARM_UP: Final = 20  # requests of each client
_LEAST: Final = 40


@dataclass
class _Kind:
    """What one kind of client sends, and what came of it: requests a second, and µs of the worker's for each."""

    name: str
    requests: list[str]
    each: int = _WARM_UP
    rates: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    @property
    def signs(self) -> bool:
        return self.name in ("bearer, bound", "me, bound")

    @property
    def path(self) -> str:
        return ME if self.name.startswith("me") else REFRESH


def bound(ground: Grounds) -> list[Line]:
    """Refreshes of bound and unbound sessions in turn, calls with bound access tokens, and what sessions take in Redis.

    The worker's own time is compared, not the clock's: other load hardly changes it.
    """
    told = _seeded(ground)
    with ground.serving("bound") as (server, _), ExitStack() as stack:
        kinds = {name: _Kind(name, requests) for name, requests in told["requests"].items()}
        player = _Player(server, Starter(stack, ground.directory, ground.settings).generator(), told)
        for name, kind in kinds.items():
            player.measure(kind)
            # As many of both kinds of a pair: connections are opened for each round, and that isn't what is compared.
            rate, unbound = kind.rates.pop(), kinds[name.removesuffix(BOUND)]
            enough = ceil(rate * ground.options.seconds / SHORTER / len(kind.requests))
            kind.each = max(_LEAST, enough) if kind is unbound else unbound.each
            kind.spent.clear()
        for number in range(ground.options.rounds * SHORTER):
            for kind in reversed(kinds.values()) if number % 2 else kinds.values():
                player.measure(kind)
    return [*_lines(kinds), *_bytes(told["bytes"])]


class _Player:
    """Plays rounds, and reads the worker's clock before and after each."""

    def __init__(self, server: Server, generator: Generator, told: dict[str, Any]) -> None:
        self._server = server
        self._generator = generator
        self._keys = [_read(text) for text in told["keys"]]
        self._tokens: list[str] = told["tokens"]
        self._origin: str = told["origin"]

    def measure(self, kind: _Kind) -> None:
        """Play one round. Raises `BenchFailed` where an answer was wrong."""
        proofs = self._proofs(kind) if kind.signs else []
        plan = Plan(self._server.port, LONGEST_SECONDS, kind.requests, kind.path == REFRESH, kind.each, proofs)
        before = spent_exactly(self._server.pid)
        found: Outcome = self._generator.play(plan)
        used = spent_exactly(self._server.pid) - before
        if found.failures:
            raise BenchFailed("\n".join([f"wrong answers, {kind.name}:", *found.failures[:3]]))
        kind.requests = found.requests
        kind.rates.append(found.answers / found.seconds)
        kind.spent.append(used / found.answers * 1e6)

    def _proofs(self, kind: _Kind) -> list[list[str]]:
        """Sign what each client is going to need."""
        nonce, method = self._nonce(), "GET" if kind.path == ME else "POST"
        return [
            [
                _proof(key, method, self._origin + kind.path, nonce, token if kind.path == ME else None)
                for _ in range(kind.each)
            ]
            for key, token in zip(self._keys, self._tokens, strict=True)
        ]

    def _nonce(self) -> str:
        sent = _proof(self._keys[0], "POST", self._origin + REFRESH, None, None)
        answer = httpx.post(f"http://127.0.0.1:{self._server.port}{REFRESH}", headers={"DPoP": sent}, json={})
        return answer.headers["dpop-nonce"]


def _proof(key: EllipticCurvePrivateKey, method: str, url: str, nonce: str | None, token: str | None) -> str:
    said = {
        "jti": token_urlsafe(12), "htm": method, "htu": url, "iat": int(time()),
        "ath": hash_of(token) if token else None, "nonce": nonce,
    }  # fmt: skip
    return signed(key, {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk_of(key)}, said)


def _read(text: str) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(text.encode("ascii"), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return key


def _seeded(ground: Grounds) -> dict[str, Any]:
    file, clients = ground.directory / "bound.json", ground.options.connections
    there, ground.users = ground.users, ground.users + clients
    with Redis.start() as empty:
        done = subprocess.run(
            [*MODULE, "bench.bound_seed", str(file), str(there), str(clients), empty.url],
            env=environment(**ground.settings), capture_output=True, text=True, timeout=SEED_SECONDS, check=False,
        )  # fmt: skip
    if done.returncode:
        raise BenchFailed(f"seed failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
    return found


def _lines(kinds: dict[str, _Kind]) -> list[Line]:
    lines = []
    for name, title in KINDS.items():
        lines.append(Line(title, median_of(kinds[name].rates), "requests/s"))
    for name, title in KINDS.items():
        lines.append(Line(f"{title}: the worker's time", median_of(kinds[name].spent), "µs"))
    for name, wanted in (("cookie", MOST), ("bearer", MOST), ("me", "")):
        pairs = zip(kinds[name + BOUND].spent, kinds[name].spent, strict=True)  # one right after the other
        dearer = median_of([bound_one / other for bound_one, other in pairs])
        lines.append(Line(f"{KINDS[name]}, bound to unbound, by the worker's time", dearer, "", wanted))
    return lines


def _bytes(told: dict[str, float]) -> list[Line]:
    more = {kind: told[kind] - told["unbound"] for kind in ("browser", "client")}
    return [
        Line("a session in Redis, unbound", told["unbound"], "bytes"),
        Line("a session in Redis, what is more of one bound to a browser's key", more["browser"], "bytes", MOST_BYTES),
        Line("a session in Redis, what is more of one bound to a client's key", more["client"], "bytes", MOST_BYTES),
    ]
