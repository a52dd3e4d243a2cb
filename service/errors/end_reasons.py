"""Why sessions end: the words that the store leaves behind when it ends one, and that refusals and streams tell."""

from __future__ import annotations

from enum import StrEnum


class EndReason(StrEnum):
    """Why a session ended."""

    # What each means, in sentences, stands in service/audit/catalogue/reasons.py.

    LOGGED_OUT = "logged_out"
    LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"
    ENDED_ELSEWHERE = "ended_elsewhere"
    OTHERS_ENDED = "others_ended"
    REPLACED = "replaced"
    DISPLACED = "displaced"
    REUSED = "reused"
    EXPIRED = "expired"
    TOO_OLD = "too_old"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason's name
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a reason's name
    PASSWORD_SET = "password_set"  # noqa: S105 - a reason's name
    ACCOUNT_CLAIMED = "account_claimed"
    CONFIRMED_BY_ANOTHER = "confirmed_by_another"
    EMAIL_CHANGE_UNDONE = "email_change_undone"
    ENDED_BY_ADMINISTRATOR = "ended_by_administrator"
    ROLE_CHANGED = "role_changed"
    USER_DISABLED = "user_disabled"
    USER_DELETED = "user_deleted"
    REVOKED = "revoked"
