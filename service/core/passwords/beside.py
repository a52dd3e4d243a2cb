"""A process that hashes beside this one (`hashing_process`), and what is done when it doesn't."""

from __future__ import annotations

import logging
import os
import select
import subprocess
import sys
from time import monotonic
from typing import Final

from service.core.passwords import hashing_process
from service.core.passwords.hashing_process import KEY_BYTES, SALT_BYTES, derive, question
from service.core.telemetry.logs import log_event

PATIENCE_SECONDS: Final = 5.0
"""How long a hash may take there. Where nothing is wrong it takes a hundredth of that."""

PAUSE_SECONDS: Final = 60.0
"""How long no other is started after one has failed."""

LONGEST: Final = 4_000
"""Bytes of a text that a pipe takes at once, whatever the system."""

# Where Python and its libraries are. What else is in our environment are secrets, and none are needed there.
_PASSED_ON: Final = ("PYTHON", "LD_", "DYLD_", "PATH", "HOME", "VIRTUAL_ENV")

_KNOWN: Final = (b"known", b"?" * SALT_BYTES, 1, 8)


class Beside:
    """One such process, or none: it is started when it is asked first. For one thread at a time."""

    def __init__(self) -> None:
        """Start nothing."""
        self._process: subprocess.Popen[bytes] | None = None
        self._asked_at = 0.0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """Of the process; None where there is none."""
        process = self._process  # read once: another thread may end it meanwhile
        return None if process is None else process.pid

    def derive(self, text: bytes, salt: bytes, passes: int, memory_kib: int) -> bytes | None:
        """Return what `hashing_process.derive` does; None where that has to be done elsewhere. Raises nothing."""
        self._asked_at = now = monotonic()
        if now < self._not_before or len(text) > LONGEST:
            return None
        try:
            if self._process is None:
                self._process = _start()
                _try_out(self._process)
            return _ask(self._process, question(text, salt, passes, memory_kib))
        except (OSError, RuntimeError) as error:  # it can't be started (any more), has ended, or says nothing
            self.end()
            self._not_before = monotonic() + PAUSE_SECONDS
            log_event("passwords.process_lost", logging.WARNING, cause=str(error))
            return None

    def rest(self, seconds: float) -> None:
        """End the process if it hasn't been asked for so long."""
        if monotonic() - self._asked_at >= seconds:
            self.end()

    def end(self) -> None:
        """End the process. It has nothing to lose."""
        if (process := self._process) is None:
            return
        self._process = None
        with process:  # closes the pipes, and waits
            process.kill()


def _start() -> subprocess.Popen[bytes]:
    """Raises OSError where it can't be started."""
    if not sys.executable:
        raise FileNotFoundError("where Python is isn't known")
    environment = {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
    return subprocess.Popen(  # noqa: S603 - the command is this program's own
        [sys.executable, "-P", hashing_process.__file__],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback would be among the lines of the log
        env=environment,
        # Ctrl-C is for the worker, which still has hashes to finish. Not a session of its own, though: Linux gives each
        # session as much of the processors as any other (autogroup), and the worker would have to wait.
        process_group=0,
    )


def _try_out(process: subprocess.Popen[bytes]) -> None:
    """Raises OSError where it doesn't do what we do: a hash that is wrong would be somebody's password."""
    if _ask(process, question(*_KNOWN)) != derive(*_KNOWN):
        raise OSError("it answers something else")


def _ask(process: subprocess.Popen[bytes], text: bytes) -> bytes:
    """Raises OSError where there is no answer in time, or none any more."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - it was started with both
    answers = process.stdout
    process.stdin.write(text)
    readable = select.poll()
    readable.register(answers, select.POLLIN)
    key, until = b"", monotonic() + PATIENCE_SECONDS
    while len(key) < KEY_BYTES:
        if not readable.poll(max(0.0, until - monotonic()) * 1000):
            raise TimeoutError("it doesn't answer")
        piece = answers.read(KEY_BYTES - len(key))
        if not piece:
            raise ConnectionResetError("it has ended")
        key += piece
    return key
