"""DATABASE_URL: what it may say, and what is wrong with it, in one line without anything secret."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.sql import address
from service.settings import Settings, load_settings
from service.settings.checks import ConfigurationError
from service.settings.database_url import DIRECT, OBEYED, Keepalive, read_database_url
from tests.support.process import ROOT
from tests.support.stores import SECRET
from tests.support.tls import self_signed

pytestmark = pytest.mark.embedded_only

NOT_OBEYED = {
    "sslmod=verify-full": "is sslmode meant?",
    "sslmode=": "sslmode has no value",
    "sslmode": "sslmode has no value",
    "sslmode=REQUIRE": "sslmode must be one of disable, allow",
    "ssl=true": "sslmode must be one of",
    "sslmode=require&sslmode=disable": "sslmode stands there twice",
    "sslmode=verify-full&sslrootcert=/nowhere/ca.crt": "sslrootcert: there is no such file",
    "sslrootcert={file}": "sslrootcert has no effect with sslmode=prefer",
    "sslmode=require&sslrootcert=system": "sslrootcert=system needs sslmode=verify-full",
    "sslmode=require&sslcert={file}": "sslcert and sslkey belong together",
    "sslmode=verify-ca&sslcrl=/nowhere/crl": "sslcrl: there is no such file",
    "ssl_min_protocol_version=TLSv1&sslmode=require": "ssl_min_protocol_version must be one of",
    "schema=auth": "write ?options=-csearch_path%3DNAME",
    "currentSchema=auth": "write ?options=-csearch_path%3DNAME",
    "search_path=auth": "write ?options=-csearch_path%3DNAME",
    "options=-cclient_encoding%3DLATIN1": "options may not set client_encoding",
    "options=--standard-conforming-strings%3Doff": "options may not set standard_conforming_strings",
    "target_session_attrs=standby": "target_session_attrs must be one of any, read-write, primary",
    "connect_timeout=0": "connect_timeout must be a number of 1 to 60",
    "connect_timeout=soon": "connect_timeout must be a number",
    "connect_timeout=-1": "connect_timeout must be a number",
    "connect_timeout=%D9%A3": "connect_timeout must be a number",
    "keepalives=2": "keepalives must be a number of 0 to 1",
    "gssencmode=require": "gssencmode must be one of disable, prefer",
    "channel_binding=require": "channel_binding must be one of disable, prefer",
    "client_encoding=latin1": "client_encoding must be one of utf8",
    "pgbouncer=maybe": "pgbouncer must be one of true, false",
    "pgbouncer=true&statement_cache_size=5": "contradict each other",
    "connection_limit=5": "DATABASE_POOL_SIZE",
    "pool_timeout=5": "no setting",
    "prepareThreshold=0": "write ?pgbouncer=true",
    "prepared_statement_cache_size=0": "write ?statement_cache_size=",
    "service=main": "write what the service file says into the URL",
    "hostaddr=127.0.0.1": "write the address as the host",
    "passfile=/nowhere/.pgpass": "passfile: there is no such file",
    "application_name=a%0Ab": "application_name has a control character",
    "application_name=%FF": "application_name isn't UTF-8",
    "Keepalives=1": "the option Keepalives is not obeyed here",
    "load_balance_hosts=random": "the option load_balance_hosts is not obeyed here",
    "host=a,b": "several hosts",
    "port=1,2": "several hosts",
    "s3cr3t=1": "option 1 can't be read",
}


def settings(url: str) -> Settings:
    return load_settings(DATABASE_URL=url, REDIS_URL="redis://x", SECRET_KEY=SECRET, _env_file=None)


@pytest.mark.parametrize("query", NOT_OBEYED)
def test_an_option_that_is_not_obeyed(query: str, tmp_path: Path) -> None:
    """It stops the start, and is named, with what to write instead."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigurationError) as caught:
        settings(f"postgres://u:secret@h/d?{query.format(file=file)}")
    (line,) = caught.value.mistakes
    assert line.startswith("DATABASE_URL: ")
    assert NOT_OBEYED[query] in line
    assert "secret" not in line
    assert "s3cr3t" not in line


WRONG = {
    "postgres://u:secret@a,b/d": "several hosts",
    "postgres://u:secret@a:1,b:2/d": "several hosts",
    "postgres://u:secret@h:port/d": "the port is a number",
    "postgres://u:secret@h:0/d": "the port is a number",
    "postgres://u:secret@h:70000/d": "the port is a number",
    "postgres://u:secret@[::1/d": "in brackets",
    "postgres://u:secret@2001:db8::1/d": "in brackets",
    "postgres://u:sec/ret@h/d": "the port is a number",
    "postgres://u:sec?secret=1@h/d": "there is a ? before the @",
    "postgres://u:s%ffecret@h/d": "the password isn't UTF-8",
    "postgres://u%00:secret@h/d": "the user has a control character",
    "postgres://u:secret@h/d%0A": "the name of the database has a control character",
    "postgres://u:secret@a..b/d": "the host is no name",
    f"postgres://u:secret@{'a' * 64}/d": "the host is no name",
    "sqlite://": "needs a file name",
    "sqlite://file?mode=ro": "takes no options",
    "mysql://u:secret@h/d": "must start with",
}


