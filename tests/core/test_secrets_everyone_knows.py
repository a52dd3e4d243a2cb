"""Production starts with nothing that everybody knows: secrets, addresses, origins (SECURITY.md R42, R54, R66)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.settings import Settings, load_settings
from service.settings.checks import ConfigurationError
from service.settings.guessing import flaw
from tests.support.process import latchkey
from tests.support.stores import SECRET

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": SECRET,
    "DATABASE_URL": "postgres://u:p@db/x",
    "REDIS_URL": "redis://cache:6379/0",
    "PUBLIC_URL": "https://id.example.com",
    "BACKEND_CORS_ORIGINS": ("https://app.example.com",),
}
KNOWN = [
    "your-secret-key-generate-a-secure-one",  # the integration guide's
    "YOUR_SECRET_KEY_GENERATE_A_SECURE_ONE",
    "your-secret-key-generate-a-secure-one-2",
    "development-only-secret-never-use-it-in-production",
    "changeme" * 4,
    "ch4ng3m3-ch4ng3m3-ch4ng3m3-ch4ng3m3",
    "change_this_secret_before_you_deploy",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "replace-me-with-output-of-openssl-rand",
    "a-secret-for-an-afternoon-that-is-long-enough",
    "p4ssw0rdp4ssw0rd1234567890abcdefg",
    "thequickbrownfoxjumpsoverthelazydog",
    "correct-horse-battery-staple-1234",
    "our production secret 2026; do not share",
    "latchkey-production-secret-number-1",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    base64.b64encode(b"your-secret-key-generate-a-secure-one").decode(),
    base64.urlsafe_b64encode(b"changeme-changeme-changeme").decode(),
    b"development-only-secret".hex(),
]
GUESSABLE = [
    "x" * 32,
    "0" * 64,
    " x" * 32,
    "ab" * 20,
    "abc123" * 6,
    "aaaaaaaabbbbbbbbccccccccdddddddd",
    "abcdefghijklmnopqrstuvwxyz012345",
    "zyxwvutsrqponmlkjihgfedcba987654",
    "0123456789abcdef0123456789abcdef",
    "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
    "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpP",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "deadbeef" * 8,
    "!@#$%^&*()!@#$%^&*()!@#$%^&*()!@",
    "1357911131517192123252729313335373941",
    bytes(range(32)).hex(),
    bytes(32).hex(),
    base64.b64encode(bytes(range(48))).decode(),
    base64.b64encode(bytes(48)).decode(),
    base64.b64encode(b"abcd" * 12).decode(),
    "\u00e9" * 16,
]
ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "HEX": lambda raw: raw.hex().upper(),
    "base64": lambda raw: base64.b64encode(raw).decode(),
    "base64url": lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="),
    "base85": lambda raw: base64.b85encode(raw).decode(),
    "decimal": lambda raw: str(int.from_bytes(raw, "big")),
}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)


def refused(**changes: object) -> list[str]:
    """The lines that a production service says instead of starting; none when it starts."""
    values = {name: value for name, value in {**PRODUCTION, **changes}.items() if value is not None}
    try:
        load_settings(_env_file=None, **values)
    except ConfigurationError as error:
        return error.mistakes
    return []


@pytest.mark.parametrize("secret", [*KNOWN, *GUESSABLE])
def test_secrets_that_everyone_knows_or_guesses(secret: str) -> None:
    """R42, R66: each is refused, alone, before and behind a good one, and for /metrics; never repeated in the line."""
    assert refused() == []
    for name, value in (
        ("SECRET_KEY", secret),
        ("SECRET_KEY", f"{SECRET},{secret}"),
        ("SECRET_KEY", f"{secret}, {SECRET}"),
        ("METRICS_TOKEN", secret),
    ):
        lines = refused(**{name: value})
        assert [line.partition(":")[0] for line in lines] == [name], (name, lines)
        assert secret.strip() not in lines[0]
        assert SECRET not in lines[0]
        assert load_settings(_env_file=None, **{name: value})  # development is nobody's business


@given(st.randoms(use_true_random=True), st.sampled_from(sorted(ENCODINGS)), st.integers(32, 64))
def test_random_secrets_always_pass(source: object, encoding: str, size: int) -> None:
    """R42: 32 random bytes and more are good in every usual encoding: nobody is kept from starting by chance."""
    raw = source.randbytes(size)  # type: ignore[attr-defined]  # a random.Random
    assert flaw(ENCODINGS[encoding](raw)) is None


def test_samples_of_our_own_documents() -> None:
    """R66: whatever this repository shows as a value of a secret is refused, or no value."""
    shown = []
    for path in ("README.md", "docs/operations.md", "docs/api.md", ".env.example", "docker-compose.yml", "app.json",
                 "Dockerfile", "Procfile", "CONTRIBUTING.md", "bench/enumeration.py"):  # fmt: skip
        text = (ROOT / path).read_text(encoding="utf-8")
        shown += re.findall(r"(?:SECRET_KEY|METRICS_TOKEN)\"?[=:] ?[\"']?([\w./+-]{8,})", text)
    assert shown
    for value in shown:
        assert len(value) < 32 or flaw(value), value


@pytest.mark.parametrize("name", ["PUBLIC_URL", "FRONTEND_URL", "BACKEND_CORS_ORIGINS"])
def test_addresses_in_clear(name: str) -> None:
    """R54, R66: http:// in any case, also of one's own machine and beside good ones; its password isn't said."""
    for url in ("http://app.example.com", "HTTP://app.example.com", "http://localhost:3000", "http://127.0.0.1:8000",
                "http://[::1]", "http://app.example.com:443"):  # fmt: skip
        (line,) = refused(**{name: url})
        assert line.startswith(f"{name}: production needs https://"), line
        assert load_settings(_env_file=None, **{name: url})
    assert refused(**{name: "https://app.example.com:8443"}) == []
    if name != "BACKEND_CORS_ORIGINS":
        (line,) = refused(**{name: "http://ada:hunter2@app.example.com"})
        assert "hunter2" not in line
    else:
        assert len(refused(BACKEND_CORS_ORIGINS="https://a.example,http://b.example,http://c.example")) == 2


@pytest.mark.parametrize("name", ["PUBLIC_URL", "BACKEND_CORS_ORIGINS"])
def test_defaults_of_development(name: str) -> None:
    """R54, R66: what development takes when nothing is set, production doesn't; nor an empty value for it."""
    (line,) = refused(**{name: None})
    assert line.startswith(f"{name}: production has no default")


def test_no_front_end_of_its_own() -> None:
    """R54: none at all is an answer: it has to be said."""
    assert refused(BACKEND_CORS_ORIGINS="[]") == []


def test_the_start_says_so() -> None:
    """R66: one clear line for each mistake on standard error, another exit code than 0, and no secret."""
    known = "your-secret-key-generate-a-secure-one"
    done = latchkey(
        "serve", ENVIRONMENT="production", SECRET_KEY=known, METRICS_TOKEN="x" * 32, REDIS_URL="redis://cache",
        DATABASE_URL="postgres://u:p@db/x", PUBLIC_URL="http://id.example.com", BACKEND_CORS_ORIGINS="",
        FRONTEND_URL="http://app.example.com",
    )  # fmt: skip
    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        "SECRET_KEY", "METRICS_TOKEN", "PUBLIC_URL", "BACKEND_CORS_ORIGINS", "FRONTEND_URL",
    ]  # fmt: skip
    assert known not in done.stderr + done.stdout
