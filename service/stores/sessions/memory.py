"""Sessions that were looked at a moment ago, kept as long as Redis would tell if they changed.

Nothing here decides by itself how long something holds: what is kept is used only while the watch `hears`, and is gone
with whatever happens to its key. What must reach Redis still does: the first use of a generation (it says that the
client has received it), and a use that is to be noted, once a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from service.core.clock import Clock, steady_seconds
from service.core.recall import Note, Recall
from service.core.redis.watching import Watch
from service.stores.sessions.layout import number_of
from service.stores.sessions.outcomes import LiveSession


@dataclass(frozen=True, slots=True)
class Reading:
    """A session as Redis had it at `session.now`, by Redis's clock: all that a look at it depends on, in ms.

    It is over at `until` if nothing happens to it before.
    """

    session: LiveSession
    gen: int
    ack: int
    last_used_at: int
    until: int
    least: int = 0  # whose tokens are good: none of a generation before


@dataclass(frozen=True, slots=True)
class _Kept:
    reading: Reading
    ahead: float  # Redis's clock, without what tests move it by, less our seconds: in ms


class SessionMemory:
    """What is kept of sessions, by the numbers that their ids are."""

    def __init__(self, watch: Watch, clock: Clock, *, most: int, stale: int) -> None:
        """Take the watch over the keys. `most` is how many are kept, `stale` for how long, in ms, no use is noted."""
        self._watch = watch
        self._clock = clock
        self._stale = stale
        self._kept = Recall[int, _Kept](most)
        self.hits = 0
        self.misses = 0
        watch.listeners.append(self._forget)

    def recall(self, uid: UUID, sid: UUID, gen: int, *, heard: bool = False) -> LiveSession | None:
        """Return the session for a token of `gen`, as Redis would; None where Redis has to be asked.

        `heard`: the watch was just asked, and nothing was waited for since.
        """
        if (heard or self._watch.hears()) and (kept := self._kept.get(sid.int)) is not None:
            found = kept.reading
            of = found.session
            now = int(steady_seconds() * 1000 + kept.ahead) + self._clock.shift_ms
            known = gen >= found.least and (gen != found.gen or found.ack == gen)
            if known and now < found.until and now - found.last_used_at < self._stale and of.uid.int == uid.int:
                self.hits += 1
                return LiveSession(
                    of.uid, of.sid, now, of.valid_from, of.auth_at, of.factor_at, of.assurance, of.binding
                )
        self.misses += 1
        return None

    def begin(self, sid: UUID) -> Note | None:
        """Note that a session is about to be read; None where changes wouldn't be heard of. `end` must follow."""
        return self._kept.begin(sid.int) if self._watch.listens else None

    def end(self, sid: UUID, note: Note | None, found: Reading | None) -> None:
        """Keep what was read, None if nothing was, unless it has changed since."""
        if note is not None:
            # As if it had been read when it was asked for: it is over a little early rather than late.
            shift = self._clock.shift_ms
            kept = _Kept(found, found.session.now - shift - note.began * 1000) if found is not None else None
            self._kept.end(sid.int, note, kept)

    @property
    def heard(self) -> int:
        """How many changes were heard of."""
        return self._watch.heard

    @property
    def deaf_seconds(self) -> float:
        """For how long nothing was used, because nothing was heard."""
        return self._watch.deaf_seconds

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def _forget(self, key: bytes | None) -> None:
        if key is None:
            self._kept.forget_all()
        elif (number := number_of(key)) is not None:
            self._kept.forget(number)
