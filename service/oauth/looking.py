"""What became of sessions and users that have changed: over, for which reason, or not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from models import User
from service.core.clock import steady_seconds
from service.core.redis.sweep import literally, scan_keys
from service.core.sql.others import written_by_others
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.sessions import scanned

CHANGED: Final = "changed"
"""Why there is something to ask about a user who goes on: their role, their address, a cut-off."""
MOST_ENDS: Final = 20_000
CLOCK_SECONDS: Final = 5.0
JUMP_MS: Final = 1_000

_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Over:
    """A session that is over; without `sid`: whatever is known of the user has to be asked for again."""

    sub: UUID
    sid: UUID | None
    reason: str


class Looking:
    """Looks at what has changed, and knows meanwhile what time it is for Redis."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._pattern = f"{literally(runtime.settings.REDIS_KEY_PREFIX)}user:{{*}}:session:*"
        self._ends: dict[UUID, tuple[int, EndReason]] = {}  # when sessions will end by themselves, and why
        self._known: dict[UUID, UUID] = {}  # all of them, where nobody tells of changes
        self._ahead: float | None = None  # Redis's clock, without what tests move it by, less our seconds: in ms
        self._asked_at = float("-inf")
        self._written: int | None = None
        self._moment = 0
        self.has_jumped = False
        """Whether Redis's clock has: then what was said of it before means nothing. For whoever hears of it to undo."""

    def now(self) -> int:
        """Return the time by Redis's clock, in ms: never less than before, unless it has jumped."""
        self._moment = max(self._moment, int(steady_seconds() * 1000 + (self._ahead or 0)))
        return self._moment

    async def ask_for_time(self) -> None:
        """See how Redis's clock goes, where that wasn't seen for a while. Raises `Unavailable`."""
        asked_at, shift = steady_seconds(), self._runtime.clock.shift_ms
        if asked_at - self._asked_at >= CLOCK_SECONDS:
            self._note_time(await self._runtime.sessions.now(_NOBODY) - shift, asked_at)

    def _note_time(self, now: int, asked_at: float) -> None:
        ahead = now - asked_at * 1000
        if self._ahead is not None and abs(ahead - self._ahead) > JUMP_MS:
            self.has_jumped, self._moment = True, 0
        self._ahead, self._asked_at = ahead, asked_at

    async def look_at_sessions(self, owners: Mapping[UUID, UUID]) -> list[Over]:
        """Return those that are over: users by session, as many as one script may ask for. Raises `Unavailable`."""
        asked_at, shift = steady_seconds(), self._runtime.clock.shift_ms
        survey = await self._runtime.sessions.survey(owners)
        self._note_time(survey.now - shift, asked_at)
        found = []
        for sid, ends_at in survey.ends_at.items():
            if ends_at is None:
                due, why = self._ends.pop(sid, (survey.now + 1, EndReason.REVOKED))
                reason = survey.reasons.get(sid) or (why if survey.now >= due else EndReason.REVOKED)
                found.append(Over(owners[sid], sid, reason))
                continue
            self._ends.pop(sid, None)  # to the end of the line
            self._ends[sid] = ends_at, survey.reasons[sid]
            if len(self._ends) > MOST_ENDS:
                del self._ends[next(iter(self._ends))]
        return found

    async def look_at_users(self, users: Collection[UUID]) -> list[Over]:
        """Return what there is to ask about users whose rows have changed: never nothing, for what changed isn't known.

        A database that is out of reach makes it no less: whoever asks will see.
        """
        try:
            rows = await User.filter(id__in=list(users)).values_list("id", "is_active")
        except Unavailable:
            return [Over(uid, None, CHANGED) for uid in users]
        active = {UUID(str(uid)): bool(is_active) for uid, is_active in rows}
        reasons = {True: CHANGED, False: EndReason.USER_DISABLED, None: EndReason.USER_DELETED}
        return [Over(uid, None, reasons[active.get(uid)]) for uid in users]

    async def have_others_written(self) -> bool:
        """Return whether another process has, to an embedded database, since this was asked last."""
        before, self._written = self._written, await written_by_others()
        return before not in (None, self._written)

    async def look_at_all(self) -> list[Over]:
        """Return the sessions that have ended since the last look: where nobody tells. Raises `Unavailable`."""
        found: dict[UUID, UUID] = {}
        for key in await scan_keys(self._runtime.redis, self._pattern):
            if (ids := scanned.owner(key)) is not None:
                found[ids[1]] = ids[0]
        known = self._known
        others = {sid: uid for sid, uid in (known | found).items() if sid not in known or sid not in found}
        over = []
        for batch in self._runtime.sessions.survey_batches(others):
            over += await self.look_at_sessions(batch)
        self._known = found
        return [ended for ended in over if ended.sid in known]
