"""Clients that hang up in the middle of a request: nothing leaks, nothing is torn, nobody is logged out."""

from __future__ import annotations

import asyncio
import json
import random
import time
from urllib.parse import urlencode

import pytest

from tests.faults.invariants import Pools, ended_stay_ended
from tests.faults.support import RECOVERY_SECONDS
from tests.faults.traffic import Traffic, traffic
from tests.support.people import PASSWORD
from tests.support.process import Service

pytestmark = pytest.mark.real_only

# Accounts without their event, their letter or their password.
HALF = """
SELECT email FROM users WHERE email LIKE 'hanging%' AND NOT (
  EXISTS (SELECT FROM security_events WHERE user_id = users.id AND type = 'user.registered')
  AND EXISTS (SELECT FROM outbox_mails WHERE recipient = users.email)
  AND EXISTS (SELECT FROM credentials WHERE user_id = users.id))
"""

CLIENTS = 200
REFRESHES, LOGINS, REGISTRATIONS = 300, 60, 40


def _request(method: str, path: str, content_type: str, body: str, access: str = "") -> bytes:
    head = f"{method} /api{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n"
    if access:
        head += f"Authorization: Bearer {access}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


async def _hang_up(port: int, request: bytes, delay: float, patience: float) -> None:
    """Send a request after a while, and be gone after another, answer or none."""
    await asyncio.sleep(delay)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    await asyncio.sleep(patience)
    writer.transport.abort()


async def _tokens(found: Traffic, email: str) -> dict[str, str]:
    answer = await found.http.post("/api/auth/login", data={"username": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


async def test_clients_that_hang_up(service: Service, emails: list[str], pools: Pools) -> None:
    """R72, R73: 200 clients are gone before the answer; the pools and the queue are whole, every session lives."""
    chance = random.Random(7)
    port = int(service.url.rpartition(":")[2])
    async with traffic(service, emails) as found:
        # Sessions of their own, not those of the clients above; a new password would end those, so users of their own.
        refreshing = [await _tokens(found, email) for email in emails]
        changing = []
        for number in range(4):
            person = await found.register(f"changing{number}@example.com")
            assert person.status == 200
            changing.append(await _tokens(found, f"changing{number}@example.com"))
        await asyncio.to_thread(
            pools.postgres.query, "UPDATE users SET is_superuser = (email = 'changing0@example.com')"
        )
        somebody = json.loads(person.text)["id"]

        leaving = []
        for number in range(CLIENTS):
            # Each kind with about the time it takes, so that it is cut off anywhere between beginning and end.
            match number % 10:
                case 0 | 1:
                    form = urlencode({"username": chance.choice(emails), "password": PASSWORD})
                    request = _request("POST", "/auth/login", "application/x-www-form-urlencoded", form)
                    patience = 0.08
                case 2 | 3:
                    body = json.dumps({"password": PASSWORD, "current_password": PASSWORD})
                    access = chance.choice(changing)["access_token"]
                    request = _request("PATCH", "/users/me", "application/json", body, access)
                    patience = 0.15
                case 4 | 5 | 6:  # one transaction, under a lock that all of these wait for
                    body = json.dumps({"full_name": f"Name {number}"})
                    path = f"/users/{somebody}"
                    request = _request("PATCH", path, "application/json", body, changing[0]["access_token"])
                    patience = 0.04
                case _:
                    body = json.dumps({"refresh_token": chance.choice(refreshing)["refresh_token"]})
                    request = _request("POST", "/auth/refresh", "application/json", body)
                    patience = 0.03
            leaving.append(_hang_up(port, request, chance.uniform(0, 1.5), chance.uniform(0, patience)))
        await asyncio.gather(*leaving)

        await found.steady(time.monotonic() + RECOVERY_SECONDS + found.settled)
        assert not any(device.lost for device in found.devices)
        assert {call.status for call in found.calls} <= {200, 204, 503}
        for tokens in changing:
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            assert (await found.http.get("/api/users/me", headers=headers)).status_code == 200
        for tokens in refreshing + changing:
            again = await found.http.post("/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
            assert again.status_code == 200, again.text
        await asyncio.gather(*(_tokens(found, email) for email in emails * 2))
        await ended_stay_ended(found)
        await pools.whole(found)


async def test_whoever_hangs_up_recovers(service: Service, emails: list[str], pools: Pools) -> None:
    """R72: cut off at any moment, each goes on with the token it had, and no account is half an account."""
    chance = random.Random(11)
    port = int(service.url.rpartition(":")[2])
    async with traffic(service, emails) as found:
        tokens = [(await _tokens(found, email))["refresh_token"] for email in emails]

        async def refreshing(token: str) -> None:
            for _ in range(REFRESHES // len(tokens)):
                body = json.dumps({"refresh_token": token})
                await _hang_up(
                    port, _request("POST", "/auth/refresh", "application/json", body), 0, chance.uniform(0, 0.02)
                )
                again = await found.http.post("/api/auth/refresh", json={"refresh_token": token})
                while again.status_code == 503:
                    again = await found.http.post("/api/auth/refresh", json={"refresh_token": token})
                assert again.status_code == 200, again.text
                token = again.json()["refresh_token"]

        async def logging_in() -> None:
            for number in range(LOGINS):
                form = urlencode({"username": emails[number % len(emails)], "password": PASSWORD})
                request = _request("POST", "/auth/login", "application/x-www-form-urlencoded", form)
                await _hang_up(port, request, 0, chance.uniform(0, 0.1))

        async def registering() -> None:
            for number in range(REGISTRATIONS):
                body = json.dumps({"email": f"hanging{number}@example.com", "password": PASSWORD})
                request = _request("POST", "/auth/register", "application/json", body)
                await _hang_up(port, request, 0, chance.uniform(0, 0.1))

        await asyncio.gather(*(refreshing(token) for token in tokens), logging_in(), registering())
        await found.steady(time.monotonic() + RECOVERY_SECONDS + found.settled)
        assert not any(device.lost for device in found.devices)
        assert [str(call) for call in found.calls if call.status not in (200, 204, 503)] == []

        rows = await asyncio.to_thread(pools.postgres.query, HALF)
        assert rows == []
        await asyncio.gather(*(_tokens(found, email) for email in emails * 2))
        await ended_stay_ended(found)
        await pools.whole(found)
