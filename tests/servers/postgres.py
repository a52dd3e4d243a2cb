"""A real PostgreSQL, with a superuser `latchkey` and a database of that name."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import quote

import asyncpg

from .binaries import Account, can_run, copy_binaries, find_account, find_base, find_postgres
from .process import START_SECONDS, Server, ServerFailed, clean_environment
from .reaper import Home, claim

USER = PASSWORD = DATABASE = "latchkey"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # In the data directory, and removed with it; else it stays in /dev/shm after a SIGKILL.
    "dynamic_shared_memory_type": "mmap",
    "max_wal_size": "256MB",  # the data may be in memory
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Server):
    """A PostgreSQL of its own data directory, which asks for a password and never syncs to disk."""

    title: ClassVar = "PostgreSQL"
    polite: ClassVar = signal.SIGINT
    hasty: ClassVar = signal.SIGQUIT

    def __init__(self, home: Home, account: Account | None, binaries: Path, settings: Mapping[str, str]) -> None:
        """Take what `start`, the way in, has chosen."""
        super().__init__(home, account)
        self._binaries = self._tools = binaries  # what needs no user of its own is run from where it is
        self._settings = {**SETTINGS, **settings}

    @classmethod
    def start(cls, *, settings: Mapping[str, str] | None = None, source: str | None = None) -> Self:
        """Create a cluster, start it and create the database `latchkey`.

        `settings` are postgresql.conf's; `source` is "system" or "wheel", where the binaries come
        from, by default whichever is there. Raises BinaryMissing, ServerFailed.
        """
        binaries = find_postgres(source)
        account = find_account()
        runs = can_run(account, binaries)
        home = claim("postgres", find_base(account, quick=runs))
        server = cls(home, account, binaries, settings or {})
        try:
            if account is not None:
                os.chown(home.directory, account.uid, account.gid)
                if not runs:
                    server._binaries = copy_binaries(account, binaries, home.directory)
            server._init()
            server._open()
            server.create_database(DATABASE)
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def url(self) -> str:
        """The URL of the database `latchkey`."""
        return self._url(DATABASE)

    @property
    def version(self) -> str:
        """The version as in `16.4`."""
        return _run([str(self._binaries / "postgres"), "--version"]).split()[2]

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Create a database, empty or a copy of `template`; return its URL.

        The template may have no open connections.
        """
        sql = f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}"
        self.query(sql, database="postgres")
        return self._url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, closing its connections; do nothing when there is none."""
        sql = f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)"
        self.query(sql, database="postgres")

    @property
    def tools(self) -> Path:
        """The directory of pg_dump, psql and the like."""
        return self._tools

    def dump(self, name: str, to: Path) -> None:
        """Write a database into a file, as `pg_dump` does for `pg_restore`."""
        self._tool("pg_dump", "--format=custom", f"--file={to}", name)

    def restore(self, dumped: Path, name: str) -> str:
        """Make a database of a file that `dump` has written; return its URL."""
        url = self.create_database(name)
        self.fill(name, dumped)
        return url

    def fill(self, name: str, dumped: Path) -> None:
        """Put what `dump` has written into a database that is there."""
        self._tool("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={name}", str(dumped))

    def query(self, sql: str, *, database: str = DATABASE) -> list[tuple[object, ...]]:
        """Run one statement as the superuser, outside any transaction; return its rows.

        Raises asyncpg's errors and OSError.
        """

        async def run() -> list[tuple[object, ...]]:
            connection = await asyncpg.connect(
                host="127.0.0.1",
                port=self.port,
                user=USER,
                password=PASSWORD,
                database=database,
                ssl=False,  # the developer's PGSSLMODE has no say
                timeout=10,
            )
            try:
                return [tuple(row) for row in await connection.fetch(sql)]
            finally:
                await connection.close()

        # In a thread, as the caller's may be running a loop.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, run()).result()

    def _tool(self, name: str, *args: str) -> None:
        where = ("--host=127.0.0.1", f"--port={self.port}", f"--username={USER}")
        environment = clean_environment() | {"PGPASSWORD": PASSWORD}
        done = subprocess.run(
            [self._tools / name, *where, *args], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ServerFailed(f"{name} ended with status {done.returncode}:\n{done.stderr[-3000:]}")

    def _url(self, database: str) -> str:
        return f"postgres://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def _init(self) -> None:
        secret = self.directory / "password"
        secret.touch(0o600)
        secret.write_text(PASSWORD)
        if self._account is not None:
            os.chown(secret, self._account.uid, self._account.gid)
        command = [
            str(self._binaries / "initdb"),
            *("-D", str(self.directory / "data"), "-U", USER, "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            *("--no-sync", "--no-instructions"),
        ]
        log = self.directory / "initdb.log"
        with log.open("wb") as out:
            self._process = self._spawn(command, out.fileno())
            status = self._process.wait(START_SECONDS)
        secret.unlink()
        if status != 0:
            raise ServerFailed(f"initdb ended with status {status}:\n{log.read_text()[-3000:]}")

    def _command(self) -> list[str]:
        data = self.directory / "data"
        settings = [word for item in self._settings.items() for word in ("-c", "=".join(item))]
        return [
            str(self._binaries / "postgres"),
            *("-F", "-D", str(data), "-p", str(self.port), *settings),
        ]

    def _is_ready(self) -> bool:
        try:
            lock = (self.directory / "data" / "postmaster.pid").read_text().splitlines()
            # A server that was killed left its own file behind, saying "ready".
            if lock[0] != str(self.pid) or not lock[7].startswith("ready"):
                return False
        except (OSError, IndexError, ServerFailed):
            return False
        with suppress(OSError, asyncpg.PostgresError):
            self.query("SELECT 1", database="postgres")
            return True
        return False


def _run(command: list[str]) -> str:
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True).stdout


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
