"""Events of logging in, and of giving the password again."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

LOGIN_SUCCEEDED: Final = Event(
    "login.succeeded",
    "Logged in",
    Words("Logged in{where}.", "Angemeldet{where}."),
    "a log-in; `methods` says how, `elsewhere` that its last step came from another network than its first",
    with_change=False,
    tone="good",
    opens=True,
    counts="logins",
    keeps=("methods", "elsewhere"),
)
LOGIN_PENDING: Final = Event(
    "login.pending",
    "First step right, a second one asked for",
    Words(
        "The first step of a log-in was right{where} ({methods}); a second one was asked for.",
        "Der erste Schritt einer Anmeldung war richtig{where} ({methods}); ein zweiter wurde verlangt.",
    ),
    "what was shown (`methods`) was right, and something more is owed: one of `owed`",
    with_change=False,
    keeps=("methods", "owed"),
)
LOGIN_FAILED: Final = Event(
    "login.failed",
    "Failed log-in",
    Words("A log-in failed{where}: {reason}.", "Eine Anmeldung ist gescheitert{where}: {reason}."),
    "one that failed; `reason`: `password`, `inactive` or `unverified`",
    with_change=False,
    tone="warning",
    counts="logins",
    keeps=("reason",),  # one of our own words
)
LOGIN_NEW_DEVICE: Final = Event(
    "login.new_device",
    "Logged in from a new device",
    Words("Logged in on a device that was not known{where}.", "Auf einem unbekannten Gerät angemeldet{where}."),
    "a log-in where the user hadn't been before; they got a letter",
    with_change=True,
    tone="warning",
)
REAUTHENTICATED: Final = Event(
    "reauthentication.succeeded",
    "Password confirmed",
    Words("The password was given again{where}.", "Das Passwort wurde noch einmal eingegeben{where}."),
    "the user was asked to prove again to be there, and did; `methods` says how",
    with_change=False,
    keeps=("methods",),
)
REAUTHENTICATION_FAILED: Final = Event(
    "reauthentication.failed",
    "Password confirmation failed",
    Words(
        "The password was asked for again, and wrong{where}.",
        "Das Passwort wurde noch einmal verlangt und war falsch{where}.",
    ),
    "the password was asked for again, and wrong",
    with_change=False,
    tone="warning",
)
