"""No log, event, export, letter, metric, error or `repr` has what opens an account, at any level of logging."""

from __future__ import annotations

import base64
import dataclasses
import importlib
import inspect
import logging
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

import service
from models import OutboxMail, SecurityEvent, User
from service.audit.timeline import explain
from service.core.telemetry import metrics
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, add, ok
from tests.factors.support import SECOND, STEP, Owner, app_of
from tests.http.support import another
from tests.mail_login.support import code_in
from tests.signin.support import raw
from tests.support.authenticator import Authenticator
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, Session, assert_problem

SECRETS = {
    "access_token", "app", "code", "codes", "device_cookie", "hashes", "mail", "password", "recovery_code",
    "recovery_codes", "refresh_token", "secret", "ticket", "uri",
}  # fmt: skip
# Called so, and none.
NONE = {
    ("service.core.process.workers", "code"), ("service.core.faults", "code"), ("service.mail_login.offer", "code"),
    ("service.ops.flows", "secret"),  # whether it fits
    ("service.providers.given", "secret"),  # whether a setting is one
    ("service.credentials.factor_resets", "recovery_codes"), ("service.signin.pending", "ticket"),
}  # fmt: skip


def test_values_that_hold_secrets_do_not_show_them() -> None:
    """A value that ends in a log, or in an error's text, is only named there."""
    shown = []
    for found in pkgutil.walk_packages(service.__path__, "service."):
        if found.name.endswith("__main__"):
            continue
        for name, kind in vars(importlib.import_module(found.name)).items():
            if inspect.isclass(kind) and dataclasses.is_dataclass(kind) and kind.__module__ == found.name:
                fields = dataclasses.fields(kind)
                shown += [
                    f"{found.name}.{name}.{one.name}"
                    for one in fields
                    if one.repr and one.name in SECRETS and (found.name, one.name) not in NONE
                ]
    assert shown == []


class Heard(logging.Handler):
    """Every line that anything logs, with all that is beside it."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = logging.Formatter().format(record)
        self.lines.append(f"{text} {record.__dict__!r}")


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Have every logger say all that it can, but those of this process's client."""
    heard = Heard()
    names = [None, *logging.root.manager.loggerDict]
    loggers = [logging.getLogger(name) for name in names if not (name or "").startswith(("httpx", "httpcore"))]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
            logger.disabled = False
            if logger is logging.root or not logger.propagate:
                logger.addHandler(heard)
        yield heard.lines
    finally:
        for logger, level, disabled in before:
            logger.setLevel(level)
            logger.disabled = disabled
            logger.removeHandler(heard)


