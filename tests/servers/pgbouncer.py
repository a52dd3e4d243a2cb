"""A real PgBouncer before a PostgreSQL, as many providers put one there."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import ClassVar, Self

from .binaries import Account, BinaryMissing, find_account, find_base
from .postgres import DATABASE, PASSWORD, USER, Postgres
from .process import Server
from .reaper import Home, claim

NO_PGBOUNCER = "no PgBouncer found: install it (apt install pgbouncer, brew install pgbouncer)"


def find_pgbouncer() -> Path | None:
    """Return the binary, None where there is none."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


class PgBouncer(Server):
    """A PgBouncer with a password file of its own. Its clients are whoever PostgreSQL knows by a password."""

    title: ClassVar = "PgBouncer"
    polite: ClassVar = signal.SIGINT
    hasty: ClassVar = signal.SIGKILL

    def __init__(self, home: Home, account: Account | None, binary: Path, behind: Postgres, settings: str) -> None:
        """Take what `start`, the way in, has chosen."""
        super().__init__(home, account)
        self._binary = binary
        self._behind = behind
        self._settings = settings

    @classmethod
    def start(cls, behind: Postgres, *, pool_mode: str = "transaction", size: int = 4, **settings: str) -> Self:
        """Start one before a PostgreSQL; `settings` are pgbouncer.ini's. Raises BinaryMissing, ServerFailed."""
        binary = find_pgbouncer()
        if binary is None:
            raise BinaryMissing(NO_PGBOUNCER)
        account = find_account()
        home = claim("pgbouncer", find_base(account))
        given = {"pool_mode": pool_mode, "default_pool_size": str(size), "max_client_conn": "400", **settings}
        server = cls(home, account, binary, behind, "".join(f"{name}={value}\n" for name, value in given.items()))
        try:
            if account is not None:
                os.chown(server.directory, account.uid, account.gid)
            server._open()
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def url(self) -> str:
        """The URL of the database `latchkey`, by way of it."""
        return f"postgres://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def version(self) -> tuple[int, int]:
        """The version as in `(1, 18)`."""
        said = subprocess.run([self._binary, "--version"], capture_output=True, text=True, check=True).stdout
        major, minor = said.split()[1].split(".")[:2]
        return int(major), int(minor)

    def _command(self) -> list[str]:
        users = self.directory / "users.txt"
        ini = self.directory / "pgbouncer.ini"
        users.write_text(f'"{USER}" "{PASSWORD}"\n')
        ini.write_text(
            f"[databases]\n* = host=127.0.0.1 port={self._behind.port}\n"
            f"[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={self.port}\nunix_socket_dir=\n"
            f"auth_type=plain\nauth_file={users}\n{self._settings}"
        )
        for path in (users, ini):
            path.chmod(0o600)
            if self._account is not None:
                os.chown(path, self._account.uid, self._account.gid)
        return [str(self._binary), str(ini)]

    def _is_ready(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
