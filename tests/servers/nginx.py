"""A real nginx with a configuration that we ship, before services on this machine."""

import os
import shutil
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

from .binaries import Account, BinaryMissing, find_account, find_base
from .process import Server
from .reaper import Home, claim

NO_NGINX = "no nginx found: install it (apt install nginx-light, brew install nginx)"
SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
AROUND = """\
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    {paths}
    include {directory}/latchkey.conf;
}}
"""


def find_nginx() -> Path | None:
    """Return the binary, None where there is none."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


class Nginx(Server):
    """An nginx as shipped, but for the ports: its own, and those of what is behind it."""

    title: ClassVar = "nginx"
    polite: ClassVar = signal.SIGQUIT
    hasty: ClassVar = signal.SIGTERM

    def __init__(
        self, home: Home, account: Account | None, binary: Path, behind: Mapping[int, int], shipped: Path
    ) -> None:
        """Take what the ways in have chosen."""
        super().__init__(home, account)
        self._binary = binary
        self._behind = behind
        self._shipped = shipped

    @classmethod
    def start(cls, behind: Sequence[int]) -> Self:
        """Start one before two instances, by their ports. Raises BinaryMissing, ServerFailed."""
        return cls.start_with(SHIPPED, dict(zip((8000, 8001), behind, strict=True)))

    @classmethod
    def start_with(cls, shipped: Path, behind: Mapping[int, int]) -> Self:
        """Start one with this file of ours, its ports replaced by others. Raises BinaryMissing, ServerFailed."""
        binary = find_nginx()
        if binary is None:
            raise BinaryMissing(NO_NGINX)
        account = find_account()
        server = cls(claim("nginx", find_base(account)), account, binary, behind, shipped)
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
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def _command(self) -> list[str]:
        text = self._shipped.read_text(encoding="utf-8")
        ours = {"listen 80;": f"listen 127.0.0.1:{self.port};"}
        for shipped, port in self._behind.items():
            ours[f"server 127.0.0.1:{shipped} "] = f"server 127.0.0.1:{port} "
        for theirs, here in ours.items():
            assert text.count(theirs) == 1, theirs
            text = text.replace(theirs, here)
        paths = " ".join(f"{name}_temp_path {self.directory}/{name};" for name in TEMPORARY)
        given = {"latchkey.conf": text, "nginx.conf": AROUND.format(directory=self.directory, paths=paths)}
        for name, content in given.items():
            (self.directory / name).write_text(content, encoding="utf-8")
        return [str(self._binary), "-p", str(self.directory), "-e", "stderr", "-c", str(self.directory / "nginx.conf")]

    def _is_ready(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
