"""What a browser holds that has asked for a letter to log in with: the log-in's ticket, sealed."""

from __future__ import annotations

from typing import Final

from service.credentials import mailed_codes
from service.stores.tickets import Ticket

PREFIX: Final = "lkm_"
_PURPOSE: Final = "challenge of a log-in by mail"


def challenge_of(secrets: tuple[str, ...], ticket: Ticket) -> str:
    """Return the challenge of a log-in: its ticket, sealed, for that says whose account it is, if anybody's.

    All are of one length, and no two alike.
    """
    return PREFIX + mailed_codes.sealed_ticket(secrets, _PURPOSE, ticket)


def ticket_of(secrets: tuple[str, ...], challenge: str) -> Ticket | None:
    """Return the ticket in a genuine challenge, None for anything else."""
    encoded = challenge.removeprefix(PREFIX)
    return mailed_codes.opened_ticket(secrets, _PURPOSE, encoded) if encoded != challenge else None
