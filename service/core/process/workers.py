"""The supervisor of the worker processes: it binds the port, starts them, watches them, and serves nothing itself.

It stands in for Sanic's worker manager, which never exits on an early SIGTERM, never replaces a killed worker, and cuts
requests after ten seconds (docs/decisions/005-own-supervisor.md). What runs inside a worker is in `serving`.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from service.core.process.listening import BACKLOG, DRAIN_SECONDS, LISTEN_FD, NUMBER, PARENT_FD

GRACE_SECONDS = DRAIN_SECONDS + 3  # how long the parent waits for the workers: a drain, and time to close the stores
STEADY_SECONDS = 10.0  # a worker that lived this long did not die of its start
ATTEMPTS = 5  # starts in a row that may fail before the supervisor gives up
LONGEST_DELAY = 5.0
NO_RESTART = (2, 78)  # usage and EX_CONFIG: another try would read the same configuration

_log = logging.getLogger("latchkey.workers")


def listen(host: str, port: int, workers: int = 1, backlog: int = BACKLOG) -> list[socket.socket]:
    """Return a listening socket for each worker, all on one address; port 0 takes any free one.

    On Linux each worker has a socket of its own (SO_REUSEPORT) and the kernel spreads connections evenly; elsewhere
    that option gives every connection to one socket, so the workers share one. Raises OSError that names the address.
    """
    spread = workers > 1 and sys.platform == "linux"
    try:
        if spread and port:
            # SO_REUSEPORT would join the port of another instance of the same user without a word: ask first.
            _bind(host, port, backlog, reuse_port=False).close()
        first = _bind(host, port, backlog, reuse_port=spread)
        if not spread:
            return [first] * workers
        return [first, *(_bind(host, first.getsockname()[1], backlog, reuse_port=True) for _ in range(workers - 1))]
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {error.strerror}") from error


def _bind(host: str, port: int, backlog: int, *, reuse_port: bool) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
        sock.listen(backlog)
    except BaseException:
        sock.close()
        raise
    return sock


def restart_delay(failures: int) -> float:
    """Seconds to wait before the next start: none after the first early death, then growing to `LONGEST_DELAY`."""
    return 0.0 if failures <= 1 else min(LONGEST_DELAY, 0.5 * 2 ** (failures - 2))


@dataclass
class _Worker:
    """One place for a worker process. Its socket outlives the process: connections queued on it wait for the next."""

    sock: socket.socket
    number: int
    process: subprocess.Popen[bytes] | None = None
    channel: socket.socket | None = None  # the worker says "ready" on it, and its end of file means: no parent
    ready: bool = False
    failures: int = 0
    started: float = 0.0
    due: float = 0.0


@dataclass
class _Supervisor:
    command: Sequence[str]
    workers: list[_Worker]
    grace_seconds: float
    gone: Callable[[int], None]
    told: bool = False  # a signal asked for the end; set by the handler, acted upon by the loop
    deadline: float | None = None  # set when stopping: the moment of SIGKILL
    code: int = 0
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self, wakeup: socket.socket) -> int:
        self.selector.register(wakeup, selectors.EVENT_READ)
        while True:
            if self.told and self.deadline is None:
                self.stop(0)
            for worker in self.workers:
                self.look_after(worker)
            if self.deadline is not None and all(worker.process is None for worker in self.workers):
                return self.code
            for key, _ in self.selector.select(self.patience()):
                if key.fileobj is wakeup:
                    with suppress(BlockingIOError):
                        wakeup.recv(4096)
                else:
                    self.take_note(key.data)

    def patience(self) -> float | None:
        """Seconds until something is due; None sleeps until a signal, so that the idle parent costs nothing."""
        moments = [worker.due for worker in self.workers if worker.process is None]
        if self.deadline is not None:
            moments = [self.deadline]
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def look_after(self, worker: _Worker) -> None:
        """Start, reap or kill one worker, whichever is due."""
        now = time.monotonic()
        if worker.process is None:
            if self.deadline is None and not self.told and now >= worker.due:
                self.start(worker)
        elif (code := worker.process.poll()) is not None:
            self.reap(worker, code)
        elif self.deadline is not None and now >= self.deadline:
            _log.error("Worker %s did not finish in %g s and is killed.", worker.process.pid, self.grace_seconds)
            worker.process.kill()
            self.reap(worker, worker.process.wait())

    def start(self, worker: _Worker) -> None:
        worker.channel, end = socket.socketpair()
        worker.channel.setblocking(False)
        descriptors = {LISTEN_FD: worker.sock.fileno(), PARENT_FD: end.fileno()}
        environment = os.environ | {name: str(value) for name, value in (descriptors | {NUMBER: worker.number}).items()}
        # Ctrl-C reaches the whole terminal group. A worker that is still importing would answer with a traceback;
        # blocked (which exec inherits), the signal waits until `serve` can take it. SIGTERM still ends it at once.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            worker.process = subprocess.Popen(  # noqa: S603 - the command is this program's own
                self.command, env=environment, pass_fds=tuple(descriptors.values())
            )
        except OSError as error:
            worker.channel.close()
            self.failed(worker, f"A worker cannot be started: {error}.")
        else:
            worker.ready, worker.started = False, time.monotonic()
            self.selector.register(worker.channel, selectors.EVENT_READ, worker)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            end.close()

    def take_note(self, worker: _Worker) -> None:
        if worker.channel is not None:
            self.selector.unregister(worker.channel)
            with suppress(OSError):
                worker.ready = bool(worker.channel.recv(1))

    def reap(self, worker: _Worker, code: int) -> None:
        """Take note of a worker's end and say what follows from it."""
        assert worker.process is not None and worker.channel is not None  # noqa: S101, PT018 - only ever called on a live one
        with suppress(KeyError, OSError):
            self.selector.unregister(worker.channel)
            worker.ready = bool(worker.channel.recv(1))  # it may have said "ready" and died in one turn
        worker.channel.close()
        self.gone(worker.process.pid)
        text = f"Worker {worker.process.pid} ended with {_ending(code)}"
        was_ready, worker.process, worker.ready = worker.ready, None, False
        if was_ready and time.monotonic() - worker.started >= STEADY_SECONDS:
            worker.failures = 0
        if self.deadline is not None:
            if code not in (0, -signal.SIGTERM, -signal.SIGINT):
                self.code = self.code or 1
        elif self.told:
            pass  # asked for, together with us
        elif not was_ready and code in NO_RESTART:
            _log.error("%s at its start: not tried again.", text)
            self.stop(code)
        else:
            self.failed(worker, text + ".")

    def failed(self, worker: _Worker, text: str) -> None:
        worker.failures += 1
        if worker.failures >= ATTEMPTS and not any(other.ready for other in self.workers):
            _log.error("%s Given up after %d starts in a row.", text, worker.failures)
            self.stop(1)
            return
        delay = restart_delay(worker.failures)
        worker.due = time.monotonic() + delay
        _log.warning("%s The next starts in %g s.", text, delay)

    def stop(self, code: int) -> None:
        """Refuse new connections, ask every worker to finish, and let the clock run."""
        self.code, self.deadline = code, time.monotonic() + self.grace_seconds
        for worker in self.workers:
            worker.sock.close()
            if worker.process is not None:
                worker.process.terminate()

    def close(self) -> None:
        for worker in self.workers:
            worker.sock.close()
            if worker.process is not None:  # only after a mistake of ours: nobody may be left behind
                worker.process.kill()
                worker.process.wait()
            if worker.channel is not None:
                worker.channel.close()
        self.selector.close()


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def supervise(
    command: Sequence[str],
    socks: Sequence[socket.socket],
    *,
    grace_seconds: float = GRACE_SECONDS,
    gone: Callable[[int], None] = lambda _pid: None,
) -> int:
    """Keep one process of `command` running for each socket until SIGTERM or SIGINT; return this process's exit code.

    0 after a stop that was asked for and ended well, 1 if a worker had to be killed or workers never came up, 2 or 78
    if a worker gave that up at its start. A worker that dies is replaced at once, and ever later if that keeps
    happening; `gone` hears of each end, with the process id. Takes over the sockets, and the signals while it runs:
    call it from the main thread.
    """
    supervisor = _Supervisor(command, [_Worker(sock, number) for number, sock in enumerate(socks)], grace_seconds, gone)

    def note(number: int, _frame: object) -> None:
        supervisor.told = supervisor.told or number != signal.SIGCHLD

    wakeup, waker = socket.socketpair()
    wakeup.setblocking(False)
    waker.setblocking(False)
    wakeup_before = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)}
    try:
        _log.info("Starting %d worker(s).", len(socks))
        return supervisor.run(wakeup)
    finally:
        supervisor.close()
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup_before)
        wakeup.close()
        waker.close()
