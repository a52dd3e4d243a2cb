"""Events of sessions: how they end."""

from __future__ import annotations

from typing import Final

from service.errors.end_reasons import EndReason
from service.stores.event_kinds import Ending, Event, Words

_EVERY_ONE: Final = Words(
    "Every session was ended by {who}{where}: {ended} of them.",
    "Alle Sitzungen wurden durch {who} beendet{where}: {ended}.",
)

LOGGED_OUT: Final = Event(
    "session.logged_out",
    "Logged out",
    Words("Logged out{where}.", "Abgemeldet{where}."),
    "a user logged out",
    with_change=False,
    ends=Ending("own", EndReason.LOGGED_OUT),
    counts="sessions_revoked",
)
SESSION_ENDED: Final = Event(
    "session.ended",
    "A device was logged out",
    Words(
        "The session was ended by {who} from another device{where}.",
        "Die Sitzung wurde durch {who} von einem anderen Gerät aus beendet{where}.",
    ),
    "a user ended one session from another device",
    with_change=False,
    ends=Ending("own", EndReason.ENDED_ELSEWHERE),
    counts="sessions_revoked",
)
SESSION_REPLACED: Final = Event(
    "session.replaced",
    "Logged in again in the same browser",
    Words(
        "Somebody logged in anew in the same browser: the older session ended.",
        "Im selben Browser hat sich jemand neu angemeldet: Die ältere Sitzung wurde beendet.",
    ),
    "a log-in in cookie mode took the place of the session that browser had",
    with_change=False,
    ends=Ending("own", EndReason.REPLACED),
    counts="sessions_revoked",
)
SESSIONS_ENDED: Final = Event(
    "sessions.ended",
    "Devices were logged out",
    Words("Sessions were ended by {who}{where}: {ended} of them.", "Sitzungen wurden durch {who} beendet: {ended}."),
    "all sessions of a user (`way`: `everywhere`), or all but one (`others`), were ended by the user, or all by an "
    "administrator (`actor_id`)",
    with_change=True,
    ends=Ending(
        "others",
        EndReason.ENDED_BY_ADMINISTRATOR,
        by="way",
        reasons={"everywhere": EndReason.LOGGED_OUT_EVERYWHERE, "others": EndReason.OTHERS_ENDED},
    ),
    told_of={
        EndReason.ENDED_BY_ADMINISTRATOR: _EVERY_ONE,
        EndReason.LOGGED_OUT_EVERYWHERE: Words(
            "The user logged out everywhere{where}: {ended} sessions ended.",
            "Überall abgemeldet{where}: {ended} Sitzungen wurden beendet.",
        ),
        EndReason.OTHERS_ENDED: Words(
            "All sessions but one were ended by {who}{where}: {ended} of them.",
            "Alle Sitzungen bis auf eine wurden durch {who} beendet{where}: {ended}.",
        ),
    },
    keeps=("ended", "way"),
)
SESSIONS_REVOKED: Final = Event(
    "sessions.revoked",
    "Devices were logged out by the operator",
    Words(
        "Sessions were ended by an operator ({way}): {ended} of them.",
        "Sitzungen wurden durch den Betrieb beendet ({way}): {ended}.",
    ),
    "`latchkey sessions revoke` ended sessions of this user: `ended` of them, chosen by `way`",
    with_change=False,
    tone="warning",
    ends=Ending("named", EndReason.REVOKED),
    keeps=("ended", "way"),
)
SESSION_DISPLACED: Final = Event(
    "session.displaced",
    "Too many devices: the one not used for longest was logged out",
    Words(
        "A newer log-in took its place: there were too many sessions.",
        "Eine neuere Anmeldung nahm ihren Platz ein: Es waren zu viele Sitzungen.",
    ),
    "a newer log-in took the place of the session used longest ago (`MAX_SESSIONS_PER_USER`)",
    with_change=False,
    ends=Ending("own", EndReason.DISPLACED),
    counts="sessions_revoked",
)
SESSION_EXPIRED: Final = Event(
    "session.expired",
    "A device was logged out: not used for long",
    Words(
        "The session had not been used for too long, or had reached its greatest age, when it was tried{where}.",
        "Die Sitzung war zu lange nicht benutzt worden oder hatte ihr Höchstalter erreicht, als sie probiert "
        "wurde{where}.",
    ),
    "a refresh found its session over by time (`way`: `unused` for too long, or its greatest `age`)",
    with_change=False,
    ends=Ending("own", EndReason.EXPIRED, by="way", reasons={"age": EndReason.TOO_OLD}),
    told_of={
        EndReason.TOO_OLD: Words(
            "The session had reached its greatest age when it was tried{where}.",
            "Die Sitzung hatte ihr Höchstalter erreicht, als sie probiert wurde{where}.",
        )
    },
    keeps=("way",),
)
SESSION_CUT_OFF: Final = Event(
    "session.cut_off",
    "A device was logged out by the operator",
    Words(
        "The session was over when it was tried{where}: it had been ended by the cut-off in the database.",
        "Die Sitzung war zu Ende, als sie probiert wurde{where}: Der Schnitt in der Datenbank hatte sie beendet.",
    ),
    "a refresh found its session ended by `users.sessions_valid_after`, which nothing on record had moved: it was set "
    "by hand, or a command that ends sessions was cut off",
    with_change=False,
    ends=Ending("own", EndReason.REVOKED),
    counts="sessions_revoked",
)
SESSION_VANISHED: Final = Event(
    "session.vanished",
    "A device was logged out by the operator",
    Words(
        "The session was gone when it was tried{where}, and nothing had ended it: its keys were deleted outside the "
        "service, or lost with Redis's data.",
        "Die Sitzung war weg, als sie probiert wurde{where}, und nichts hatte sie beendet: Ihre Schlüssel wurden "
        "außerhalb des Dienstes gelöscht oder gingen mit den Daten von Redis verloren.",
    ),
    "a refresh found its session over, with nothing on record that ended it: keys were deleted outside the service, "
    "or Redis lost them",
    with_change=False,
    ends=Ending("own", EndReason.REVOKED),
    counts="sessions_revoked",
)
