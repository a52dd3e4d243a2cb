"""Settings: a wrong value stops the start with one clear line per mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.core.redis import client as redis
from service.core.sql import database
from service.settings import Settings, load_settings
from service.settings.checks import ConfigurationError
from service.settings.guessing import DEVELOPMENT_SECRET

SECRET = "c7Kq1ZtVw9sXe4RbY6mUh3NfJg8PdLa2"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": SECRET,
    "DATABASE_URL": "postgres://u:p@db/x",
    "REDIS_URL": "redis://cache:6379/0",
    "PUBLIC_URL": "https://id.example.com",
    "BACKEND_CORS_ORIGINS": ("https://app.example.com",),
}


def load(**values: object) -> Settings:
    return load_settings(_env_file=None, **values)


def mistakes(**values: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(**values)
    return caught.value.mistakes


LOCAL = [
    f"http://{host}{port}" for host in ("localhost", "127.0.0.1", "[::1]") for port in ("", ":5173", ":1", ":65535")
]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)


def test_no_configuration_at_all() -> None:
    """The embedded default needs nothing."""
    settings = load()
    assert settings.embedded
    assert not settings.production
    assert settings.PUBLIC_URL == "http://localhost:8000"
    assert settings.admits("http://localhost:3000")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"PORT": 9000}, "http://localhost:9000"),
        ({"PORT": 80}, "http://localhost"),
        ({"HOST": "0.0.0.0"}, "http://localhost:8000"),
        ({"HOST": "::1"}, "http://localhost:8000"),
        ({"HOST": "localhost", "PORT": 1}, "http://localhost:1"),
        ({"HOST": "192.0.2.7", "PORT": 9000}, "http://192.0.2.7:9000"),
        ({"HOST": "2001:db8::7"}, "http://[2001:db8::7]:8000"),
        ({"HOST": "dev.example"}, "http://dev.example:8000"),
        ({"PORT": 9000, "PUBLIC_URL": "https://id.example.com"}, "https://id.example.com"),
    ],
)
def test_where_it_listens_is_where_links_lead(given: dict[str, Any], url: str) -> None:
    """A developer who changes the port has links that lead there, unless told otherwise; one mistake stays one."""
    assert url == load(**given).PUBLIC_URL
    assert [line.partition(":")[0] for line in mistakes(**given | {"WEB_CONCURRENCY": 0})] == ["WEB_CONCURRENCY"]
    assert [line.partition(":")[0] for line in mistakes(PORT=-1)] == ["PORT"]
    assert [line.partition(":")[0] for line in mistakes(HOST="a:b")] == ["HOST"]


@pytest.mark.parametrize("origin", LOCAL)
def test_front_ends_of_this_machine(origin: str) -> None:
    """R54: while developing and nobody has said which, any port of this very machine, and never in production."""
    assert load().admits(origin)
    assert not load(BACKEND_CORS_ORIGINS="https://app.example.com").admits(origin)
    assert not load(BACKEND_CORS_ORIGINS="[]").admits(origin)
    assert not load(**PRODUCTION).admits(origin)


@pytest.mark.parametrize(
    "origin",
    ["", "null", "*", "http://", "https://localhost:5173", "http://localhost.", "http://localhost:0", "http://localhost:",
     "http://localhost:123456", "http://localhost:5173/", "http://localhost:5173\n", "http://LOCALHOST:5173",
     "http://localhost.evil.example:5173", "http://evil.example", "http://evil-localhost:5173", "http://a@localhost:5173",
     "http://127.0.0.2:5173", "http://127.1:5173", "http://2130706433", "http://0.0.0.0:5173", "http://[::]:5173",
     "http://[::ffff:127.0.0.1]:5173", "http://127.0.0.1.evil.example", "http://192.168.1.5:5173", "http://app.localhost",
     "http://localhost:٥١٧٣", "xhttp://localhost:5173", "http://localhost:5173,http://localhost:5174"],
)  # fmt: skip
def test_only_this_machine(origin: str) -> None:
    """R54: a name that merely leads here may be a stranger's (DNS rebinding), so nothing is taken but these three."""
    assert not load().admits(origin)