async def test_nothing_is_told(owner: Owner, root: Person, runtime: Runtime, mailbox: Mailbox) -> None:
    """The whole life of second factors, right and wrong, logged as loudly as can be."""
    session, clock = owner.session, owner.app.clock
    device, secrets = Authenticator(), set[str]()
    problems: list[str] = []

    def secret(*texts: str) -> None:
        for text in texts:
            secrets.update({text, text.replace("-", "")})

    async def refused(call: Any) -> None:
        answer: httpx.Response = await call
        assert answer.status_code >= 400
        problems.append(answer.text)

    with everything_logged() as lines:
        begun = await session.call("POST", "/users/me/factors/totp")
        app = app_of(begun, clock)
        secret(begun.json()["secret"], begun.json()["uri"], app.secret.hex(), base64.b64encode(app.secret).decode())
        await refused(session.call(
            "POST", "/users/me/factors/totp/confirm", json={"enrolment": begun.json()["enrolment"], "code": app.wrong()}
        ))  # fmt: skip
        body = {"enrolment": begun.json()["enrolment"], "code": app.code()}
        await ok(session.call("POST", "/users/me/factors/totp/confirm", json=body))
        owner.app.secret = app.secret
        codes = (await ok(session.call("POST", "/users/me/recovery-codes")))["recovery_codes"]
        secret(*codes)
        await ok(add(session, device), 201)
        clock.advance(STEP)
        challenge = await owner.challenge()
        secret(challenge)
        await refused(owner.second(challenge, app.wrong()))
        await refused(owner.second(challenge, recovery_code="ZZZZZ-ZZZZ-ZZZZ"))
        await refused(owner.second(challenge, recovery_code=codes[0] + "\u0000"))
        await refused(owner.client.post(SECOND, json={"challenge": challenge, "code": codes[1], "x": 1}))
        await refused(owner.client.post(SECOND, json={"challenge": [challenge], "recovery_code": {"a": codes[1]}}))
        await refused(owner.client.post(SECOND, content=b'{"recovery_code":"' + codes[2].encode()))
        done = await owner.second(challenge, recovery_code=codes[0])
        secret(done.json()["access_token"], done.json()["refresh_token"])
        made = Session(owner.client, done.json()["access_token"], done.json()["refresh_token"])
        await refused(made.call("POST", "/auth/reauthenticate", json={"recovery_code": codes[0]}))
        await refused(made.call("POST", MINE, json={"credential": {"rawId": challenge, "type": "public-key"}}))
        for number in range(6):
            await refused(owner.second(await owner.challenge(), owner.app.wrong(number * 20)))
        async with another(runtime, SECOND_FACTOR="everyone") as url, httpx.AsyncClient(base_url=url) as strict:
            login = {"email": root.email, "password": PASSWORD}
            answer = await strict.post("/api/auth/login", json=login)
            challenge = assert_problem(answer, 403, "enrolment_required")["challenge"]
            begun = await strict.post(f"{SECOND}/enrol", json={"challenge": challenge, "kind": "totp"})
            waiting = [repr(dict(row)) for row in await OutboxMail.all().values()]
            (mail_code,) = [code_in(one) for one in await mailbox.letters(root.email) if "code" in one.subject.lower()]
            secret(challenge, begun.json()["secret"], begun.json()["uri"])
            body = {"challenge": challenge, "enrolment": begun.json()["enrolment"], "code": app_of(begun, clock).code()}
            await refused(strict.post(f"{SECOND}/enrol/confirm", json={**body, "mail_code": "000000"}))
            done = await strict.post(f"{SECOND}/enrol/confirm", json={**body, "mail_code": mail_code})
            assert done.status_code == 200, done.text
            secret(*done.json()["recovery_codes"], done.json()["refresh_token"])
        admin = Session(owner.client, done.json()["access_token"], done.json()["refresh_token"])
        exported = await session.call("GET", "/users/me/export")
        seen = await admin.call("GET", f"/users/{owner.person.id}/factors")
        events = await admin.call("GET", "/admin/events?limit=100")
        reset = await admin.call("DELETE", f"/users/{owner.person.id}/factors", json={"reason": "lost"})
        assert {exported.status_code, seen.status_code, events.status_code, reset.status_code} == {200}
    told = {
        "a log": lines,
        "an event": [repr(dict(row)) for row in await SecurityEvent.all().values()],
        "an error": problems,
        "an answer": [exported.text, seen.text, events.text, reset.text],
        "a letter": [letter.subject + letter.text for letter in await mailbox.letters()],
        "a metric": [metrics.page(metrics.REGISTRY).decode()],
        "the outbox": waiting,
        "the timeline": [repr(await explain(runtime, user_id=(await User.get(id=owner.person.id)).id))],
    }
    assert len(lines) > 50
    assert len(secrets) > 40
    found = {(where, text) for where, texts in told.items() for text in secrets if any(text in one for one in texts)}
    assert found == set()
    # The code of the letter is told in the letter, and six digits alone may be anywhere: only where it is named.
    named = [
        line
        for line in [*lines, *waiting, *told["an event"]]
        if f"code={mail_code}" in line or f"'{mail_code}'" in line
    ]
    assert named == []
    assert not [key async for key in raw(runtime).scan_iter("*") if mail_code.encode() in key]
