"""Moving in with second factors: apps' secrets and recovery codes as other systems keep them."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from models import Credential, SecurityEvent, User
from service.core.clock import Clock
from service.core.sql.transactions import transaction
from service.credentials import brought, factors
from service.runtime import Runtime
from service.users.import_file import format_of, read_file
from service.users.importing import ImportReport, import_users
from tests.factors.support import SECOND, STEP, App, Owner, set_up
from tests.support.hashes import FORMATS
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, Session, assert_problem
from tests.support.process import latchkey_beside
from tests.support.stores import Stores

KEY = b"12345678901234567890"  # RFC 6238's own
TEXT = "qL3vN8xT2mB7cR5wJ9zK4hF6yD1sG0pA"  # Better Auth and Keycloak: the letters themselves are the key
BASE32 = base64.b32encode(KEY).decode()
ODD = base64.b32encode(b"sixteen bytes or").decode()  # with padding
CODES = ["aBcDe-12345", "FGHIJ-67890", "klmno-PQRST"]


def keycloak(value: str, **says: Any) -> dict[str, Any]:
    """A credential of a realm's export: both parts are JSON in a text."""
    data = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1", **says}
    return {
        "id": "f5a1", "type": "otp", "userLabel": "phone", "createdDate": 1700000000000,
        "secretData": json.dumps({"value": value}), "credentialData": json.dumps(data),
    }  # fmt: skip


def uri(**asks: Any) -> str:
    asked = "&".join(f"{name}={value}" for name, value in {"secret": BASE32.lower(), **asks}.items())
    return f"otpauth://totp/{quote('Old: ada@example.com')}?{asked}"


# What the system has, and the key that its owner's app has.
SYSTEMS: dict[str, tuple[Any, bytes]] = {
    "auth0": ({"secret": BASE32}, KEY),
    "supabase": ({"id": "0b", "factor_type": "totp", "status": "verified", "secret": BASE32}, KEY),
    "better-auth": ({"secret": TEXT, "encoding": "text"}, TEXT.encode()),
    "keycloak": (keycloak(TEXT), TEXT.encode()),
    "keycloak-base32": (keycloak(BASE32, secretEncoding="BASE32"), KEY),
    "django-otp": (
        {"user": 7, "name": "default", "confirmed": True, "key": KEY.hex(), "step": 30, "t0": 0, "digits": 6,
         "tolerance": 1, "drift": 0, "last_t": 55}, KEY,
    ),
    "uri": (uri(issuer="Old", algorithm="SHA1", digits=6, period=30), KEY),
    "bare": (BASE32.lower(), KEY),
    "in-groups": ("gezd gnbv gy3t qojq gezd gnbv gy3t qojq", KEY),
    "padded": (ODD, b"sixteen bytes or"),
    "unpadded": (ODD.rstrip("="), b"sixteen bytes or"),
}  # fmt: skip

REFUSED: dict[str, tuple[Any, str]] = {
    "sha-256": (uri(algorithm="SHA256"), "SHA-1"),
    "eight digits": ({"key": KEY.hex(), "digits": 8}, "6 digits"),
    "a minute": (keycloak(TEXT, period=60), "30 seconds"),
    "sha-512": (keycloak(TEXT, algorithm="HmacSHA512"), "SHA-1"),
    "by counter": (keycloak(TEXT, subType="hotp"), "by time"),
    "hotp": (uri().replace("totp", "hotp"), "by time"),
    "a phone": ({"factor_type": "phone", "secret": BASE32}, "by time"),
    "begun": ({"factor_type": "totp", "status": "unverified", "secret": BASE32}, "never confirmed"),
    "not confirmed": ({"key": KEY.hex(), "confirmed": False}, "never confirmed"),
    "another start": ({"key": KEY.hex(), "t0": 5}, "1970"),
    "encrypted": ({"secret": "a0b1" * 40}, "Base32"),
    "no hex": ({"key": "12345"}, "hex"),
    "no base32": ("0189" * 5, "Base32"),
    "an odd length": ("A" * 17, "Base32"),
    "too short": ("GEZDGNBV", "shorter"),
    "too long": ({"secret": "x" * 65, "encoding": "text"}, "longer"),
    "an encoding": ({"secret": BASE32, "encoding": "base64"}, "none of"),
    "nothing": ({}, "no secret"),
    "a number": (17, "no secret"),
    "nonsense": ({"secretData": "{", "credentialData": "{}"}, "no secret"),
    "a uri that is none": ("otpauth://[", "no secret"),
    "endless": ("A" * 5000, "no secret"),
}


