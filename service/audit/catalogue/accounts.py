"""Events of accounts: made, changed, deleted; their passwords and addresses."""

from __future__ import annotations

from typing import Final

from service.errors.end_reasons import EndReason
from service.stores.event_kinds import Ending, Event, Words

REGISTERED: Final = Event(
    "user.registered",
    "Account created",
    Words("Registered{where}.", "Registriert{where}."),
    "someone made an account",
    with_change=True,
)
REGISTERED_AGAIN: Final = Event(
    "user.registered_again",
    "Address registered once more",
    Words(
        "Somebody registered the address once more{where}: the account stays as it is.",
        "Die Adresse wurde noch einmal registriert{where}: Das Konto bleibt, wie es ist.",
    ),
    "with `REQUIRE_EMAIL_VERIFICATION`: somebody registered the address of this account; the account stays as it is",
    with_change=True,
    tone="warning",
)
USER_CREATED: Final = Event(
    "user.created",
    "Account created by an administrator",
    Words("The account was made by an administrator.", "Das Konto wurde von der Administration angelegt."),
    "an administrator, or `latchkey users create-superuser`, made an account",
    with_change=True,
)
USERS_IMPORTED: Final = Event(
    "users.imported",
    "Accounts imported",
    Words(
        "Accounts were imported: {created} created, {updated} updated, {skipped} skipped, {refused} refused.",
        "Konten wurden importiert: {created} angelegt, {updated} geändert, {skipped} ausgelassen, {refused} abgelehnt.",
    ),
    "`latchkey users import` ran: how many accounts were created, updated, skipped, refused",
    with_change=False,  # each batch is a transaction of its own
    keeps=("created", "updated", "skipped", "refused"),
)
USER_UPDATED: Final = Event(
    "user.updated",
    "Account changed",
    Words("{Who} changed the account: {changed}.", "{Who} hat das Konto geändert: {changed}."),
    "an administrator changed an account; `changed` says what, `actor_id` who, `why` why its sessions ended",
    with_change=True,
    ends=Ending(
        "others",
        EndReason.ENDED_BY_ADMINISTRATOR,
        by="why",
        reasons={
            reason.value: reason for reason in (EndReason.USER_DISABLED, EndReason.PASSWORD_SET, EndReason.ROLE_CHANGED)
        },
        only_if="sessions_ended",
    ),
    told_of={
        EndReason.USER_DISABLED: Words(
            "{Who} disabled the account{where}: every session ended.",
            "{Who} hat das Konto gesperrt{where}: Alle Sitzungen wurden beendet.",
        ),
        EndReason.PASSWORD_SET: Words(
            "{Who} set a new password{where}: every session ended.",
            "{Who} hat ein neues Passwort gesetzt{where}: Alle Sitzungen wurden beendet.",
        ),
        EndReason.ROLE_CHANGED: Words(
            "{Who} took the rights of a superuser away{where}: every session ended.",
            "{Who} hat die Rechte der Administration entzogen{where}: Alle Sitzungen wurden beendet.",
        ),
    },
    keeps=("changed", "sessions_ended", "why"),  # the names of the fields, no values
)
USER_DELETED: Final = Event(
    "user.deleted",
    "Account deleted",
    Words("The account was deleted.", "Das Konto wurde gelöscht."),
    "an account was deleted; its earlier events stay, without anything that says whose they were. See [Personal "
    "data](#personal-data). `by` is `operator` where `latchkey users delete` did it",
    with_change=True,
    tone="warning",
    keeps=("by",),
)
PASSWORD_CHANGED: Final = Event(
    "password.changed",
    "Password changed",
    Words(
        "The password was changed{where}: every other session ended.",
        "Das Passwort wurde geändert{where}: Alle anderen Sitzungen wurden beendet.",
    ),
    "a user changed their password",
    with_change=True,
    tone="warning",
    ends=Ending("others", EndReason.PASSWORD_CHANGED),
)
PASSWORD_RESET: Final = Event(
    "password.reset",
    "Password set with a link",
    Words(
        "A new password was set with a link from a letter{where}: every session ended.",
        "Mit einem Link aus einer Mail wurde ein neues Passwort gesetzt{where}: Alle Sitzungen wurden beendet.",
    ),
    "a user set a new one with a link; every session ended",
    with_change=True,
    tone="warning",
    ends=Ending("others", EndReason.PASSWORD_RESET),
)
EMAIL_VERIFIED: Final = Event(
    "email.verified",
    "E-mail address confirmed",
    Words("The e-mail address was confirmed{where}.", "Die E-Mail-Adresse wurde bestätigt{where}."),
    "an address was confirmed",
    with_change=True,
    tone="good",
)
EMAIL_CHANGE_REQUESTED: Final = Event(
    "email.change_requested",
    "Change of e-mail address asked for",
    Words(
        "Another e-mail address was asked for{where}.",
        "Eine andere E-Mail-Adresse wurde gewünscht{where}.",
    ),
    "another address was asked for",
    with_change=True,
)
EMAIL_CHANGED: Final = Event(
    "email.changed",
    "E-mail address changed",
    Words("The e-mail address was changed{where}.", "Die E-Mail-Adresse wurde geändert{where}."),
    "it became the address",
    with_change=True,
    tone="warning",
)
EMAIL_CHANGE_UNDONE: Final = Event(
    "email.change_undone",
    "Change of e-mail address taken back",
    Words(
        "The change of the e-mail address was taken back{where}: every session ended.",
        "Die Änderung der E-Mail-Adresse wurde zurückgenommen{where}: Alle Sitzungen wurden beendet.",
    ),
    "a change of the address was taken back from the old one; every session and the password ended",
    with_change=True,
    tone="warning",
    ends=Ending("others", EndReason.EMAIL_CHANGE_UNDONE),
)
EMAIL_CHANGE_FINAL: Final = Event(
    "email.change_final",
    "Change of address can’t be taken back any more",  # noqa: RUF001 - a typographer's apostrophe
    Words(
        "An earlier address can no longer take the account back.",
        "Eine frühere Adresse kann das Konto nicht mehr zurückholen.",
    ),
    "a password was set with a letter to the new address: the old one, which was confirmed, can't take the account "
    "back any more, and was told so",
    with_change=True,
    tone="warning",
)
ACCOUNT_CLAIMED: Final = Event(
    "account.claimed",
    "Account claimed from its mailbox",
    Words(
        "The address was confirmed{where} by somebody who didn't have the account's password ({way}): every older "
        "session and password ended.",
        "Die Adresse wurde{where} von jemandem bestätigt, der das Passwort des Kontos nicht hatte ({way}): Alle "
        "älteren Sitzungen und Passwörter wurden ungültig.",
    ),
    "whoever has the mailbox confirmed it without the account's password (`way`: `link`, `registration` or `reset`): "
    "every older session and password ended",
    with_change=True,
    tone="warning",
    ends=Ending(
        "others",
        EndReason.ACCOUNT_CLAIMED,
        by="way",
        reasons={"registration": EndReason.CONFIRMED_BY_ANOTHER},
    ),
    keeps=("way",),
)
