"""A PostgreSQL that speaks TLS with a certificate of its own authority."""

from __future__ import annotations

import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.servers import Postgres
from tests.support.process import latchkey
from tests.support.tls import self_signed
from tests.support.waiting import until

pytestmark = pytest.mark.real_only


def test_a_certificate_of_the_databases(postgres: Postgres, env: dict[str, str], tmp_path: Path) -> None:
    """`sslrootcert` says whom to trust, as managed databases have one copy it; another authority's is refused."""
    with_tls = ("--with-openssl", "--with-ssl=openssl")
    ((built_with,),) = postgres.query("SELECT setting FROM pg_config WHERE name = 'CONFIGURE'")
    if not any(option in str(built_with) for option in with_tls):
        pytest.skip("this PostgreSQL was built without TLS")
    made, other = postgres.directory / "tls", tmp_path / "other"
    for directory in (made, other):
        directory.mkdir()
        self_signed(directory)
    owner = postgres.directory.stat()
    for path in (made, *made.iterdir()):
        os.chown(path, owner.st_uid, owner.st_gid)
        path.chmod(0o700 if path.is_dir() else 0o600)
    settings = {"ssl_cert_file": made / "certificate.pem", "ssl_key_file": made / "key.pem", "ssl": "on"}
    for name, value in settings.items():
        postgres.query(f"ALTER SYSTEM SET {name} = '{value}'")
    postgres.query("SELECT pg_reload_conf()")
    try:
        trusted = tmp_path / "ca.crt"
        trusted.write_bytes((made / "certificate.pem").read_bytes())
        right = f"{postgres.url}?sslmode=verify-full&sslrootcert={trusted}"
        until(lambda: _check(env, right).returncode == 0)
        for query in (f"verify-ca&sslrootcert={trusted}", "require"):
            assert _check(env, f"{postgres.url}?sslmode={query}").returncode == 0
        for query in ("verify-full&sslrootcert=system", f"verify-ca&sslrootcert={other / 'certificate.pem'}"):
            done = _check(env, f"{postgres.url}?sslmode={query}")
            assert (done.returncode, len(done.stderr.splitlines())) == (75, 1), done.stderr
            assert "CERTIFICATE_VERIFY_FAILED" in done.stderr
    finally:
        for name in settings:
            postgres.query(f"ALTER SYSTEM RESET {name}")
        postgres.query("SELECT pg_reload_conf()")


def _check(env: dict[str, str], url: str) -> CompletedProcess[str]:
    return latchkey("db", "check", **{**env, "DATABASE_URL": url})
