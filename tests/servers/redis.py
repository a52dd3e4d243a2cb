"""A real Redis, or Valkey, that keeps nothing on disk unless told to."""

import re
import signal
import socket
import subprocess
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

from redis import Connection, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from .binaries import find_redis, find_redis_cli
from .process import BUS_OFFSET, Server, ServerFailed, clean_environment
from .reaper import Home, claim

SETTINGS = (
    *("--save", "", "--appendonly", "no"),
    *("--maxmemory-policy", "noeviction"),  # as in production: a full Redis must refuse, not forget
)
TLS_OFFSET = 1


class Redis(Server):
    """A Redis of its own directory, empty at the start."""

    title: ClassVar = "Redis"
    polite: ClassVar = signal.SIGTERM
    hasty: ClassVar = signal.SIGKILL

    def __init__(self, home: Home, binary: Path, args: tuple[str, ...], tls: Path | None = None) -> None:
        """Take what `start`, the way in, has chosen."""
        bus = (BUS_OFFSET, TLS_OFFSET + BUS_OFFSET) if "--cluster-enabled" in args else ()
        super().__init__(home, above=(*bus, *((TLS_OFFSET,) if tls else ())))
        self._binary = binary
        self._args = args
        self._tls = tls

    @classmethod
    def start(cls, *args: str, tls: Path | None = None) -> Self:
        """Start a server with these arguments of redis-server's, or raise what tells why not.

        What is set by CONFIG SET is lost by `restart` and `start_again`, the data too, unless
        `"--appendonly", "yes"` is among the arguments. With `tls`, a folder with `key.pem` and `certificate.pem`, it
        speaks TLS at `tls_port` as well, and with other servers only there. Raises BinaryMissing, ServerFailed.
        """
        binary = find_redis()
        server = cls(claim("redis"), binary, args, tls)
        try:
            server._open()
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def tls_port(self) -> int:
        """Where it speaks TLS, if it does."""
        return self.port + TLS_OFFSET

    @cached_property
    def version(self) -> str:
        """The version as in `7.2.4`."""
        said = subprocess.run([self._binary, "--version"], capture_output=True, text=True, check=True).stdout
        found = re.search(r"\bv=(\S+)", said)
        if found is None:
            raise ServerFailed(f"not a version: {said!r}")
        return found[1]

    @cached_property
    def redis_cli(self) -> str | None:
        """The path of a redis-cli, if there is one."""
        found = find_redis_cli(self._binary)
        return str(found) if found else None

    def cli(self, *args: str) -> str:
        """Run one command, in a redis-cli of its own if there is one; return what that prints.

        A list is a line for each item, and no value is an empty line. Raises ServerFailed for an
        error reply.
        """
        if self.redis_cli is None:
            return self.call(*args)
        done = subprocess.run(
            [self.redis_cli, "-h", "127.0.0.1", "-p", str(self.port), *args],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        # The exit status tells of no error reply; the empty line that follows one does.
        if done.returncode or re.fullmatch(r"[A-Z]+ [^\n]*\n\n", done.stdout):
            raise ServerFailed((done.stderr or done.stdout).strip())
        return done.stdout.removesuffix("\n")

    def call(self, *args: str) -> str:
        """Do what `cli` does, over a connection of this process."""
        connection = Connection(  # type: ignore[no-untyped-call]  # redis-py
            host="127.0.0.1",
            port=self.port,
            protocol=2,
            decode_responses=True,
            socket_timeout=10,
            retry=Retry(NoBackoff(), 0),  # by default, 10 tries and 4 seconds
        )
        try:
            connection.send_command(*args)  # type: ignore[no-untyped-call]  # redis-py
            return _printed(connection.read_response())
        except RedisError as error:
            raise ServerFailed(str(error)) from error
        finally:
            connection.disconnect()  # type: ignore[no-untyped-call]  # redis-py

    def _command(self) -> list[str]:
        place = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory))
        return [str(self._binary), *place, *SETTINGS, *self._tls_arguments(), *self._args]

    def _tls_arguments(self) -> list[str]:
        if self._tls is None:
            return []
        certificate, key = str(self._tls / "certificate.pem"), str(self._tls / "key.pem")
        return [
            *("--tls-port", str(self.tls_port), "--tls-auth-clients", "no"),
            *("--tls-replication", "yes", "--tls-cluster", "yes"),
            *("--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate),
        ]

    def _is_ready(self) -> bool:
        address = ("127.0.0.1", self.port)
        with suppress(OSError, ServerFailed), socket.create_connection(address, 1) as peer:
            peer.sendall(b"INFO server\r\nPING\r\n")
            said = b""
            while not (last := re.search(rb"^(\+PONG|-LOADING|-NOAUTH)", said, re.MULTILINE)):
                if not (more := peer.recv(65536)):
                    return False
                said += more
            if last[1] == b"-NOAUTH":
                return "eady to accept connections" in self.log
            # A port that was taken in between is answered too, by a process that isn't ours. And
            # one that is LOADING still reads its append-only file.
            return last[1] == b"+PONG" and f"process_id:{self.pid}\r\n".encode() in said
        return False


def _printed(reply: object) -> str:
    if isinstance(reply, list):
        return "\n".join(map(_printed, reply))
    return "" if reply is None else str(reply)
