"""What operators have: commands, the check-up, another SECRET_KEY, what explains and what counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models import Credential, User
from service.audit.timeline import explain
from service.core.client import Client
from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.redis.scripts import Script
from service.core.telemetry import metrics
from service.credentials import totp, trusted_devices
from service.factors.checks import check_up
from service.feature.doctor import Deployment
from service.feature.findings import Level
from service.runtime import Runtime
from tests.cli.test_commands import Shell
from tests.factors.support import STEP, Owner, owner_of, take_device_cookie
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem
from tests.support.statements import noted
from tests.support.stores import Stores

OLD, NEW = "an older secret of forty-odd characters once good", "a newer secret of forty-odd characters good as well"


async def test_the_commands(owner: Owner, stores: Stores, mailbox: Mailbox) -> None:
    """What there is, and all of it taken away: the sessions are over, the password is enough, the user is told."""
    shell = Shell(stores)
    await mailbox.letters()
    email = ("--email", owner.person.email)
    shown = await shell.ok("users", "factors", *email)
    assert (bool(shown["totp"]), shown["recovery_codes"], shown["required"]) == (True, 10, False)
    assert shown["passkeys"] == []
    assert "10 left" in await shell.text("users", "factors", *email)
    done = await shell.ok("users", "reset-factors", *email, "--reason", "lost the phone")
    done.pop("sessions")  # an embedded Redis is another one in each process
    assert done == {"factors": ["totp"], "recovery_codes": 10, "trusted_devices": 0}
    assert_problem(await owner.session.me(), 401, "invalid_token")
    assert (await owner.first()).status_code == 200
    assert any("taken away" in letter.subject for letter in await mailbox.letters(owner.person.email))
    assert "no factor" in await shell.text("users", "reset-factors", *email)
    assert "none" in await shell.text("users", "factors", *email)
    assert "no such user" in await shell.fails("users", "reset-factors", "--email", "nobody@example.com")


async def test_the_check_up(root: Person, ada: Person, runtime: Runtime, clock: Clock) -> None:
    """In production superusers without one are named; so is a demand that nobody could meet."""

    async def found(**settings: object) -> list[tuple[Level, str]]:
        changed = runtime.settings.model_copy(update={"ENVIRONMENT": "production", **settings})
        findings = await check_up(Deployment(changed, runtime.redis, clock, {}))
        return [(finding.level, finding.says) for finding in findings]

    assert await found(ENVIRONMENT="development") == []
    ((level, says),) = await found()
    assert level is Level.WARNING
    assert says.startswith("One superuser has no second factor")
    ((level, _),) = await found(SECOND_FACTOR="superusers", SMTP_URL="")
    assert level is Level.ERROR
    ((level, _),) = await found(SECOND_FACTOR="superusers", SMTP_URL="smtp://mail.example")
    assert level is Level.OK
    for hours, smtp, word in ((72, "", "none goes out"), (6, "smtp://mail.example", "after 6 hours")):
        ((level, says),) = await found(SECOND_FACTOR_RECOVERY_HOURS=hours, SMTP_URL=smtp)
        assert level is Level.WARNING
        assert word in says
    await owner_of(root, clock)
    ((level, says),) = await found()
    assert (level, says) == (Level.OK, "Every superuser has one.")
    ((level, says),) = await found(SECRET_KEY=NEW)
    assert level is Level.ERROR
    assert "SECRET_KEY" in says


async def test_another_secret(owner: Owner, runtime: Runtime) -> None:
    """Sealed anew under the first, codes go on being right when the old secret has gone; without that they don't."""
    user, key = await User.get(id=owner.person.id), runtime.settings.SECRET_KEY

    def under(secret: str) -> Runtime:
        return replace(runtime, settings=runtime.settings.model_copy(update={"SECRET_KEY": secret}))

    async def right(secret: str) -> bool:
        owner.app.clock.advance(STEP)
        return await totp.judge(under(secret), user, owner.app.code(), user.id)

    assert not await right(NEW)
    assert await right(f"{NEW},{key}")
    assert await totp.reseal(under(f"{NEW},{key}")) == 1
    assert await right(NEW)
    assert not await right(key)
    assert not await totp.unreadable((NEW,))
    assert await totp.unreadable((OLD,))