def test_production_refuses_what_is_unsafe() -> None:
    """R66, R68: no development secret, no memory, no SQLite, one line each, without the values."""
    assert load(**PRODUCTION).production
    found = mistakes(
        **{**PRODUCTION, "SECRET_KEY": DEVELOPMENT_SECRET, "REDIS_URL": "memory://", "DATABASE_URL": "sqlite://x"}
    )
    assert [line.partition(":")[0] for line in found] == ["SECRET_KEY", "REDIS_URL", "DATABASE_URL"]
    assert DEVELOPMENT_SECRET not in "".join(found)
    assert mistakes(**{**PRODUCTION, "SECRET_KEY": f"{SECRET},{DEVELOPMENT_SECRET}"})[0].startswith("SECRET_KEY")


@pytest.mark.parametrize("secret", ["short", "x" * 31, f"{SECRET},short", ",", "é" * 15])
def test_secrets_are_long(secret: str) -> None:
    """R42: at least 32 bytes, each of them; the secret itself is not repeated."""
    (line,) = mistakes(SECRET_KEY=secret)
    assert line.startswith("SECRET_KEY: ")
    assert secret not in line.replace(",", "") or secret == ","


def test_secret_rotation() -> None:
    """The first signs."""
    assert load(SECRET_KEY=f"{SECRET}, {'y' * 40}").secrets == (SECRET, "y" * 40)


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ('["https://a.example", "https://b.example"]', ("https://a.example", "https://b.example")),
        ("https://a.example, https://b.example/", ("https://a.example", "https://b.example")),
        ("[]", ()),
    ],
)
def test_origins(monkeypatch: pytest.MonkeyPatch, value: str, origins: tuple[str, ...]) -> None:
    """A JSON list or comma-separated, as the integration guide writes it."""
    monkeypatch.setenv("BACKEND_CORS_ORIGINS", value)
    assert origins == load().BACKEND_CORS_ORIGINS


@pytest.mark.parametrize(
    "value",
    [
        "*",
        '["*"]',
        "https://*.example",
        "null",
        "a.example",
        "ftp://a",
        "[",
        "https://a?b",
        "https://a/b",
        "https://u@a",
    ],
)
def test_origins_that_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """R54: never a wildcard, never null, only origins."""
    monkeypatch.setenv("BACKEND_CORS_ORIGINS", value)
    assert mistakes()[0].startswith("BACKEND_CORS_ORIGINS")


@pytest.mark.parametrize(
    "values",
    [
        {"DATABASE_URL": "mysql://x"}, {"DATABASE_URL": "postgres"}, {"REDIS_URL": "http://x"}, {"PORT": 70000},
        {"PUBLIC_URL": "localhost"}, {"ACCESS_TOKEN_EXPIRE_MINUTES": 0}, {"PASSWORD_MIN_LENGTH": 7},
        {"WEB_CONCURRENCY": 2}, {"SESSION_MAX_DAYS": 1}, {"ENVIRONMENT": "staging"}, {"PROJECT_NAME": ""},
        {"REFRESH_GRACE_SECONDS": -1}, {"SMTP_URL": "mail.example.com"}, {"SMTP_URL": "smtp://"},
        {"SMTP_URL": "smtp://mail:99999"}, {"SMTP_URL": "smtp://mail?starttls=require"}, {"SMTP_URL": "smtp://u:p/w@mail"},
        {"MAIL_FROM": "nobody"}, {"MAIL_FROM": "a@example.com, b@example.com"}, {"MAIL_FROM": "a@x.org\nBcc: b@c.de"},
        {"FRONTEND_URL": "app.example.com"}, {"PROJECT_NAME": "Two\nlines"},
    ],
)  # fmt: skip
def test_wrong_values(values: dict[str, object]) -> None:
    """Each names its variable."""
    (line,) = mistakes(**values)
    assert line.startswith(f"{next(iter(values))}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "smtp://mail"), ("SMTP_URL", "smtps://u%40x:p%2Fw@mail:465"), ("SMTP_URL", "log://"),
        ("SMTP_URL", "smtp://u:p@mail:587?starttls=required"), ("MAIL_FROM", "id@example.com"),
        ("MAIL_FROM", "Latchkey <id@example.com>"), ("MAIL_FROM", '"Acme, Inc." <id@example.com>'),
    ],
)  # fmt: skip
def test_mail(name: str, value: str) -> None:
    """What the README says may be given."""
    assert getattr(load(**{name: value}), name) == value