def line(name: str, **more: Any) -> dict[str, Any]:
    hashed = FORMATS["argon2id"](PASSWORD)
    return {"email": f"{name}@example.com", "password_hash": hashed, "email_verified": True, **more}


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


async def taken(runtime: Runtime, path: Path, *, update: bool = False) -> ImportReport:
    return await import_users(runtime, read_file(path, format_of(path)), update=update, progress=lambda _: None)


async def enter(client: httpx.AsyncClient, name: str, **shown: str) -> httpx.Response:
    """Log in with both factors."""
    first = await client.post("/api/auth/login", json={"email": f"{name}@example.com", "password": PASSWORD})
    challenge = assert_problem(first, 403, "second_factor_required")["challenge"]
    return await client.post(SECOND, json={"challenge": challenge, **shown})


def session_of(client: httpx.AsyncClient, answer: httpx.Response) -> Session:
    assert answer.status_code == 200, answer.text
    return Session(client, answer.json()["access_token"], answer.json()["refresh_token"])


async def test_every_system(client: httpx.AsyncClient, runtime: Runtime, clock: Clock, tmp_path: Path) -> None:
    """What the app shows that was set up elsewhere is right here, at the first log-in; nothing of it is readable."""
    path = written(tmp_path / "users.jsonl", *(line(name, totp=given) for name, (given, _) in SYSTEMS.items()))
    report = await taken(runtime, path)
    assert (report.created, report.refused, report.noted) == (len(SYSTEMS), [], [])
    for name, (_, key) in SYSTEMS.items():
        app = App(key, clock)
        assert_problem(await enter(client, name, code=app.wrong()), 400, "invalid_code")
        session = session_of(client, await enter(client, name, code=app.code()))
        assert (await session.me()).json()["factors"] == ["totp"], name
        left = (await session.call("GET", "/users/me/factors")).json()
        assert (left["totp"]["last_used_at"] is not None, left["recovery_codes"]["left"]) == (True, 0)
    for row in await Credential.filter(kind="totp"):
        assert KEY not in bytes(row.sealed or b"")
        assert row.verifier is None


async def test_from_a_table(client: httpx.AsyncClient, runtime: Runtime, clock: Clock, tmp_path: Path) -> None:
    """CSV: a secret in Base32 or a link of a QR code, codes parted by semicolons."""
    path = tmp_path / "users.csv"
    hashed = FORMATS["bcrypt-2b"](PASSWORD)
    path.write_text(
        "email,password_hash,email_verified,totp,recovery_codes\n"
        f"bare@example.com,{hashed},true,{BASE32},{'; '.join(CODES)}\n"
        f"uri@example.com,{hashed},true,{uri()},\n"
        f"none@example.com,{hashed},true,,\n"
    )
    report = await taken(runtime, path)
    assert (report.created, report.refused, report.noted) == (3, [], [])
    for name in ("bare", "uri"):
        session_of(client, await enter(client, name, code=App(KEY, clock).code()))
    assert (await User.get(email="none@example.com")).factors == 0
    session = session_of(client, await enter(client, "bare", recovery_code=CODES[1]))
    assert (await session.call("GET", "/users/me/factors")).json()["recovery_codes"]["left"] == 2