@pytest.mark.parametrize("url", WRONG)
def test_what_cannot_be_read(url: str) -> None:
    """One line that names the setting and the place."""
    with pytest.raises(ConfigurationError) as caught:
        settings(url)
    (line,) = caught.value.mistakes
    assert line.startswith("DATABASE_URL: ")
    assert WRONG[url] in line
    assert "secret" not in line


def test_what_is_obeyed() -> None:
    """Each option reaches asyncpg, the server, or the connection."""
    query = ("application_name=shop&options=-csearch_path%3Dauth&target_session_attrs=read-write&connect_timeout=5"
             "&keepalives_idle=30&keepalives_interval=5&keepalives_count=2&tcp_user_timeout=9000"
             "&gssencmode=disable&client_encoding=utf8&statement_cache_size=7")  # fmt: skip
    found = address.credentials(settings(f"postgresql://u@h/d?{query}"), pool=True)
    assert found["server_settings"] == {"application_name": "shop", "options": "-csearch_path=auth"}
    assert (found["target_session_attrs"], found["timeout"], found["open_seconds"]) == ("read-write", 5, 5)
    url = read_database_url(f"postgresql://u@h/d?{query}")
    assert url.keepalive == Keepalive(True, 30, 5, 2, 9000)
    assert url.statement_cache_size == 7
    assert "server_settings" in address.credentials(settings("postgres://u@h/d"), pool=False)


def test_who_is_in_between() -> None:
    """Nobody has to say that there is a pooler; who says so is believed."""
    caches = {"": None, "?pgbouncer=true": 0, "?pgbouncer=false": DIRECT, "?statement_cache_size=0": 0,
              "?pgbouncer=true&statement_cache_size=0": 0, "?pgbouncer=false&statement_cache_size=3": 3}  # fmt: skip
    for query, size in caches.items():
        assert read_database_url(f"postgres://u@h/d{query}").statement_cache_size == size


def test_whom_to_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for libpq: the file named, that of the environment, that in its folder; `system` for public authorities."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    certificate, _ = self_signed(tmp_path)
    key = tmp_path / "key.pem"
    for mode, checks_name in (("verify-full", True), ("verify-ca", False), ("require", False)):
        context = _context(f"sslmode={mode}&sslrootcert={certificate}")
        assert (context.check_hostname, context.verify_mode) == (checks_name, ssl.CERT_REQUIRED)
    assert _context("sslmode=verify-full&sslrootcert=system").check_hostname
    assert _context(f"sslmode=require&sslcert={certificate}&sslkey={key}").verify_mode == ssl.CERT_NONE
    with pytest.raises(ConfigurationError, match="sslmode=verify-full needs sslrootcert"):
        _context("sslmode=verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", str(certificate))
    assert _context("sslmode=verify-full").check_hostname
    monkeypatch.setenv("PGSSLROOTCERT", str(key))
    with pytest.raises(ConfigurationError, match="can't be used"):
        _context("sslmode=verify-full")
    monkeypatch.delenv("PGSSLROOTCERT")
    (tmp_path / "home" / ".postgresql").mkdir(parents=True)
    (tmp_path / "home" / ".postgresql" / "root.crt").write_bytes(certificate.read_bytes())
    assert _context("sslmode=verify-ca").verify_mode == ssl.CERT_REQUIRED
    assert _context("sslmode=require").verify_mode == ssl.CERT_REQUIRED


def _context(query: str) -> ssl.SSLContext:
    found = address.credentials(settings(f"postgres://u@h/d?{query}"), pool=False)["ssl"]
    assert isinstance(found, ssl.SSLContext)
    return found


@given(st.text(max_size=60))
def test_whatever_stands_there(text: str) -> None:
    """It is read, or refused with a line; nothing else comes of it."""
    for url in (f"postgres://{text}", f"postgres://u@h/d?{text}", f"postgres://u:p@{text}/d"):
        refused: str | None = None
        try:
            assert 0 < read_database_url(url).port < 65536
        except ValueError as error:
            refused = str(error)
        assert refused is None or len(refused.splitlines()) == 1


def test_the_runbook_has_them_all() -> None:
    """The table of options names each that there is."""
    runbook = (ROOT / "docs" / "operations.md").read_text()
    table = runbook.partition("<!-- database options -->")[2].partition("<!-- /database options -->")[0]
    assert [name for name in OBEYED if f"`{name}`" not in table] == []
