"""A Latchkey of one's own, as a process, on real stores; and operators who end sessions with `redis-cli`."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from subprocess import PIPE
from time import monotonic

import httpx
import jwt

from tests.support.people import PASSWORD
from tests.support.process import Service
from tests.support.stores import Stores

METRICS_TOKEN = "t" * 40
LIFE_SECONDS = 9.0  # of an access token here; a quarter of an hour where nobody has said otherwise


@dataclass(frozen=True)
class Ground:
    """What it needs: stores, settings, and what the examples are to know."""

    stores: Stores
    env: dict[str, str]
    known: dict[str, str]


@dataclass(frozen=True)
class Latchkey:
    """One that runs."""

    service: Service
    ground: Ground

    @property
    def known(self) -> dict[str, str]:
        """What the examples are to know, its address among it."""
        return {**self.ground.known, "LATCHKEY_INTERNAL_URL": self.service.url}

    async def log_in(self, client: httpx.AsyncClient) -> str:
        """Return an access token of somebody new."""
        email = f"{os.urandom(6).hex()}@example.com"
        await client.post(f"{self.service.url}/api/auth/register", json={"email": email, "password": PASSWORD})
        form = {"grant_type": "password", "username": email, "password": PASSWORD}
        answer = await client.post(f"{self.service.url}/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def introspections(self) -> float:
        """Return how many there have been."""
        headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        answer = httpx.get(f"{self.service.url}/metrics", headers=headers, trust_env=False)
        assert answer.status_code == 200
        counted = re.findall(r"^latchkey_introspections_total\{[^}]*\} (\S+)", answer.text, re.MULTILINE)
        return sum(map(float, counted))


def unlink(stores: Stores, token: str) -> float:
    """End a session as operators do, with a redis-cli that is there already; return when, by `monotonic`."""
    claims = jwt.decode(token, options={"verify_signature": False})
    assert stores.redis is not None
    assert stores.redis.redis_cli is not None
    command = [stores.redis.redis_cli, "-p", str(stores.redis.port)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as cli:
        assert cli.stdin is not None
        assert cli.stdout is not None
        cli.stdin.write("ping\n")
        assert cli.stdout.readline() == "PONG\n"
        ended = monotonic()
        cli.stdin.write(f"unlink user:{{{claims['sub']}}}:session:{claims['sid']}\n")
        assert cli.stdout.readline() == "1\n"
        cli.stdin.close()
    return ended