async def test_recovery_codes(client: httpx.AsyncClient, runtime: Runtime, tmp_path: Path) -> None:
    """In clear each is good once, however it is typed; hashed ones, and lone ones, are left out, and named."""
    hashes = [base64.b64encode(bytes(64)).decode()] * 12
    kept = {"type": "recovery-authn-codes", "secretData": json.dumps({"codes": []})}
    path = written(
        tmp_path / "users.jsonl",
        line("clear", totp=BASE32, recovery_codes=[*CODES, CODES[0].lower()]),
        line("hashed", totp=BASE32, recovery_codes=hashes),
        line("argon", totp=BASE32, recovery_codes="$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"),
        line("keycloak", totp=keycloak(TEXT), recovery_codes=kept),
        line("lone", recovery_codes=CODES),
        line("empty", totp=BASE32, recovery_codes=[]),
        line("null", totp=BASE32, recovery_codes=None),
    )
    report = await taken(runtime, path)
    assert (report.created, report.refused) == (7, [])
    assert {note.line: "hashed" in note.reason for note in report.noted} == {2: True, 3: True, 4: True, 5: False}
    assert await Credential.filter(kind="recovery_code").count() == 3
    for row in await Credential.filter(kind="recovery_code"):
        assert (row.verifier or "").startswith("$argon2id$")
    session = session_of(client, await enter(client, "clear", recovery_code="ABCDE12345"))
    assert_problem(await enter(client, "clear", recovery_code=CODES[0]), 400, "invalid_code")
    assert (await session.call("GET", "/users/me/factors")).json()["recovery_codes"]["left"] == 2
    session_of(client, await enter(client, "clear", recovery_code=CODES[1].lower()))


async def test_what_is_refused(runtime: Runtime, tmp_path: Path) -> None:
    """By name, and without the secret: an account that would come without its factor doesn't come."""
    lone = "\udcff" * 16
    path = written(
        tmp_path / "users.jsonl",
        *(line(f"u{number}", totp=given) for number, (given, _) in enumerate(REFUSED.values())),
        line("prepared", totp=BASE32, email_verified=False),
        line("short", totp=BASE32, recovery_codes=["abc-def"]),
        line("digits", totp=BASE32, recovery_codes=["12345678"]),
        line("signs", totp=BASE32, recovery_codes=["abc_defghijk"]),
        line("many", totp=BASE32, recovery_codes=[f"abcdefgh{number:02}" for number in range(51)]),
        line("numbers", totp=BASE32, recovery_codes=[12345678901234]),
        line("lone", totp={"secret": lone, "encoding": "text"}),
    )
    report = await taken(runtime, path)
    said = [line.reason for line in report.refused]
    assert report.created == 0
    for (given, expected), reason in zip(REFUSED.values(), said, strict=False):
        assert expected in reason, (given, reason)
    more = ("email_verified", "guessed", "guessed", "other signs", "more than 50", "list of texts", "no secret")
    for word, reason in zip(more, said[len(REFUSED) :], strict=True):
        assert word in reason
    assert not [hidden for hidden in (BASE32, TEXT, KEY.hex(), "abc-def") if hidden in " ".join(said)]


async def test_again(
    client: httpx.AsyncClient, runtime: Runtime, clock: Clock, mailbox: Mailbox, tmp_path: Path
) -> None:
    """A second run changes nothing; an update brings a factor once, and tells of it."""
    await taken(runtime, written(tmp_path / "1.jsonl", line("ada"), line("bob", email_verified=False)))
    bob = {**line("bob"), "email_verified": True, "totp": BASE32}
    path = written(tmp_path / "2.jsonl", line("ada", totp=BASE32, recovery_codes=CODES), bob)
    assert (await taken(runtime, path)).skipped == 2
    before = await User.get(email="ada@example.com")
    assert before.factors == 0
    report = await taken(runtime, path, update=True)
    assert (report.updated, report.refused) == (2, [])
    ada = await User.get(email="ada@example.com")
    assert ada.credentials_version > before.credentials_version  # log-ins under way and trust are over
    subjects = [letter.subject for letter in await mailbox.letters("ada@example.com")]
    assert subjects == ["A second factor was set up"]
    rows = {row.id for row in await Credential.all()}
    assert (await taken(runtime, path, update=True)).updated == 0
    assert {row.id for row in await Credential.all()} == rows
    session_of(client, await enter(client, "ada", code=App(KEY, clock).code()))
    events = [event["type"] for event in (await _events(client, clock))]
    assert "factor.added" in events


