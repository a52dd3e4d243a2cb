"""The supervisor of the worker processes: it starts them, watches them, replaces them, and serves nothing itself.

It stands in for Sanic's worker manager, which never exits on an early SIGTERM, never replaces a killed worker, and cuts
requests after ten seconds (docs/decisions/005-own-supervisor.md). What runs inside a worker is in `listening`.

A worker's socket outlives it, and so does the queue in it: whoever else serves takes that queue's connections until
there is another worker (docs/decisions/066-nobody-waits-for-the-dead.md).
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from service.core.process import beginning
from service.core.process.channel import ALIVE, CLOSED, LISTEN_FD, NUMBER, PARENT_FD, PEER_FDS, SERVING, order_of
from service.core.process.leaving import DRAIN_SECONDS

GRACE_SECONDS = DRAIN_SECONDS + 3  # how long the parent waits for the workers: a drain, and time to close the stores
STEADY_SECONDS = 3.0  # a worker that lived this long did not die of its start
ATTEMPTS = 5  # starts in a row that may fail before the supervisor gives up
LONGEST_DELAY = 5.0
NO_RESTART = (2, 78)  # usage and EX_CONFIG: another try would read the same configuration

# Time is counted in turns of the supervisor's, each once however late it came: a machine that slept, or a group of
# processes that was stopped, finds its supervisor as late as its workers.
TURN_SECONDS = 1.0
SILENT_TURNS = 2  # of which the first may have begun with a word
FROZEN_SECONDS = 10.0  # so long a worker that has spoken may say nothing; a laden one says a word in any second
START_SECONDS = 60.0  # and one that is starting

_log = logging.getLogger("latchkey.workers")


def restart_delay(failures: int) -> float:
    """Seconds to wait before the next start: none after the first early death, then growing to `LONGEST_DELAY`."""
    return 0.0 if failures <= 1 else min(LONGEST_DELAY, 0.5 * 2 ** (failures - 2))


@dataclass(frozen=True)
class Told:
    """Who hears of a worker's end: `gone` of each, with its process id; `ended` of those nobody asked for, with how.

    That is `died`, `start` (before it served) or `frozen`.
    """

    gone: Callable[[int], None] = lambda _pid: None
    ended: Callable[[str], None] = lambda _how: None


@dataclass
class _Worker:
    """One place for a worker process. Its socket outlives the process."""

    sock: socket.socket
    number: int
    process: subprocess.Popen[bytes] | None = None
    channel: socket.socket | None = None  # what both say on it is in `channel`; its end of file means: no parent
    spoke: bool = False
    ready: bool = False
    taking: bool = False  # connections
    silent: int = 0  # turns since it last spoke
    frozen: bool = False  # and was killed for it
    order: bytes = b""  # what it was last told
    failures: int = 0  # early deaths in a row
    fruitless: int = 0  # starts in a row that came to nothing
    started: float = 0.0
    due: float = 0.0

    @property
    def missed(self) -> bool:
        """Whether its connections are waiting in vain."""
        return not self.taking or self.silent >= SILENT_TURNS


@dataclass
class _Supervisor:
    command: Sequence[str]
    workers: list[_Worker]
    grace_seconds: float
    frozen_seconds: float
    hear: Told
    told: int = 0  # the signal that asked for the end; set by the handler, acted upon by the loop
    deadline: float | None = None  # set when stopping: the moment of SIGKILL
    code: int = 0
    turn: float = field(default_factory=time.monotonic)  # when the next one is due
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
            if self.deadline is None:
                self.judge()
                self.have_stood_in()
            for key, _ in self.selector.select(self.patience()):
                if key.fileobj is wakeup:
                    with suppress(BlockingIOError):
                        wakeup.recv(4096)
                else:
                    self.take_note(key.data)

    def patience(self) -> float:
        """Seconds until something is due."""
        moments = [worker.due for worker in self.workers if worker.process is None]
        moments = [*moments, self.turn] if self.deadline is None else [self.deadline]
        return max(0.0, min(moments) - time.monotonic())

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

    def judge(self) -> None:
        """Kill those who have said nothing for too long: nothing else ends a process that is stopped, or hangs."""
        if (now := time.monotonic()) < self.turn:
            return
        self.turn = now + TURN_SECONDS
        for worker in self.workers:
            if worker.process is not None:
                worker.silent += 1
                limit = self.frozen_seconds if worker.spoke else START_SECONDS
                if worker.silent * TURN_SECONDS > limit and not worker.frozen:
                    worker.frozen = True
                    worker.process.kill()

    def have_stood_in(self) -> None:
        """Tell those who serve whose connections they are to take, where that has changed."""
        missed = {worker.number for worker in self.workers if worker.missed}
        for worker in self.workers:
            order = order_of(missed - {worker.number})
            if worker.taking and worker.channel is not None and worker.order != order:
                with suppress(OSError):  # it is full of what a frozen one hasn't read: told when it speaks again
                    worker.channel.send(order)
                    worker.order = order

    def start(self, worker: _Worker) -> None:
        worker.channel, end = socket.socketpair()
        worker.channel.setblocking(False)
        peers = {one.number: one.sock.fileno() for one in self.workers if one.sock is not worker.sock}
        given: dict[str, object] = {LISTEN_FD: worker.sock.fileno(), PARENT_FD: end.fileno(), NUMBER: worker.number}
        given[PEER_FDS] = ",".join(f"{number}:{descriptor}" for number, descriptor in peers.items())
        environment = os.environ | {name: str(value) for name, value in given.items()}
        # Ctrl-C reaches the whole terminal group. A worker that is still importing would answer with a traceback;
        # blocked (which exec inherits), the signal waits until `serve` can take it. SIGTERM still ends it at once.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            worker.process = subprocess.Popen(  # noqa: S603 - the command is this program's own
                self.command, env=environment, pass_fds=(worker.sock.fileno(), end.fileno(), *peers.values())
            )
        except OSError as error:
            worker.channel.close()
            worker.fruitless += 1
            self.failed(worker, f"A worker cannot be started: {error}.")
        else:
            worker.ready = worker.spoke = worker.taking = worker.frozen = False
            worker.silent, worker.order, worker.started = 0, order_of(()), time.monotonic()
            self.selector.register(worker.channel, selectors.EVENT_READ, worker)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            end.close()

    def take_note(self, worker: _Worker) -> None:
        """Hear what a worker says."""
        assert worker.channel is not None  # noqa: S101 - else it would not be selected
        said = b""
        with suppress(OSError):
            said = worker.channel.recv(4096)
        if not said:
            self.selector.unregister(worker.channel)
            return
        worker.spoke, worker.silent = worker.spoke or ALIVE in said, 0
        if SERVING in said:
            worker.ready = worker.taking = True
            worker.fruitless = 0
        if CLOSED in said:
            worker.taking = False

    def reap(self, worker: _Worker, code: int) -> None:
        """Take note of a worker's end and say what follows from it."""
        assert worker.process is not None and worker.channel is not None  # noqa: S101, PT018 - only ever called on a live one
        with suppress(KeyError):
            self.selector.get_key(worker.channel)
            self.take_note(worker)  # it may have said "ready" and died in one turn
        with suppress(KeyError):
            self.selector.unregister(worker.channel)
        worker.channel.close()
        pid, was_ready = worker.process.pid, worker.ready
        worker.process, worker.channel, worker.ready, worker.taking = None, None, False, False
        self.hear.gone(pid)
        text = f"Worker {pid} ended with {_ending(code)}"
        if worker.frozen:
            text = f"Worker {pid} said nothing for {worker.silent - 1:g} s and was killed"
        if was_ready and time.monotonic() - worker.started >= STEADY_SECONDS:
            worker.failures = 0
        if self.deadline is not None:
            if code not in (0, *(-number for number in beginning.ENDING)):
                self.code = self.code or 1
        elif self.told:
            pass  # asked for, together with us
        elif not was_ready and code in NO_RESTART:
            _log.error("%s at its start: not tried again.", text)
            self.stop(code)
        else:
            self.hear.ended("frozen" if worker.frozen else "died" if was_ready else "start")
            worker.fruitless += not was_ready
            self.failed(worker, text + ".")

    def failed(self, worker: _Worker, text: str) -> None:
        worker.failures += 1
        if worker.fruitless >= ATTEMPTS and not any(other.ready for other in self.workers):
            _log.error("%s Given up after %d starts in a row.", text, worker.fruitless)
            self.stop(1)
            return
        delay = restart_delay(worker.failures)
        worker.due = time.monotonic() + delay
        _log.warning("%s The next starts in %g s.", text, delay)

    def stop(self, code: int) -> None:
        """Let go of the sockets, ask every worker to finish, and let the clock run."""
        self.code, self.deadline = code, time.monotonic() + self.grace_seconds
        for worker in self.workers:
            worker.sock.close()
            if worker.process is not None:
                # One that isn't there yet has SIGINT blocked, and ends by SIGTERM alone.
                hurried = self.told == signal.SIGINT and worker.spoke
                worker.process.send_signal(signal.SIGINT if hurried else signal.SIGTERM)

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
    frozen_seconds: float = FROZEN_SECONDS,
    told: Told | None = None,
) -> int:
    """Keep one process of `command` running for each socket until told to stop; return this process's exit code.

    0 after a stop that was asked for and ended well, 1 if a worker had to be killed or workers never came up, 2 or 78
    if a worker gave that up at its start. A worker that dies, or says nothing for `frozen_seconds`, is replaced at
    once, and ever later if that keeps happening; meanwhile the others take its connections. Takes over the sockets, and
    the signals while it runs: call it from the main thread.
    """
    workers = [_Worker(sock, number) for number, sock in enumerate(socks)]
    supervisor = _Supervisor(command, workers, grace_seconds, frozen_seconds, told or Told())

    def note(number: int, _frame: object) -> None:
        if number != signal.SIGCHLD:
            supervisor.told = supervisor.told or number

    wakeup, waker = socket.socketpair()
    wakeup.setblocking(False)
    waker.setblocking(False)
    wakeup_before = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    try:
        with beginning.heard_by(note, signal.SIGCHLD):
            _log.info("Starting %d worker(s).", len(socks))
            return supervisor.run(wakeup)
    finally:
        supervisor.close()
        signal.set_wakeup_fd(wakeup_before)
        wakeup.close()
        waker.close()
