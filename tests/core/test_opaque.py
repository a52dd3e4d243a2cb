"""Refresh tokens on the wire."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.stores.refresh_tokens import RefreshToken, RefreshTokenCodec

CODEC = RefreshTokenCodec(("a secret that signs",))
TOKENS = st.builds(RefreshToken, st.uuids(), st.uuids(), st.integers(0, 2**32 - 1), st.integers(0, 2**48 - 1))


@given(TOKENS)
def test_what_is_written_is_read(token: RefreshToken) -> None:
    """Every token comes back as it was; the text is 104 URL-safe characters, the same every time."""
    text = CODEC.encode(token)
    assert CODEC.decode(text) == token
    assert CODEC.encode(token) == text
    assert len(text) == 104
    assert text.replace("_", "").replace("-", "").isalnum()


@given(TOKENS, st.integers(0, 103), st.integers(1, 63))
def test_one_character_changed(token: RefreshToken, place: int, shift: int) -> None:
    """Any change of any character is noticed."""
    text = CODEC.encode(token)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = letters[(letters.index(text[place]) + shift) % 64]
    assert CODEC.decode(text[:place] + changed + text[place + 1 :]) is None


@given(st.text(max_size=200))
def test_anything_else(text: str) -> None:
    """No text makes the decoder fail."""
    assert CODEC.decode(text) is None
    assert CODEC.decode("lkr_" + text) is None


def test_one_spelling() -> None:
    """The standard alphabet's + and / are no second spelling of - and _."""
    for number in range(2**16):
        text = CODEC.encode(RefreshToken(UUID(int=number), UUID(int=0), 1, 1))
        if "-" in text[4:] and "_" in text[4:]:
            break
    assert CODEC.decode("lkr_" + text[4:].replace("-", "+")) is None
    assert CODEC.decode("lkr_" + text[4:].replace("_", "/")) is None
    assert CODEC.decode(text + "=") is None


def test_secret_rotation() -> None:
    """R44: tokens of the old secret are accepted while it is listed; new ones are made with the first."""
    token = RefreshToken(UUID(int=1), UUID(int=2), 3, 4)
    old, new = RefreshTokenCodec(("old",)), RefreshTokenCodec(("new",))
    both = RefreshTokenCodec(("new", "old"))
    assert both.decode(old.encode(token)) == token
    assert both.encode(token) == new.encode(token)
    assert new.decode(old.encode(token)) is None


def test_unknown_version() -> None:
    """A token of a later format is not ours, even with a good MAC."""
    import hmac
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    raw = bytearray(urlsafe_b64decode(CODEC.encode(RefreshToken(UUID(int=1), UUID(int=2), 3, 4))[4:]))
    raw[0] = 2
    fields = bytes(raw[:43])
    forged = urlsafe_b64encode(fields + hmac.digest(CODEC._keys[0], fields, "sha256")).decode()
    assert CODEC.decode("lkr_" + forged) is None