async def _events(client: httpx.AsyncClient, clock: Clock) -> list[dict[str, Any]]:
    clock.advance(STEP)
    session = session_of(client, await enter(client, "ada", code=App(KEY, clock).code()))
    found: list[dict[str, Any]] = (await session.call("GET", "/users/me/events")).json()
    return found


async def test_what_was_done_here_is_newer(ada: Person, runtime: Runtime, clock: Clock, tmp_path: Path) -> None:
    """A factor that its owner has set up here stays, and one that they have removed doesn't come back."""
    path = written(tmp_path / "users.jsonl", {"email": ada.email, "email_verified": True, "totp": BASE32})
    session = await ada.log_in()
    app, _ = await set_up(session, clock)
    assert (await taken(runtime, path, update=True)).updated == 0
    kept = await SecurityEvent.filter(user_id=ada.id, type="factor.added").first()
    await SecurityEvent.filter(user_id=ada.id).delete()  # events go after a while: what is there stays all the same
    assert (await taken(runtime, path, update=True)).updated == 0
    assert kept is not None
    await kept.save(force_create=True)
    owner = Owner(ada, session, app)
    entered = await owner.log_in()
    assert (await entered.call("DELETE", "/users/me/factors/totp")).status_code == 204
    assert (await taken(runtime, path, update=True)).updated == 0
    assert (await User.get(id=ada.id)).factors == 0


async def test_at_once_and_cut_off(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two that bring one account its factor: one does. What fails in the middle leaves nothing behind."""
    user = await User.get(id=ada.id)
    found = await brought.prepare(runtime, KEY, CODES)

    async def fail(*_: object) -> None:
        raise RuntimeError("cut off")

    with monkeypatch.context() as patched:
        patched.setattr(brought, "note", fail)
        with pytest.raises(RuntimeError):
            await brought.give(runtime, user, found)
        with pytest.raises(RuntimeError):
            await taken(runtime, written(tmp_path / "users.jsonl", line("new", totp=BASE32)))
    assert (await User.get(id=ada.id)).factors == 0
    assert not await User.exists(email="new@example.com")
    assert not await Credential.filter(kind__in=list(factors.KINDS)).exists()
    assert sorted(await asyncio.gather(*(brought.give(runtime, user, found) for _ in range(5)))) == [False] * 4 + [True]
    assert await Credential.filter(user_id=ada.id, kind="recovery_code").count() == 3
    async with transaction():
        assert not await brought.wanting(await User.get(id=ada.id))


async def test_the_command(stores: Stores, runtime: Runtime, tmp_path: Path) -> None:
    """What wasn't taken is said, no secret is, and the exit code is that of a good run."""
    path = written(
        tmp_path / "in.jsonl",
        line("ada", totp=BASE32, recovery_codes=["x" * 64]),
        line("bob", totp=BASE32, recovery_codes=CODES),
    )
    done = await latchkey_beside("users", "import", str(path), **stores.environment())
    assert (done.returncode, done.stderr.count(BASE32)) == (0, 0), done.stderr
    assert "line 1 was imported, but its recovery codes are hashed" in done.stdout
    assert not [hidden for hidden in (BASE32, *CODES) if hidden in done.stdout]
    assert await User.filter(factors__gt=0).count() == 2
