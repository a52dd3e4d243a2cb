"""Whatever happens to somebody's sessions, in whatever order: `explain` says nothing false, though it may not know.

Each history is played on the service itself, beside an oracle that knows the truth because it has done it.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest

from models import SecurityEvent, User
from service.audit import events, late, timeline
from service.audit.stories import SessionStory
from service.core.sql.transactions import in_transaction
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.sessions import receipts
from service.sessions.receipts import Wanted
from service.stores import waiting_events
from service.users import administration
from service.users.administration import Change
from tests.support.people import Person, Session

LIVES, FLUSHED, CUT_OFF, OPERATOR = "lives", "flushed", "cut off by hand", "operator"
STEPS: Final = 16
BULK: Final = ("sessions.ended", "password.changed", "user.updated", "sessions.revoked")


@dataclass
class Known:
    """A session, and what became of it in truth: one of the words above, or the reason that its end had."""

    session: Session
    agent: str
    fate: str = LIVES
    aged: bool = False


@dataclass
class World:
    """What the oracle knows, and the ways in which it makes things happen."""

    ada: Person
    root: Person
    runtime: Runtime
    monkeypatch: pytest.MonkeyPatch
    dice: random.Random
    all: list[Known] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    doubtful: bool = False  # something happened that leaves no record, or only half of one

    @property
    def living(self) -> list[Known]:
        return [one for one in self.all if one.fate == LIVES]

    def end(self, fate: str, *, keep: Known | None = None) -> None:
        for one in self.living:
            if one is not keep:
                one.fate = fate

    async def somebody(self) -> Known | None:
        if not self.living:
            return None
        found = self.dice.choice(self.living)
        await found.session.advance()
        found.agent = ""  # of the test's own client from now on
        return found

    async def log_in(self) -> None:
        agent = self.dice.choice(("Phone/1", "Laptop/1"))
        self.all.append(Known(await self.ada.log_in(**{"User-Agent": agent}), agent))

    async def log_out(self) -> None:
        if one := await self.somebody():
            assert (await one.session.call("POST", "/auth/logout")).status_code == 204
            one.fate = EndReason.LOGGED_OUT

    async def end_another(self) -> None:
        if (by := await self.somebody()) and len(self.living) > 1:
            one = self.dice.choice([other for other in self.living if other is not by])
            assert (await by.session.call("DELETE", f"/sessions/{one.session.sid}")).status_code == 204
            one.fate = EndReason.ENDED_ELSEWHERE

    async def end_others(self) -> None:
        if by := await self.somebody():
            assert (await by.session.call("DELETE", "/sessions")).status_code == 204
            self.end(EndReason.OTHERS_ENDED, keep=by)

    async def everywhere(self) -> None:
        if by := await self.somebody():
            assert (await by.session.call("POST", "/auth/logout-all")).status_code == 204
            self.end(EndReason.LOGGED_OUT_EVERYWHERE)

    async def change_password(self) -> None:
        if by := await self.somebody():
            new = f"another horse battery {len(self.story)}"
            body = {"password": new, "current_password": self.ada.password}
            assert (await by.session.call("PATCH", "/users/me", json=body)).status_code == 200
            self.ada.password = new
            self.end(EndReason.PASSWORD_CHANGED, keep=by)

    async def administrator_ends_all(self) -> None:
        admin = await self.root.log_in()
        assert (await admin.call("DELETE", f"/users/{self.ada.id}/sessions")).status_code == 204
        self.end(EndReason.ENDED_BY_ADMINISTRATOR)

    async def disable_and_enable(self) -> None:
        for active in (False, True):
            await administration.change_user(self.runtime, self.ada.id, Change(is_active=active), actor=None)
        self.end(EndReason.USER_DISABLED)

    async def revoke_some(self) -> None:
        agent = self.dice.choice(("Phone/1", "Laptop/1"))
        await receipts.revoke(self.runtime, Wanted(user_agent=agent))
        for one in self.living:
            one.fate = OPERATOR if one.agent == agent else one.fate

    async def revoke_all_of_hers(self) -> None:
        keep = self.dice.choice([None, await self.somebody()])
        await receipts.revoke(self.runtime, Wanted(user_id=self.ada.id, keep=keep.session.sid if keep else None))
        self.end(OPERATOR, keep=keep)

    async def revoke_everyone(self) -> None:
        await receipts.revoke(self.runtime, Wanted())
        self.end(OPERATOR)

    async def flush_one(self) -> None:
        if self.living:
            one = self.dice.choice(self.living)
            await self.unlink(f"user:{{{self.ada.id}}}:session:{one.session.sid}")
            one.fate = FLUSHED

    async def flush_all(self) -> None:
        await self.unlink(f"user:{{{self.ada.id}}}:*")
        self.end(FLUSHED)

    async def unlink(self, pattern: str) -> None:
        redis: Any = self.runtime.redis.client
        async for key in redis.scan_iter(match=pattern):
            await redis.unlink(key)

    async def forget_marks(self) -> None:
        """Do as time does: Redis says only for seconds why a session ended."""
        await self.unlink(f"user:{{{self.ada.id}}}:ended:*")

    async def refresh_any(self) -> None:
        if self.all:
            one = self.dice.choice(self.all)
            answer = await one.session.refresh()
            assert (answer.status_code == 200) == (one.fate == LIVES), (one, answer.text, self.story)
            if one.fate == LIVES:
                one.agent = ""
                tokens = answer.json()
                one.session.access_token, one.session.refresh_token = tokens["access_token"], tokens["refresh_token"]

    async def a_week_passes(self) -> None:
        self.runtime.clock.advance(8 * 86_400)
        await self.unlink(f"user:{{{self.ada.id}}}:*")  # as Redis itself does, whose clock this isn't
        self.end(EndReason.EXPIRED)
        for one in self.all:
            one.aged = True
        self.doubtful = True

    async def a_minute_passes(self) -> None:
        self.runtime.clock.advance(61)

    async def cut_off_by_hand(self) -> None:
        self.runtime.clock.advance(90)
        await User.filter(id=self.ada.id).update(sessions_valid_after=self.runtime.clock.now())
        self.end(CUT_OFF)
        self.runtime.clock.advance(90)
        self.doubtful = True

    async def guessing(self) -> None:
        """Have a thousand log-ins fail, which pushes nothing out of the story."""
        now = self.runtime.clock.now()
        rows = [
            SecurityEvent(id=uuid4(), type="login.failed", created_at=now, user_id=self.ada.id, detail={})
            for _ in range(1100)
        ]
        await SecurityEvent.bulk_create(rows)

    async def waiting(self) -> None:
        with self.refusing():
            await self.dice.choice((self.log_out, self.revoke_some, self.refresh_any, self.log_in))()

    async def losing(self) -> None:
        with self.monkeypatch.context() as small, self.refusing():
            small.setattr(waiting_events, "MOST", 0)
            await self.dice.choice((self.log_out, self.revoke_some, self.log_in))()
        await late.store(self.runtime)
        self.doubtful = True

    async def store(self) -> None:
        await late.store(self.runtime)

    async def of_an_older_version(self) -> None:
        """Have the last event that ended several name none, as events of before did."""
        last = await SecurityEvent.filter(user_id=self.ada.id, type__in=BULK).order_by("-created_at").first()
        if last is not None:
            last.detail = {name: value for name, value in last.detail.items() if name not in ("sessions", "more")}
            await last.save()
        self.doubtful = True

    @contextmanager
    def refusing(self) -> Iterator[None]:
        insert = events.insert

        async def fail(*_: object, **__: object) -> None:
            raise Unavailable("database")

        async def fail_alone(row: Mapping[str, object]) -> None:
            if not in_transaction():  # what is part of a change fails with it
                raise Unavailable("database")
            await insert(row)

        with self.monkeypatch.context() as broken:
            broken.setattr(events, "insert", fail_alone)
            broken.setattr(SecurityEvent, "bulk_create", fail)
            yield


Happening = Callable[[World], Awaitable[None]]

HAPPENINGS: Final[dict[Happening, int]] = {
    World.log_in: 9, World.log_out: 2, World.end_another: 2, World.end_others: 2, World.everywhere: 1,
    World.change_password: 2, World.administrator_ends_all: 1, World.disable_and_enable: 1, World.revoke_some: 2,
    World.revoke_all_of_hers: 2, World.revoke_everyone: 1, World.flush_one: 3, World.flush_all: 1,
    World.forget_marks: 4, World.refresh_any: 6, World.a_minute_passes: 2, World.waiting: 2, World.store: 1,
    World.a_week_passes: 1, World.cut_off_by_hand: 1, World.guessing: 1, World.losing: 1, World.of_an_older_version: 1,
}  # fmt: skip


def is_false(one: Known, told: SessionStory) -> bool:
    """Return whether something is said of a session that isn't so."""
    match told.verdict:
        case "living":
            return one.fate != LIVES
        case "deleted":
            return one.fate != FLUSHED
        case "expired":  # it was when it was tried, whatever had become of it before
            return one.fate != EndReason.EXPIRED and not (one.fate == FLUSHED and one.aged)
        case "ended" if "cut-off" in told.text:
            return one.fate != CUT_OFF
        case "ended" if "by an operator" in told.text:
            return one.fate not in (OPERATOR, CUT_OFF)  # whose hand it was, and then whose command
        case "ended":
            return told.reason != one.fate
        case "unknown":
            return one.fate == LIVES


