"""What every Redis must do with what a user calls the device of a session."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from service.errors.end_reasons import EndReason
from tests.contract.conftest import CLIENT, PASSWORD_ONLY, Subject
from tests.support.commands import commands

NAME = "Ada\u2019s phone: <b> \\ \" ' {x}"


async def names(subject: Subject) -> list[str | None]:
    return [session.name for session in await subject.store.list_living(subject.uid)]


async def test_a_session_has_it_from_its_log_in(subject: Subject) -> None:
    """Whichever way it began; one without a name is as those of the version before are."""
    await subject.store.log_in(subject.uid, uuid4(), CLIENT, PASSWORD_ONLY, 0, name=NAME)
    number = uuid4()
    await subject.store.pending.begin(subject.uid, number, proofs="pwd 1 0 0", network="n", standing="s", valid_after=0)
    finished = await subject.store.pending.finish(
        subject.uid, number, CLIENT, methods="otp", assurance=PASSWORD_ONLY, valid_after=0, name="Tablet"
    )
    assert finished is not None
    plain = await subject.log_in()
    redis: Any = commands(subject.redis)
    assert "name" not in await redis.hkeys(subject.key(plain.sid))
    assert sorted(await names(subject), key=str) == [NAME, None, "Tablet"]


async def test_it_is_changed_and_taken_away(subject: Subject) -> None:
    """As often as one likes; and never of a session that is over: that would bring a part of it back."""
    grant = await subject.log_in()
    for name in (NAME, "Other", "Other", None, None):
        assert await subject.store.name(subject.uid, grant.sid, name)
        assert await names(subject) == [name]
    assert await subject.store.name(subject.uid, grant.sid, NAME)
    await subject.store.end(subject.uid, grant.sid, EndReason.LOGGED_OUT)
    for name in (NAME, None):
        assert not await subject.store.name(subject.uid, grant.sid, name)
    assert await commands(subject.redis).exists(subject.key(grant.sid)) == 0
    assert not await subject.store.name(uuid4(), grant.sid, NAME)
