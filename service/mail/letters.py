"""The letters there are, and what each is told. Their words are in `languages/`, one file a language."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Letter(StrEnum):
    """A letter. The comment names its values, beside `name` and `service`, which every letter has."""

    VERIFY_ADDRESS = "verify_address"  # link, expires
    ADDRESS_TAKEN = "address_taken"  # link (to log in)
    RESET_PASSWORD = "reset_password"  # noqa: S105 - link, expires
    SET_PASSWORD = "set_password"  # noqa: S105 - link, expires
    CONFIRM_NEW_ADDRESS = "confirm_new_address"  # link, expires
    ADDRESS_CHANGED = "address_changed"  # link (to undo it) and expires, both empty when it can't be; new_email, at
    ADDRESS_FINAL = "address_final"  # new_email, at
    ACCOUNT_DELETED = "account_deleted"  # at
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - at, device, ip, link (to reset it)
    NEW_DEVICE = "new_device"  # at, device, ip, link (to see the devices)
    SESSIONS_ENDED = "sessions_ended"  # at
    TOKEN_REUSED = "token_reused"  # noqa: S105 - at, ip, link (to see the devices)


ASKED_FOR: Final = (Letter.VERIFY_ADDRESS, Letter.RESET_PASSWORD, Letter.SET_PASSWORD, Letter.CONFIRM_NEW_ADDRESS)
"""Letters that carry a token which isn't anybody's before they are sent (service/directory/requests.py)."""
