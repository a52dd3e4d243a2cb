"""A process that has imported the service, and forks for each command: nothing but the imports is saved.

    python -m tests.support.fork_server DESCRIPTOR

Importing what the service stands on takes more than a second of processor time; the suite runs hundreds of commands. A
fork has everything else of its own, as a process that was started has: arguments, environment, directory, standard
streams, session, exit code. `tests.support.process` is the other side, and says when a fresh interpreter is wanted.

On the descriptor, a socket, come four more: standard input, output and error, and a socket that belongs to the child.
From it the child reads a line of JSON (module, arguments, environment, directory) and writes its process id there; the
server writes how it ended. At the descriptor's end of file the server kills what still runs, and ends.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

# All that commands and servers import sooner or later, in whatever function.
PRELOADED = (
    "service.app", "service.cli.commands", "migrations.config", "aerich", "aiosqlite", "asyncpg", "fakeredis", "uvloop",
    "sanic.server", "sanic_ext", "tortoise.backends.asyncpg.client", "tortoise.backends.sqlite.client",
)  # fmt: skip

OF_A_TERMINAL = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TERM", "TTY_COMPATIBLE")


class Born(BaseException):
    """Raised in the child, so that it leaves the server's frames; `talk` is its socket."""

    def __init__(self, talk: socket.socket) -> None:
        """Take the socket on which the child is told what to be."""
        self.talk = talk


def serve(control: socket.socket) -> NoReturn:
    """Fork for each message, and tell how each child ended. Raises `Born` in the child."""
    children: dict[int, socket.socket] = {}
    wakeup, waker = socket.socketpair()
    for end in (wakeup, waker):
        end.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        for sock in (control, wakeup):
            selector.register(sock, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is wakeup:
                    with suppress(BlockingIOError):
                        wakeup.recv(4096)
                    _bury(children)
                    continue
                message, descriptors, _, _ = socket.recv_fds(control, 1, 4)
                if not message:
                    for pid in children:
                        with suppress(ProcessLookupError, PermissionError):
                            os.killpg(pid, signal.SIGKILL)
                    raise SystemExit
                talk = socket.socket(fileno=descriptors.pop())
                if (pid := os.fork()) == 0:
                    selector.close()
                    _become(descriptors, [control, wakeup, waker, *children.values()])
                    raise Born(talk)
                for descriptor in descriptors:
                    os.close(descriptor)
                children[pid] = talk


def _bury(children: dict[int, socket.socket]) -> None:
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with children.pop(pid) as talk, suppress(BrokenPipeError):
                talk.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(standard: list[int], servers: Iterable[socket.socket]) -> None:
    """Have a session, signals and standard streams as a process has that was started."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for sock in servers:
        sock.close()
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)


def run(talk: socket.socket) -> None:
    """Read what to be, say that it has begun, and be it."""
    with talk, talk.makefile("r", encoding="utf-8", errors="surrogateescape") as reading:
        told = json.loads(reading.readline())
        talk.sendall(f"{os.getpid()}\n".encode())
    os.environ.clear()
    os.environ.update(told["environment"])
    os.chdir(told["directory"])
    sys.argv = [told["module"], *told["arguments"]]
    runpy.run_module(told["module"], run_name="__main__", alter_sys=True)


def main() -> None:
    """Import, and serve; a child comes out of it and does what it is told."""
    for name in OF_A_TERMINAL:  # rich looks at these when the commands are imported; each child has its own
        os.environ.pop(name, None)
    for name in PRELOADED:
        with suppress(ImportError):  # not everybody has uvloop
            __import__(name)
    gc.collect()
    gc.freeze()  # no child has to look through what all share
    try:
        serve(socket.socket(fileno=int(sys.argv[1])))
    except Born as born:
        talk = born.talk
    run(talk)


if __name__ == "__main__":
    main()
