"""Databases in which the tables can't be made: an upgrade says why, in one line, and what mends it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.servers import Postgres
from tests.support.process import latchkey

pytestmark = pytest.mark.real_only


def test_a_role_that_may_not_make_tables(postgres: Postgres, env: dict[str, str]) -> None:
    """An upgrade says in one line which right is missing, or that others have the tables; nothing is done."""
    url = urlsplit(postgres.url)
    postgres.query("CREATE ROLE poor LOGIN PASSWORD 'poor'")
    own = postgres.create_database("empty")
    theirs = url._replace(netloc=f"poor:poor@{url.hostname}:{url.port}", path="/empty").geturl()
    schema = f"{theirs}?options=-csearch_path%3Dnowhere"
    said = {theirs: "GRANT USAGE, CREATE ON SCHEMA public TO poor", schema: "CREATE SCHEMA"}
    postgres.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC", database="empty")
    for target, fix in said.items():
        done = latchkey("db", "upgrade", **{**env, "DATABASE_URL": target})
        assert (done.returncode, len(done.stderr.splitlines()), done.stdout) == (1, 1, ""), done.stderr
        assert fix in done.stderr
    postgres.query("CREATE TABLE users (id int)", database="empty")
    done = latchkey("db", "upgrade", **{**env, "DATABASE_URL": own})
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert 'relation "users" already exists' in done.stderr
    assert "of its own" in done.stderr
    postgres.query("CREATE SCHEMA auth", database="empty")
    apart = f"{own}?options=-csearch_path%3Dauth&application_name=shop"
    for command in ("upgrade", "check"):
        done = latchkey("db", command, **{**env, "DATABASE_URL": apart})
        assert done.returncode == 0, done.stderr
    assert postgres.query("SELECT count(*) FROM auth.security_events", database="empty") == [(0,)]
