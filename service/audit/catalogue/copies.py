"""Events of copies: signs that somebody else has a session's tokens."""

from __future__ import annotations

from typing import Final

from service.errors.end_reasons import EndReason
from service.stores.event_kinds import Ending, Event, Words

TOKEN_REUSED: Final = Event(
    "session.token_reused",
    "A copied key was used; the device was logged out to be safe",
    Words(
        "A refresh token was used twice: its successor was made at {previous_at} for {previous_ip}, and the old one "
        "came back{where}. The session was ended to be safe.",
        "Ein Refresh-Token wurde zweimal benutzt: Sein Nachfolger entstand {previous_at} für {previous_ip}, und das "
        "alte kam wieder{where}. Die Sitzung wurde zur Sicherheit beendet.",
    ),
    "**look at these**: a spent refresh token came back, and the session was ended",
    with_change=False,
    tone="warning",
    ends=Ending("own", EndReason.REUSED),
    counts="sessions_revoked",
    keeps=("presented_gen",),
    clears=("previous_at", "previous_ip", "previous_user_agent"),
)
COPY_LOCKED_OUT: Final = Event(
    "session.copy_locked_out",
    "A copied key was used; the copy was locked out",
    Words(
        "A refresh token was used twice: its successor was made at {previous_at} for {previous_ip}, and the old one "
        "came back{where}. The session is bound to its browser's key: whoever proves that goes on, and the other was "
        "locked out.",
        "Ein Refresh-Token wurde zweimal benutzt: Sein Nachfolger entstand {previous_at} für {previous_ip}, und das "
        "alte kam wieder{where}. Die Sitzung ist an den Schlüssel ihres Browsers gebunden: Wer ihn nachweist, macht "
        "weiter, der andere wurde ausgesperrt.",
    ),
    "**look at these**: a spent refresh token of a session came back that is bound to its browser's key. Nothing that "
    "either holder has is good any more until that key is proven anew; the session goes on",
    with_change=False,
    tone="warning",
    keeps=("presented_gen",),
    clears=("previous_at", "previous_ip", "previous_user_agent"),
)
TOKEN_SHARED: Final = Event(
    "session.token_shared",
    "A key was used in two places at once; somebody may have a copy",
    Words(
        "A refresh token was used in two places within seconds{where}, and before from {previous_ip}: somebody may "
        "have a copy. The session goes on.",
        "Ein Refresh-Token wurde binnen Sekunden an zwei Orten benutzt{where}, und davor von {previous_ip}: Jemand hat "
        "vielleicht eine Kopie. Die Sitzung geht weiter.",
    ),
    "**look at these**: a refresh token was used in two places (another browser, or a network far away) within "
    "seconds: two tabs never do that. The session goes on; at most one a day for each",
    with_change=False,
    tone="warning",
    clears=("previous_ip", "previous_user_agent"),
)
TOKEN_REPEATED: Final = Event(
    "session.token_repeated",
    "A key was used again and again; a bad network, or a copy",
    Words(
        "A refresh token was shown again and again{where}, and what it got was never used: a bad network, or a copy. "
        "The session goes on.",
        "Ein Refresh-Token wurde immer wieder gezeigt{where}, und was es bekam, wurde nie benutzt: ein schlechtes Netz "
        "oder eine Kopie. Die Sitzung geht weiter.",
    ),
    "a refresh token was shown three times (ten, a hundred, …; each at most once a day), and what it got was never "
    "used: a bad network, or a copy that somebody only lives on. The session goes on",
    with_change=False,
    tone="warning",
    keeps=("presented_gen", "unanswered"),
)
