"""Every token has one spelling: another text that decodes to the same bytes is none (RFC 4648 section 3.5)."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sanic.compat import Header

from service.core.http.pagination import Cursor
from service.core.http.requests import bearer_token
from service.core.text import base64url
from service.stores.device_cookies import DeviceCookies
from service.stores.refresh_tokens import PREFIX, RefreshToken, RefreshTokenCodec
from service.stores.tickets import PREFIX as TICKET_PREFIX
from service.stores.tickets import Ticket, TicketCodec

ADA = UUID(int=7)
REFRESH = RefreshTokenCodec(("a secret", "an older one"))
DEVICES = DeviceCookies(("a secret",))
TICKETS = TicketCodec(("a secret", "an older one"))
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def _cursor(text: str) -> object:
    try:
        return Cursor.decode(text)
    except ValueError:
        return None


Codec = tuple[str, Callable[[str], object]]
tokens = st.builds(RefreshToken, st.uuids(), st.uuids(), st.integers(0, 2**32 - 1), st.integers(0, 2**48 - 1))
spellings: st.SearchStrategy[Codec] = st.one_of(
    tokens.map(lambda token: (REFRESH.encode(token), REFRESH.decode)),
    st.builds(Ticket, st.uuids(), st.uuids()).map(lambda ticket: (TICKETS.encode(ticket), TICKETS.decode)),
    st.uuids().map(lambda device: (DEVICES.encode(ADA, device), lambda text: DEVICES.decode(text, ADA))),
    st.builds(
        lambda moment, row: (Cursor(moment.replace(tzinfo=UTC), row).encode(), _cursor), st.datetimes(), st.uuids()
    ),
    st.binary(min_size=1, max_size=80).map(lambda raw: (base64url.encode(raw), base64url.decode)),
)


def same_bytes(text: str) -> list[str]:
    """Other texts that lenient decoders take for the same."""
    body = text.removeprefix(PREFIX).removeprefix(TICKET_PREFIX)
    front = text[: len(text) - len(body)]
    last = LETTERS.index(body[-1])
    found = [
        *(
            text + more
            for more in ("=", "==", "===", " ", "\n", "\r\n", "\t", "\0", "\u00a0", "!", "%", ".", "A", "==x")
        ),
        *(more + text for more in (" ", "\n", "\t", "\ufeff", "=")),
        *(front + more + body for more in (" ", "\n", "=", "!")),
        front + body.replace("-", "+"),
        front + body.replace("_", "/"),
        front + body.replace("-", "+").replace("_", "/"),
        front + body.replace("-", "\u2212"),
        front + "%" + f"{ord(body[0]):02x}" + body[1:],
        front + chr(ord(body[0]) + 0xFEE0) + body[1:],
        *(front + body[:-1] + LETTERS[last ^ bits] for bits in (1, 2, 3, 4, 8, 15)),
        *(front + body[:place] + "\n" + body[place:] for place in (1, len(body) // 2)),
        text.swapcase(),
        f'"{text}"',
        text * 2,
    ]
    return [other for other in found if other != text]


@given(spellings)
def test_another_spelling_is_another_text(codec: Codec) -> None:
    """R26, R41: padding, other alphabets, white space, idle bits, escapes: nothing but what was issued is read."""
    text, decode = codec
    meant = decode(text)
    assert meant is not None
    for other in same_bytes(text):
        assert decode(other) != meant, other


@given(spellings, st.data())
def test_any_other_spelling(codec: Codec, data: st.DataObject) -> None:
    """R26, R41: characters put in, taken out or exchanged anywhere: what is still read is something else."""
    text, decode = codec
    meant = decode(text)
    place = data.draw(st.integers(0, len(text)))
    more = data.draw(st.text(max_size=3))
    gone = data.draw(st.integers(0, 3))
    other = text[:place] + more + text[place + gone :]
    assert other == text or decode(other) != meant


@given(st.text(alphabet=LETTERS + "=+/ \n", max_size=60))
def test_the_decoder(text: str) -> None:
    """RFC 4648: what is read is written the same again, and the standard's own decoder agrees."""
    raw = base64url.decode(text)
    if raw is not None:
        assert base64url.encode(raw) == text
        assert base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True) == raw


@given(st.integers(-(2**63), 2**63 - 1), st.uuids())
def test_any_cursor(micros: int, row: UUID) -> None:
    """R63: every cursor that can be spelt is a moment, or a ValueError."""
    import struct

    text = base64url.encode(struct.pack(">q16s", micros, row.bytes))
    found = _cursor(text)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    if found is not None:
        assert isinstance(found, Cursor)
        assert found.created_at == epoch + timedelta(microseconds=micros)
        assert found.encode() == text


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"), ("bearer abc", "abc"), ("Bearer  abc", "abc"),  # RFC 9110 section 11.4: 1*SP
        ("Bearer abc ", "abc "), ("Bearer abc\t", "abc\t"), ("Bearer \tabc", "\tabc"),
        ("Bearer abc\u00a0", "abc\u00a0"),
        ("Bearer\u00a0abc", None), ("Bearer\tabc", None), ("Bearer\u2003abc", None), (" Bearer abc", None),
        ("Bearer,abc", None), ("\u212aearer abc", None), ("Bearer", ""), ("Bearer  ", ""),
        ("Bearer abc def", "abc def"),
    ],
)  # fmt: skip
def test_the_scheme(header: str, token: str | None) -> None:
    """R45: the scheme and spaces, which are the header's; every other character is the token's, and spoils it."""
    assert bearer_token(Header([("Authorization", header)])) == token
