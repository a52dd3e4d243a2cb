"""Codes by time, against the vectors of the RFCs."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from service.core.crypto import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("count", "code"),
    list(
        enumerate(("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"))
    ),
)
def test_rfc_4226_appendix_d(count: int, code: str) -> None:
    assert totp.code_at(SECRET, count) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
        (2000000000, "69279037"), (20000000000, "65353130"),
    ],
)  # fmt: skip
def test_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    """The vectors for SHA-1 have eight digits; ours are the last six of them."""
    moment = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(SECRET, totp.step_at(moment), digits=8) == code
    assert totp.step_of(SECRET, code[2:], moment) == seconds // 30


def test_which_step_it_is() -> None:
    """The one of now, one before or after; no other."""
    moment = datetime(2026, 11, 27, 12, tzinfo=UTC)
    now = totp.step_at(moment)
    found = {offset: totp.step_of(SECRET, totp.code_at(SECRET, now + offset), moment) for offset in range(-3, 4)}
    assert found == {-3: None, -2: None, -1: now - 1, 0: now, 1: now + 1, 2: None, 3: None}
    assert totp.step_of(SECRET, "", moment) is None
    assert totp.step_of(SECRET, "²²²²²²", moment) is None  # digits elsewhere


def test_of_two_steps_with_one_code_it_is_the_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the one that comes next would be good again after the one that was used."""
    monkeypatch.setattr(totp, "code_at", lambda secret, step, digits=6: "111111")
    moment = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert totp.step_of(SECRET, "111111", moment) == totp.step_at(moment) + 1


def test_as_apps_take_it() -> None:
    """The URI names the service and the account; the secret is the same in both forms, and 160 bits."""
    secret = totp.new_secret()
    uri = totp.uri(secret, issuer="Möbel: Müller", account="ada+x@example.com")
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Möbel Müller:ada+x@example.com"
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert query == {
        "secret": totp.shown(secret), "issuer": "Möbel Müller", "algorithm": "SHA1", "digits": "6", "period": "30",
    }  # fmt: skip
    assert base64.b32decode(totp.shown(secret)) == secret
    assert len(secret) == 20