def test_mail_in_production() -> None:
    """R66, R70: no links in a log; nobody is asked for a letter that can't come. Without SMTP_URL letters wait."""
    assert load(**PRODUCTION).SMTP_URL == ""
    assert mistakes(**PRODUCTION, SMTP_URL="log://")[0].startswith("SMTP_URL: ")
    assert mistakes(**PRODUCTION, REQUIRE_EMAIL_VERIFICATION=True)[0].startswith("REQUIRE_EMAIL_VERIFICATION: ")
    assert load(**PRODUCTION, REQUIRE_EMAIL_VERIFICATION=True, SMTP_URL="smtp://mail").production


def test_fractions() -> None:
    """Durations accept fractions: 0.05 minutes is three seconds."""
    assert load(ACCESS_TOKEN_EXPIRE_MINUTES="0.05").access_token_life.total_seconds() == 3


def test_env_file(tmp_path: Path) -> None:
    """A .env file is read; the environment comes first; what isn't ours is left alone."""
    (tmp_path / ".env").write_text("PROJECT_NAME=From the file\nSOMETHING_ELSE=1\nPORT=\n")
    settings = load_settings(_env_file=tmp_path / ".env")
    assert (settings.PROJECT_NAME, settings.PORT) == ("From the file", 8000)


def test_secrets_are_not_shown() -> None:
    """R70: printing the settings shows no secret and no address with a password in it."""
    shown = repr(load(**PRODUCTION))
    assert SECRET not in shown
    assert "u:p@" not in shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgres://u:p@h:6/d",
            {"user": "u", "password": "p", "host": "h", "port": 6, "database": "d", "ssl": "prefer"},
        ),
        ("postgresql+asyncpg://u@h/d", {"user": "u", "password": None, "port": 5432}),
        ("postgresql://a%40b:p%2F%3A@h/d?sslmode=require", {"user": "a@b", "password": "p/:", "ssl": "require"}),
        ("postgres://u:p@/d?host=/run/postgresql&port=7", {"host": "/run/postgresql", "port": 7}),
        ("postgres://u:p@[::1]:6/d?ssl=disable", {"host": "::1", "ssl": "disable"}),
    ],
)
def test_database_url(url: str, expected: dict[str, object]) -> None:
    """Heroku's, the integration guide's and libpq's spellings, percent-encoding decoded, TLS as asked for."""
    credentials = database.tortoise_config(load(DATABASE_URL=url, REDIS_URL="redis://x"))["connections"]["default"][
        "credentials"
    ]
    assert {name: credentials[name] for name in expected} == expected


@pytest.mark.parametrize(
    "url", ["postgres://u:p@h:port/d", "postgres://h/d?sslmode=maybe", "sqlite://", "postgres://[::1/d"]
)
def test_database_url_that_cannot_be_read(url: str) -> None:
    """One line, with no password in it."""
    with pytest.raises(ConfigurationError) as caught:
        database.tortoise_config(load(DATABASE_URL=url))
    assert caught.value.mistakes[0].startswith("DATABASE_URL: ")
    assert "u:p" not in caught.value.mistakes[0]


def test_redis_url_that_cannot_be_read() -> None:
    """One line, with no password in it."""
    with pytest.raises(ConfigurationError) as caught:
        redis.connect(load(REDIS_URL="redis://:secret@h:port"))
    assert caught.value.mistakes[0].startswith("REDIS_URL: ")
    assert "secret" not in caught.value.mistakes[0]