@pytest.mark.parametrize("seed", range(8))
async def test_nothing_false_is_said(
    ada: Person, root: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A history of some steps, asked about in between and at its end, by session and by user, in both languages."""
    monkeypatch.setattr(late, "REST", timedelta(days=365))  # nobody but the history stores anything
    world = World(ada, root, runtime, monkeypatch, random.Random(seed))
    kinds, weights = list(HAPPENINGS), list(HAPPENINGS.values())
    await world.log_in()
    for number in range(STEPS):
        happening = world.dice.choices(kinds, weights)[0]
        world.story.append(happening.__name__)
        await happening(world)
        if number % 4 == 3:
            await look(world)
    await look(world)
    await late.store(runtime)
    await look(world)
    if not world.doubtful and not {"revoke_all_of_hers", "revoke_everyone"}.intersection(world.story):
        told = (await timeline.explain(runtime, user_id=ada.id)).stories
        assert not [story for story in told if story.verdict == "unknown"], f"{world.story} {told}"


async def look(world: World) -> None:
    told = await timeline.explain(world.runtime, user_id=world.ada.id, language="en")
    stories = {story.session_id: story for story in told.stories}
    for one in world.all:
        sid = one.session.sid
        own = (await timeline.explain(world.runtime, session_id=sid)).stories
        for story in (*own, stories[sid]) if sid in stories else own:
            assert not is_false(one, story), f"{world.story}: {one.fate}, {story}"
        assert own or world.doubtful
        assert sid in stories or world.doubtful