async def test_a_secret_of_another_row_is_none(owner: Owner, grace: Person, runtime: Runtime) -> None:
    """Whoever can write the table can't give somebody a secret that they know: it is bound to its user."""
    stolen = await Credential.get(user_id=owner.person.id, kind="totp")
    await Credential.filter(id=stolen.id).update(user_id=grace.id)
    owner.app.clock.advance(STEP)
    user = await User.get(id=grace.id)
    assert not await totp.judge(runtime, user, owner.app.code(), user.id)


async def test_explained(owner: Owner, runtime: Runtime) -> None:
    """Why a browser that was trusted is asked again."""
    owner.app.clock.advance(STEP)
    await owner.second(await owner.challenge(), trust_device=True)
    cookie = take_device_cookie(owner.client, runtime)
    await owner.step_up(owner.session)
    assert (await owner.session.call("POST", "/users/me/recovery-codes")).status_code == 200
    # Tidied up at once; had Redis been away, the key would be there, and say nothing any more.
    user = await User.get(id=owner.person.id)
    user.credentials_version -= 1
    value = cookie["Cookie"].partition("=")[2]
    now = await runtime.sessions.now(user.id)
    here = Client("127.0.0.1", "x")
    await trusted_devices.trust(runtime, user, value, here, sid=owner.session.sid, since=now)
    assert_problem(await owner.first(headers=cookie), 403, "second_factor_required")
    told = await explain(runtime, user_id=user.id)
    assert any("had been trusted" in entry.text for entry in told.entries)
    german = await explain(runtime, user_id=user.id, language="de")
    assert any("vertraut worden" in entry.text for entry in german.entries)


async def test_counted(owner: Owner) -> None:
    """What was shown, by method and outcome."""

    def counted(method: str, outcome: str) -> float:
        labels = {"method": method, "outcome": outcome}
        return metrics.REGISTRY.get_sample_value("latchkey_second_factor_total", labels) or 0

    before = {key: counted(*key) for key in (("totp", "right"), ("totp", "wrong"), ("recovery_code", "wrong"))}
    owner.app.clock.advance(STEP)
    challenge = await owner.challenge()
    await owner.second(challenge, owner.app.wrong())
    await owner.second(challenge, recovery_code="nonsense")
    await owner.second(challenge)
    assert {key: counted(*key) - times for key, times in before.items()} == dict.fromkeys(before, 1)


@pytest.mark.parametrize("text", ["0OIL1-ABCD-EFGH", "", "é" * 13, "\u0000", "A" * 64])
async def test_recovery_codes_that_are_none(owner: Owner, text: str) -> None:
    answer = await owner.second(await owner.challenge(), recovery_code=text)
    assert answer.status_code in (400, 422)


async def test_read_as_they_are_typed(runtime: Runtime, owner: Owner) -> None:
    """Small letters, without groups, with letters that look like digits."""
    code = owner.app.recovery_codes[5].lower().replace("-", "").replace("0", "o").replace("1", "l")
    assert (await owner.second(await owner.challenge(), recovery_code=f" {code} ")).status_code == 200


async def test_a_log_in_without_a_factor_asks_no_more(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account without one costs no statement and no script more, on a device that is known neither."""
    await ada.log_in()
    scripts, real = [], RedisScripts.run

    async def run(self: RedisScripts, script: Script, *args: Any, **named: Any) -> Any:
        scripts.append(script.name)
        return await real(self, script, *args, **named)

    with monkeypatch.context() as watched, noted(monkeypatch) as statements:
        watched.setattr(RedisScripts, "run", run)
        await ada.log_in()
    assert len(statements) == 4, statements  # as many as without second factors
    assert not [name for name in scripts if "trust" in name or "guess" in name or "enrolment" in name]
