"""Make users and sessions, and what clients send for them: `python -m bench.seed FOLDER THERE USERS SESSIONS`.

So many users are `THERE` already. They are rows, made by the database; the sessions are opened as the door opens them,
and their tokens are real. In the folder are `me`, `refresh` and `login` then: a request a line, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from bench.stage import request_of
from service.core.client import Client
from service.features import FEATURES, read_settings
from service.runtime import Runtime, open_runtime
from service.signin.tokens import token_pair
from service.stores.sessions.assurance import Assurance
from tests.support.people import PASSWORD

AT_ONCE = 32
SHOWN = Client(
    "198.51.100.77",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
    "Safari/537.36",
)
# In no order of time, as if they had been brought along; at few domains and at many, with names rare and frequent.
_USERS = """
INSERT INTO users (
    id, email, email_canonical, full_name, hashed_password, is_active, is_superuser, email_verified, created_at
)
SELECT gen_random_uuid(), address, address,
    (ARRAY['Anna', 'Ben', 'Jürgen', 'Zoë', 'Ольга', 'Søren', 'Maria', 'Paul'])[1 + number % 8] || ' '
        || (ARRAY['Smith', 'Müller', 'O''Brien', 'Иванова', 'Garcia', 'Kim', 'Novak'])[1 + number % 7],
    CASE WHEN number <= $3 THEN $4 ELSE '' END, number <= $5 OR number % 33 > 0, false, number % 5 > 0,
    now() - random() * interval '3 years'
FROM (
    SELECT number, 'user' || number || '.' || substr(md5(number::text), 1, 6) || CASE number % 3
        WHEN 0 THEN '@gmail.com' WHEN 1 THEN '@company' || number % 5000 || '.example'
        ELSE '@example.com' END AS address
    FROM generate_series($1::bigint, $2::bigint) AS number
) AS numbered RETURNING id, email
"""
STEP = 50_000  # users of one statement
ABLE = 1_000  # users with a password: each is a row more


async def users(
    url: str, count: int, *, there: int, able: int = 0, living: int = 0, hashed: str = ""
) -> list[tuple[UUID, str]]:
    """Make users beside those that are there, and return their ids and addresses.

    The first `able` have a password, the first `living` are active.
    """
    made: list[tuple[UUID, str]] = []
    connection = await asyncpg.connect(url)
    try:
        for first in range(there + 1, there + count + 1, STEP):
            made += await connection.fetch(
                _USERS, first, min(there + count, first + STEP - 1), there + able, hashed, there + living
            )
        await connection.execute("ANALYZE users")
    finally:
        await connection.close()
    return made


async def sessions(runtime: Runtime, ids: Sequence[UUID]) -> list[tuple[str, str]]:
    """Open a session of each user; return an access and a refresh token of each."""
    few = asyncio.Semaphore(AT_ONCE)

    async def one(uid: UUID) -> tuple[str, str]:
        async with few:
            grant = await runtime.sessions.log_in(uid, uuid4(), SHOWN, Assurance(("pwd",)), 0)
            pair = await token_pair(runtime, grant)
            return pair.access_token, pair.refresh_token

    return await asyncio.gather(*(one(uid) for uid in ids))


async def main(folder: Path, there: int, how_many: int, living: int) -> None:
    """Make them, and write the requests."""
    async with open_runtime(read_settings(), FEATURES) as runtime:
        hashed, url = await runtime.passwords.hash(PASSWORD), runtime.settings.DATABASE_URL
        rows = (await users(url, how_many, there=there, able=min(living, ABLE), living=living, hashed=hashed))[:living]
        tokens = await sessions(runtime, [uid for uid, _ in rows])
    password = PASSWORD.replace(" ", "+")
    lines = {
        "me": (request_of("GET", "/api/users/me", headers=f"Authorization: Bearer {a}\r\n") for a, _ in tokens),
        "refresh": (request_of("POST", "/api/auth/refresh", f'{{"refresh_token":"{r}"}}') for _, r in tokens),
        "login": (
            request_of("POST", "/api/auth/login", f"username={email}&password={password}", form=True)
            for _, email in rows[:ABLE]
        ),
    }
    for name, requests in lines.items():
        (folder / name).write_text("".join(f"{json.dumps(request)}\n" for request in requests), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
