"""Tickets of log-ins that still owe something, on the wire."""

from __future__ import annotations

import hmac
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.core.text import base64url
from service.stores.refresh_tokens import RefreshToken, RefreshTokenCodec
from service.stores.tickets import PREFIX, Ticket, TicketCodec

CODEC = TicketCodec(("a secret that signs",))
TICKETS = st.builds(Ticket, st.uuids(), st.uuids())
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(TICKETS)
def test_what_is_written_is_read(ticket: Ticket) -> None:
    """Every ticket comes back as it was; the text is 91 URL-safe characters, the same every time."""
    text = CODEC.encode(ticket)
    assert CODEC.decode(text) == ticket
    assert CODEC.encode(ticket) == text
    assert len(text) == 91


@given(TICKETS, st.integers(4, 90), st.integers(1, 63))
def test_one_character_changed(ticket: Ticket, place: int, shift: int) -> None:
    """Any change of any character is noticed."""
    text = CODEC.encode(ticket)
    changed = LETTERS[(LETTERS.index(text[place]) + shift) % 64]
    assert CODEC.decode(text[:place] + changed + text[place + 1 :]) is None


@given(st.text(max_size=200))
def test_anything_else(text: str) -> None:
    """No text makes the decoder fail."""
    assert CODEC.decode(text) is None
    assert CODEC.decode(PREFIX + text) is None


def test_another_kind_of_token() -> None:
    """A refresh token under the same secret is no ticket, whatever stands in front of it."""
    token = RefreshTokenCodec(("a secret that signs",)).encode(RefreshToken(UUID(int=1), UUID(int=2), 3, 4))
    assert CODEC.decode(token) is None
    assert CODEC.decode(PREFIX + token[4:]) is None


def test_secret_rotation() -> None:
    """R44: tickets and fingerprints of the old secret are known while it is listed."""
    ticket = Ticket(UUID(int=1), UUID(int=2))
    old, new, both = TicketCodec(("old",)), TicketCodec(("new",)), TicketCodec(("new", "old"))
    assert both.decode(old.encode(ticket)) == ticket
    assert both.encode(ticket) == new.encode(ticket)
    assert new.decode(old.encode(ticket)) is None
    assert both.matches(old.fingerprint("a", "b"), "a", "b")
    assert not new.matches(old.fingerprint("a", "b"), "a", "b")


def test_fingerprints() -> None:
    """They tell texts apart, also where their boundaries differ, and say nothing of them."""
    found = CODEC.fingerprint("ada@example.com", "hash")
    assert CODEC.matches(found, "ada@example.com", "hash")
    for others in (("ada@example.com", "other"), ("ada@example.comhash",), ("ada@example.co", "mhash"), ()):
        assert not CODEC.matches(found, *others)
    assert "ada@example.com" not in found
    assert not CODEC.matches("", "ada@example.com", "hash")


def test_unknown_version() -> None:
    """A ticket of a later format is not ours, even with a good MAC."""
    raw = bytearray(base64url.decode(CODEC.encode(Ticket(UUID(int=1), UUID(int=2)))[4:]) or b"")
    raw[0] = 2
    fields = bytes(raw[:33])
    forged = base64url.encode(fields + hmac.digest(CODEC._keys[0], fields, "sha256"))
    assert CODEC.decode(PREFIX + forged) is None
