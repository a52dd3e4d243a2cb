"""Challenges and cookies of device-bound sessions: what they say, and to whom alone."""

from __future__ import annotations

from uuid import uuid4

import pytest

from service.core.clock import Clock
from service.core.text import base64url
from service.settings import Settings
from service.stores.device_proofs import REGISTRATION_SECONDS, SPARE_SECONDS, DeviceProofs, Purpose
from service.stores.sessions.bindings import tag_of

UID, SID, TAG = uuid4(), uuid4(), tag_of(b"key")
OLD, NEW = "o" * 40, "n" * 40


def proofs(clock: Clock, secret: str = NEW) -> DeviceProofs:
    return DeviceProofs(Settings(SECRET_KEY=secret, DEVICE_PROOF_SECONDS=600), clock)


def bent(text: str) -> list[str]:
    """Every text that differs from this one in a bit, and some that are no such text at all."""
    raw = base64url.decode(text)
    assert raw is not None
    found = [base64url.encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]) for at in range(len(raw))]
    return [
        *found,
        "",
        "x",
        text[:-1],
        text + "A",
        f" {text}",
        text.swapcase(),
        base64url.encode(raw + b"\0"),
        "é" * 72,
    ]


@pytest.mark.parametrize("purpose", ["registration", "proof"])
def test_a_challenge_is_for_one_session_and_purpose(purpose: Purpose) -> None:
    """It says when it was made, and nothing to anybody else."""
    clock = Clock()
    subject = proofs(clock)
    text = subject.challenge(UID, SID, purpose)
    made_at = subject.challenged_at(text, UID, SID, purpose)
    assert made_at is not None
    assert abs(made_at - clock.timestamp() * 1000) < 5000
    other: Purpose = "proof" if purpose == "registration" else "registration"
    assert subject.challenged_at(text, UID, SID, other) is None
    assert subject.challenged_at(text, uuid4(), SID, purpose) is None
    assert subject.challenged_at(text, UID, uuid4(), purpose) is None
    assert subject.challenged_at(text, SID, UID, purpose) is None
    assert [wrong for wrong in bent(text) if subject.challenged_at(wrong, UID, SID, purpose) is not None] == []


@pytest.mark.parametrize(("purpose", "life"), [("registration", REGISTRATION_SECONDS), ("proof", 600 + SPARE_SECONDS)])
def test_a_challenge_has_its_time(purpose: Purpose, life: int) -> None:
    """A clock that is a little behind the one that made it is no reason to refuse it."""
    clock, other = Clock(), Clock()
    text = proofs(clock).challenge(UID, SID, purpose)
    clock.advance(life - 2)
    assert proofs(clock).challenged_at(text, UID, SID, purpose) is not None
    clock.advance(3)
    assert proofs(clock).challenged_at(text, UID, SID, purpose) is None
    other.advance(9)
    ahead = proofs(other).challenge(UID, SID, purpose)
    assert proofs(Clock()).challenged_at(ahead, UID, SID, purpose) is not None
    other.advance(3)
    ahead = proofs(other).challenge(UID, SID, purpose)
    assert proofs(Clock()).challenged_at(ahead, UID, SID, purpose) is None


def test_a_cookie_says_which_key_was_proven() -> None:
    """On its own session, until it ends; others beside it hide nothing."""
    clock = Clock()
    subject = proofs(clock)
    cookie = subject.cookie(UID, SID, TAG, 7)
    elsewhere = subject.cookie(UID, uuid4(), tag_of(b"other"), 9)
    assert subject.proven([cookie], UID, SID) == (TAG, 7)
    assert subject.proven(["", "nonsense", elsewhere, cookie], UID, SID) == (TAG, 7)
    assert subject.proven([elsewhere], UID, SID) == (b"", 0)
    assert subject.proven([cookie], uuid4(), SID) == (b"", 0)
    assert subject.proven([cookie], SID, UID) == (b"", 0)
    assert subject.proven([], UID, SID) == (b"", 0)
    assert [wrong for wrong in bent(cookie) if subject.proven([wrong], UID, SID)[0]] == []
    clock.advance(598)
    assert subject.proven([cookie], UID, SID) == (TAG, 7)
    assert subject.cookie(UID, SID, TAG, 7) != cookie
    clock.advance(3)
    assert subject.proven([cookie], UID, SID) == (b"", 0)


def test_a_challenge_is_no_cookie() -> None:
    """And the other way round."""
    subject = proofs(Clock())
    assert subject.proven([subject.challenge(UID, SID, "proof")], UID, SID) == (b"", 0)
    assert subject.challenged_at(subject.cookie(UID, SID, TAG, 7), UID, SID, "proof") is None


def test_a_change_of_secret_is_no_loss() -> None:
    """What was made under the one before is good while that is still named, and no longer."""
    clock = Clock()
    before = proofs(clock, OLD)
    challenge, cookie = before.challenge(UID, SID, "proof"), before.cookie(UID, SID, TAG, 7)
    both, after = proofs(clock, f"{NEW},{OLD}"), proofs(clock, NEW)
    assert both.challenged_at(challenge, UID, SID, "proof") is not None
    assert both.proven([cookie], UID, SID) == (TAG, 7)
    assert after.challenged_at(challenge, UID, SID, "proof") is None
    assert after.proven([cookie], UID, SID) == (b"", 0)
