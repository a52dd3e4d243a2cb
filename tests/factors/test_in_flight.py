"""Calls about second factors that were let in while their session was good, and come to their deed after its end."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from models import Credential, User
from service.core.clock import Clock
from service.credentials import trusted_devices
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, add, ok
from tests.factors.support import STEP, Owner, app_of
from tests.http.support import operations
from tests.support.authenticator import Authenticator
from tests.support.inflight import Call, held
from tests.support.people import Person

READS = {"GET /api/users/me/factors", "GET /api/users/me/trusted-devices", "GET /api/users/{user_id}/factors"}


async def everything(user_id: UUID) -> tuple[set[tuple[object, ...]], int, int]:
    """The credentials, but for when they were used: a code is judged before it is known whose it is to be."""
    rows = await Credential.filter(user_id=user_id)
    user = await User.get(id=user_id)
    return {(row.id, row.label, row.verifier, row.sealed) for row in rows}, user.factors, user.credentials_version


async def test_a_thiefs_calls(
    owner: Owner, root: Person, clock: Clock, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: the owner ends the other sessions; what a stolen one has under way is refused, and has changed nothing."""
    await User.filter(id=owner.person.id).update(is_superuser=True)
    key = Authenticator()
    passkey = await ok(add(owner.session, key), 201)
    thief = await owner.log_in(trust_device=True)
    made = Authenticator().make(await ok(thief.call("POST", f"{MINE}/options")))
    shown = key.show(await ok(thief.call("POST", "/auth/reauthenticate/options")))
    begun = await thief.call("POST", "/users/me/factors/totp")
    number, app = begun.json()["enrolment"], app_of(begun, clock)
    clock.advance(STEP)
    (device,) = await trusted_devices.list_trusted(runtime, await User.get(id=owner.person.id))
    calls: dict[str, Call] = {
        "POST /api/users/me/factors/totp": ("POST", "/users/me/factors/totp", None),
        "POST /api/users/me/factors/totp/confirm": (
            "POST", "/users/me/factors/totp/confirm", {"enrolment": number, "code": app.code()},
        ),
        "DELETE /api/users/me/factors/totp": ("DELETE", "/users/me/factors/totp", None),
        "POST /api/users/me/factors/passkeys/options": ("POST", f"{MINE}/options", None),
        "POST /api/users/me/factors/passkeys": ("POST", MINE, {"credential": made}),
        "PATCH /api/users/me/factors/passkeys/{passkey_id}": ("PATCH", f"{MINE}/{passkey['id']}", {"name": "mine"}),
        "DELETE /api/users/me/factors/passkeys/{passkey_id}": ("DELETE", f"{MINE}/{passkey['id']}", None),
        "DELETE /api/users/me/factors/recovery": ("DELETE", "/users/me/factors/recovery", None),
        "POST /api/users/me/recovery-codes": ("POST", "/users/me/recovery-codes", None),
        "DELETE /api/users/me/trusted-devices": ("DELETE", "/users/me/trusted-devices", None),
        "DELETE /api/users/me/trusted-devices/{device_id}": ("DELETE", f"/users/me/trusted-devices/{device.id}", None),
        "DELETE /api/users/{user_id}/factors": ("DELETE", f"/users/{root.id}/factors", {"reason": "x"}),
        "reauthentication": ("POST", "/auth/reauthenticate", {"code": owner.app.code()}),
        "by a passkey": ("POST", "/auth/reauthenticate", {"passkey": shown}),
    }  # fmt: skip
    secured = {operation.name for operation in operations() if operation.secured}
    ours = {name for name in secured if re.search(r"/factors|/recovery-codes|/trusted-devices", name)}
    assert set(calls) - {"reauthentication", "by a passkey"} == ours - READS
    async with held(monkeypatch, thief, [*calls.values()]) as answers:
        assert (await owner.session.call("DELETE", "/sessions")).status_code == 204
        before = await everything(owner.person.id)
    found = {
        name: (answer.status_code, answer.json()["code"]) for name, answer in zip(calls, await answers, strict=True)
    }
    assert found == dict.fromkeys(calls, (401, "invalid_token"))
    assert await everything(owner.person.id) == before
