"""Why a session ended, for the person in front of it: an entry for every reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.errors.end_reasons import EndReason
from service.stores.event_kinds import Reason, Words

REASONS: Final[Mapping[EndReason, Reason]] = {
    EndReason.LOGGED_OUT: Reason(
        Words("You are logged out.", "Sie sind abgemeldet."),
        "they logged out, in another tab",
        way="logout",
    ),
    EndReason.LOGGED_OUT_EVERYWHERE: Reason(
        Words("You logged out on all devices.", "Sie haben sich auf allen Geräten abgemeldet."),
        "they ended all of their sessions, from this device or another (`POST /api/auth/logout-all`)",
        way="logout_all",
    ),
    EndReason.ENDED_ELSEWHERE: Reason(
        Words(
            "You were logged out from another device. Please log in again.",
            "Sie wurden von einem anderen Gerät aus abgemeldet. Bitte melden Sie sich wieder an.",
        ),
        "they ended this session from another device (`DELETE /api/sessions/{session_id}`)",
        way="one",
    ),
    EndReason.OTHERS_ENDED: Reason(
        Words(
            "All devices but one were logged out. Please log in again.",
            "Alle Geräte bis auf eines wurden abgemeldet. Bitte melden Sie sich wieder an.",
        ),
        "they ended all sessions but the one of another device (`DELETE /api/sessions`)",
        way="others",
    ),
    EndReason.REPLACED: Reason(
        Words(
            "Somebody logged in here. Please log in again.",
            "Hier hat sich jemand neu angemeldet. Bitte melden Sie sich wieder an.",
        ),
        "somebody logged in anew in this browser ([cookie mode](#cookie-mode))",
        way="replaced",
    ),
    EndReason.DISPLACED: Reason(
        Words(
            "You are logged in on too many devices: the one not used for longest was logged out.",
            "Sie sind auf zu vielen Geräten angemeldet: Das am längsten nicht benutzte wurde abgemeldet.",
        ),
        "a newer log-in took its place: there were too many sessions",
        way="limit",
    ),
    EndReason.REUSED: Reason(
        Words(
            "Your session was ended to be safe: a copy of it was used elsewhere. Please log in again.",
            "Ihre Sitzung wurde zur Sicherheit beendet: Eine Kopie von ihr wurde anderswo benutzt. "
            "Bitte melden Sie sich wieder an.",
        ),
        "a copy of the session was used elsewhere",
        way="reused",
    ),
    EndReason.EXPIRED: Reason(
        Words(
            "You were away for long. Please log in again.",
            "Sie waren lange nicht da. Bitte melden Sie sich wieder an.",
        ),
        "the session was not used for too long (`REFRESH_TOKEN_EXPIRE_DAYS`)",
        way="",
    ),
    EndReason.TOO_OLD: Reason(
        Words(
            "You logged in a long time ago. Please log in again.",
            "Ihre Anmeldung ist lange her. Bitte melden Sie sich wieder an.",
        ),
        "the log-in was too long ago (`SESSION_MAX_DAYS`)",
        way="",
    ),
    EndReason.PASSWORD_CHANGED: Reason(
        Words(
            "Your password was changed. Please log in with the new one.",
            "Ihr Passwort wurde geändert. Bitte melden Sie sich mit dem neuen an.",
        ),
        "the password was changed on another device",
        way="password",
    ),
    EndReason.PASSWORD_RESET: Reason(
        Words(
            "A new password was set with a link from an e-mail. Please log in with it.",
            "Mit einem Link aus einer Mail wurde ein neues Passwort gesetzt. Bitte melden Sie sich mit ihm an.",
        ),
        "a new password was set with a link from a letter",
        way="all",
    ),
    EndReason.PASSWORD_SET: Reason(
        Words(
            "An administrator has set a new password for this account. Please log in with it.",
            "Die Administration hat diesem Konto ein neues Passwort gegeben. Bitte melden Sie sich mit ihm an.",
        ),
        "an administrator or operator set another password",
        way="administrator",
    ),
    EndReason.ACCOUNT_CLAIMED: Reason(
        Words(
            "This account now belongs to whoever has its mailbox, with a new password.",
            "Dieses Konto gehört nun der Person, die sein Postfach hat, mit einem neuen Passwort.",
        ),
        "the address was confirmed from its mailbox, with a new password: what is older in the account is over",
        way="all",
    ),
    EndReason.CONFIRMED_BY_ANOTHER: Reason(
        Words(
            "This address was confirmed by somebody else who had registered with it.",
            "Diese Adresse wurde von jemand anderem bestätigt, der sich mit ihr registriert hatte.",
        ),
        "the address was confirmed from its mailbox, with the password of another registration",
        way="all",
    ),
    EndReason.EMAIL_CHANGE_UNDONE: Reason(
        Words(
            "The change of the e-mail address was taken back. Please set a new password with the link we have sent.",
            "Die Änderung der E-Mail-Adresse wurde zurückgenommen. Bitte setzen Sie mit dem Link aus unserer Mail ein "
            "neues Passwort.",
        ),
        "a change of the address was taken back from the old one",
        way="all",
    ),
    EndReason.ENDED_BY_ADMINISTRATOR: Reason(
        Words(
            "An administrator has logged you out. Please log in again.",
            "Die Administration hat Sie abgemeldet. Bitte melden Sie sich wieder an.",
        ),
        "an administrator ended all sessions of the user",
        way="administrator",
    ),
    EndReason.ROLE_CHANGED: Reason(
        Words(
            "You are no administrator any more. Please log in again.",
            "Sie gehören nicht mehr zur Administration. Bitte melden Sie sich wieder an.",
        ),
        "a superuser is none any more",
        way="administrator",
    ),
    EndReason.USER_DISABLED: Reason(
        Words("This account has been disabled.", "Dieses Konto wurde gesperrt."),
        "the account was disabled",
        way="administrator",
    ),
    EndReason.USER_DELETED: Reason(
        Words("This account has been deleted.", "Dieses Konto wurde gelöscht."),
        "the account was deleted",
        way="deleted",
    ),
    EndReason.REVOKED: Reason(
        Words(
            "Your session was ended by the operators of this service. Please log in again.",
            "Ihre Sitzung wurde vom Betrieb dieses Dienstes beendet. Bitte melden Sie sich wieder an.",
        ),
        "an operator ended it (`latchkey sessions revoke`, or the keys were deleted or lost), or nothing says why",
        way="vanished",
    ),
}

UNKNOWN: Final = Words(
    "Your session was ended. Please log in again.", "Ihre Sitzung wurde beendet. Bitte melden Sie sich wieder an."
)
"""What is told for a reason that isn't known: none was given, or it is one of a later version of the service."""

UNPROVEN: Final = Words(
    "This browser has no key for this session. Please log in again.",
    "Dieser Browser hat keinen Schlüssel für diese Sitzung. Bitte melden Sie sich wieder an.",
)
"""What is told where a session is bound to a key that a browser hasn't got (any more). It hasn't ended."""
