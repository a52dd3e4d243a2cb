"""Events of logging in, and of giving the password again."""

from __future__ import annotations

from typing import Final

from service.stores.event_kinds import Event, Words

LOGIN_SUCCEEDED: Final = Event(
    "login.succeeded",
    "Logged in",
    Words("Logged in{by_account}{where}.", "Angemeldet{by_account}{where}."),
    "a log-in; `methods` says how, `provider` with an account at which provider, `elsewhere` that its last step came "
    "from another network than its first",
    with_change=False,
    tone="good",
    opens=True,
    counts="logins",
    keeps=("methods", "provider", "elsewhere"),
)
LOGIN_PENDING: Final = Event(
    "login.pending",
    "First step right, a second one asked for",
    Words(
        "The first step of a log-in{by_account} was right{where} ({methods}); a second one was asked for.{noted}",
        "Der erste Schritt einer Anmeldung{by_account} war richtig{where} ({methods}); ein zweiter wurde verlangt."
        "{noted}",
    ),
    "what was shown (`methods`, `provider`) was right, and something more is owed: one of `owed`; `note` is "
    "`trust_ended` where this device was trusted until something changed",
    with_change=False,
    keeps=("methods", "provider", "owed", "note"),
)
LOGIN_FAILED: Final = Event(
    "login.failed",
    "Failed log-in",
    Words("A log-in failed{where}: {reason}.", "Eine Anmeldung ist gescheitert{where}: {reason}."),
    "one that failed; `reason`: `password`, `code`, `recovery_code`, `passkey`, `inactive` or `unverified`",
    with_change=False,
    tone="warning",
    counts="logins",
    keeps=("reason",),  # one of our own words
    anybodys=True,
)
LOGIN_THROTTLED: Final = Event(
    "login.throttled",
    "Too many failed log-ins",
    Words(
        "A log-in was refused unseen{where}: too many had failed before ({by}). There is another try at {until}.",
        "Eine Anmeldung wurde ungesehen abgelehnt{where}: Zu viele waren zuvor gescheitert ({by}). Ein weiterer "
        "Versuch ist ab {until} möglich.",
    ),
    "a log-in of somebody with an account was refused before the password was looked at (429); `by` says whose "
    "attempts were used up: the `account`'s, a `device`'s, a `place`'s, an `address`'s or a `network`'s, `until` for "
    "how long. One for each wait, not for each try",
    with_change=False,
    tone="warning",
    keeps=("by", "until", "budget"),
    anybodys=True,
)
THROTTLES_CLEARED: Final = Event(
    "throttles.cleared",
    "Log-in allowed again",
    Words(
        "An operator forgot what had been counted against attempts to log in: {cleared} counts.",
        "Der Betrieb hat vergessen lassen, was gegen Anmeldeversuche gezählt worden war: {cleared} Zähler.",
    ),
    "`latchkey throttles clear` or `latchkey users unlock` let somebody try again: of the user, of an `address`, or of "
    "all (`everyone`)",
    with_change=False,
    keeps=("cleared", "everyone", "by"),
    clears=("address",),
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
    "Identity confirmed",
    Words(
        "The user has shown again to be there{where}.",
        "Die Person hat sich noch einmal ausgewiesen{where}.",
    ),
    "the user was asked to prove again to be there, and did; `methods` says how",
    with_change=False,
    keeps=("methods",),
)
REAUTHENTICATION_FAILED: Final = Event(
    "reauthentication.failed",
    "Confirming the identity failed",
    Words(
        "The password, or a code, was asked for again, and wrong{where}.",
        "Das Passwort oder ein Code wurde noch einmal verlangt und war falsch{where}.",
    ),
    "the password, or a code, was asked for again, and wrong",
    with_change=False,
    tone="warning",
)
