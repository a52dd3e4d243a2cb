"""Schemathesis reads the document and tries the service with thousands of requests that it would never have got (R63).

It runs in a process of its own against the served application. Calls that end the caller's session or account have
superusers of their own, so that the others aren't all answered with 401.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from models import User
from service.core.client import Client
from service.runtime import Runtime
from tests.http.support import another, operations
from tests.support.door import entered
from tests.support.passwords import store

pytestmark = pytest.mark.embedded_only

EXAMPLES = 10
SEED = 20261123

# Whether valid data is accepted isn't held: a valid refresh token or password can't be guessed from a schema.
LEFT_OUT = "positive_data_acceptance"

CHANGING = {"update_user", "replace_user", "update_me", "replace_me"}
ENDING = {"delete_user", "end_user_sessions", "delete_me", "logout", "logout_all", "end_session"}


@dataclass(frozen=True)
class Run:
    """Some calls, tried by one caller; nobody if `name` is empty.

    As a superuser, each call is tried without the token and with a wrong one too (the check `ignored_auth`).
    """

    name: str
    calls: frozenset[str]


def runs() -> list[Run]:
    known = {operation.described["operationId"]: operation for operation in operations()}
    secured = {name for name, call in known.items() if call.secured and (not call.optional or name in ENDING)}
    assert secured >= CHANGING | ENDING, "a call has another name now: say so here"
    return [
        Run("superuser", frozenset(secured - CHANGING - ENDING)),
        Run("changing", frozenset(CHANGING)),
        Run("ending", frozenset(ENDING)),
        Run("", frozenset(operation.described["operationId"] for operation in operations()) - secured),
    ]


async def token_of(runtime: Runtime, name: str, password_hash: str) -> str:
    user = await User.create(
        id=uuid4(),
        email=f"{name}@latchkey.dev",
        email_canonical=f"{name}@latchkey.dev",
        is_active=True,
        is_superuser=True,
        email_verified=True,
        created_at=runtime.clock.now(),
    )
    await store(user.id, password_hash)
    return (await entered(runtime, user, Client("127.0.0.1", "schemathesis"))).access_token


def directory_of(parent: Path, run: Run) -> Path:
    """It keeps what it found between runs in its working directory: every run here is the first."""
    found = parent / (run.name or "nobody")
    found.mkdir()
    return found


async def schemathesis(url: str, run: Run, token: str | None, directory: Path) -> tuple[int, str]:
    """Run it; return its exit status and what it says."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "--no-color", "run", f"{url}/api/openapi.json"]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", str(SEED)]
    command += ["--checks", "all", "--exclude-checks", LEFT_OUT, "--workers", "1", "--no-shrink"]
    command += ["--request-timeout", "20"]
    for call in sorted(run.calls):
        command += ["--include-operation-id", call]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=directory,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return process.returncode, said.decode("utf-8", "replace")


@pytest.mark.timeout(360)
async def test_the_service_keeps_its_word(runtime: Runtime, password_hash: str, tmp_path: Path) -> None:
    """R61 to R63: no 5xx, only documented statuses, media types, headers and shapes; nothing invalid is accepted.

    Throttles are off: they are documented too, but what is throttled is not tried.
    """
    found = runs()
    tokens = [await token_of(runtime, run.name, password_hash) if run.name else None for run in found]
    # Too late, it has to end here, where it takes its processes with it: they would go on in the tests that follow.
    async with another(runtime, RATE_LIMITS_ENABLED=False) as url, asyncio.timeout(300):
        ends = await asyncio.gather(
            *(
                schemathesis(url, run, token, directory_of(tmp_path, run))
                for run, token in zip(found, tokens, strict=True)
            )
        )
    for run, (status, said) in zip(found, ends, strict=True):
        assert status == 0, f"as {run.name or 'nobody'}:\n{said}"
        if run.name == "superuser":
            assert "returned only 401/403" not in said, said
        tested = re.search(r"Tested: (\d+)", said)
        assert tested, said
        assert int(tested[1]) == len(run.calls), said
