"""Events of second factors: set up, used, taken away; and of devices that aren't asked for them."""

from __future__ import annotations

from typing import Final

from service.errors.end_reasons import EndReason
from service.stores.event_kinds import Ending, Event, Words

FACTOR_ADDED: Final = Event(
    "factor.added",
    "Second factor set up",
    Words("A second factor was set up{where}: {kind}.", "Ein zweiter Faktor wurde eingerichtet{where}: {kind}."),
    "a user set up a second factor (`kind`: `totp` or `passkey`), or replaced it; log-ins under way and trusted "
    "devices ended. `imported`: it came from another system",
    with_change=True,
    tone="good",
    ends=Ending("others", EndReason.OTHERS_ENDED, only_if="sessions_ended"),
    keeps=("kind", "sessions_ended", "imported"),
)
FACTOR_REMOVED: Final = Event(
    "factor.removed",
    "Second factor removed",
    Words(
        "A second factor was removed{where}: {kind}. Every other session ended.",
        "Ein zweiter Faktor wurde entfernt{where}: {kind}. Alle anderen Sitzungen wurden beendet.",
    ),
    "a user removed a second factor; their other sessions, log-ins under way and trusted devices ended",
    with_change=True,
    tone="warning",
    ends=Ending("others", EndReason.OTHERS_ENDED),
    keeps=("kind",),
)
FACTORS_RESET: Final = Event(
    "factors.reset",
    "Second factors reset",
    Words(
        "{Who} took the second factors away{where} ({kinds}): every session ended.",
        "{Who} hat die zweiten Faktoren entfernt{where} ({kinds}): Alle Sitzungen wurden beendet.",
    ),
    "an administrator (`actor_id`) or operator took all second factors, recovery codes and trusted devices of a user "
    "away (`reason`: what they gave for it); every session ended",
    with_change=True,
    tone="warning",
    ends=Ending("others", EndReason.ENDED_BY_ADMINISTRATOR),
    keeps=("kinds",),
    clears=("reason",),
)
FACTORS_RECOVERY: Final = Event(
    "factors.recovery",
    "Second factors about to go",
    Words(
        "Somebody with the password and the mailbox asked to have the second factors taken away{where}.",
        "Mit Passwort und Postfach wurde verlangt, die zweiten Faktoren zu entfernen{where}.",
    ),
    "somebody who has shown password and mailbox asked to have the second factors taken away: they go after "
    "`SECOND_FACTOR_RECOVERY_HOURS`, unless somebody says no",
    with_change=True,
    tone="warning",
)
FACTORS_KEPT: Final = Event(
    "factors.kept",
    "Second factors stay",
    Words(
        "That the second factors are taken away was stopped{where}.",
        "Dass die zweiten Faktoren entfernt werden, wurde verhindert{where}.",
    ),
    "that was stopped: `by` a `session`, a `link` from an e-mail, the second `factor` itself, or the `setting`",
    with_change=True,
    tone="good",
    keeps=("by",),
)
FACTORS_RECOVERED: Final = Event(
    "factors.recovered",
    "Second factors gone as asked",
    Words(
        "The second factors were taken away, as had been asked ({kinds}): every session ended.",
        "Die zweiten Faktoren wurden wie verlangt entfernt ({kinds}): Alle Sitzungen wurden beendet.",
    ),
    "the wait was over, and nobody had said no: factors, recovery codes, trusted devices and sessions are gone",
    with_change=True,
    tone="warning",
    ends=Ending("others", EndReason.OTHERS_ENDED),
    keeps=("kinds",),
)
RECOVERY_CODE_USED: Final = Event(
    "recovery_code.used",
    "Recovery code used",
    Words(
        "A recovery code was used{where}: {left} are left.",
        "Ein Wiederherstellungscode wurde benutzt{where}: {left} sind übrig.",
    ),
    "a recovery code stood in for the second factor; `left` says how many there still are",
    with_change=True,
    tone="warning",
    keeps=("left",),
)
RECOVERY_CODES_REPLACED: Final = Event(
    "recovery_codes.replaced",
    "New recovery codes",
    Words(
        "New recovery codes were made{where}: the ones before are dead.",
        "Neue Wiederherstellungscodes wurden gemacht{where}: Die bisherigen gelten nicht mehr.",
    ),
    "a user had new recovery codes made; the ones before are dead",
    with_change=True,
)
SECOND_FACTOR_FAILED: Final = Event(
    "second_factor.failed",
    "Wrong codes, again and again",
    Words(
        "Codes of the second factor were wrong so often that it has to wait{where}.",
        "Codes des zweiten Faktors waren so oft falsch, dass gewartet werden muss{where}.",
    ),
    "whoever is asked for a code knows the first factor, and has guessed until they had to wait; one for each wait, "
    "not for each guess",
    with_change=True,
    tone="warning",
)
PASSKEY_SUSPENDED: Final = Event(
    "passkey.suspended",
    "Passkey suspended",
    Words(
        "A passkey was shown that may be a copy{where}: it is good for nothing since. No session ended.",
        "Ein Passkey wurde gezeigt, der eine Kopie sein kann{where}: Er gilt seither nicht mehr. Keine Sitzung endete.",
    ),
    "the counter of a passkey that can't be copied went back: there is a copy of it, and nobody logs in with either; "
    "that log-in was refused, and no session ended",
    with_change=True,
    tone="warning",
)
DEVICE_TRUSTED: Final = Event(
    "device.trusted",
    "Device trusted",
    Words(
        "This device isn't asked for the second factor for a while{where}.",
        "Auf diesem Gerät wird eine Zeit lang nicht nach dem zweiten Faktor gefragt{where}.",
    ),
    "a user asked not to be asked for the second factor on this device (`TRUST_DEVICE_DAYS`)",
    with_change=True,
)
DEVICE_TRUST_ENDED: Final = Event(
    "device.trust_ended",
    "Device not trusted any more",
    Words(
        "A device that wasn't asked for the second factor is asked again{where}.",
        "Auf einem Gerät wird wieder nach dem zweiten Faktor gefragt{where}.",
    ),
    "a user ended the trust of a device",
    with_change=False,
)
