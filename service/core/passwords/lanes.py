"""Hashes that are made at once are made in several processes: threads of one wait for one another.

libsodium asks the kernel for the 19 MiB of each hash and gives them back, and the kernel lets one thread of a process
do so at a time, while all others have to forget where their memory is. So what is asked for while another hash is made
is made in processes beside this one (decision 119). They are started when they are needed first, and ended when they
haven't been for a while. Whatever is wrong with one, the hash is made here: later, and just as right.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Final

from service.core.passwords.beside import Beside
from service.core.passwords.hashing_process import derive
from service.core.process import machine

MOST_PROCESSES: Final = 4
"""Beside one worker: for more cores there are to be more workers."""

REST_SECONDS: Final = 60.0
"""How long a process is kept that nobody needs."""


def processes_beside(workers: int) -> int:
    """Return how many processes hash beside each of so many workers: as many as each has cores for itself."""
    return min(MOST_PROCESSES, machine.cores() // workers)


class Lanes:
    """Makes keys, for as many threads as like to ask."""

    def __init__(self, processes: int = 0) -> None:
        """Take how many processes there may be beside this one."""
        self._counting = Lock()
        self._under_way = 0
        self._all = tuple(Beside() for _ in range(processes))
        self._idle = deque(self._all)
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """Of the processes that there are beside this one just now."""
        return [pid for beside in self._all if (pid := beside.pid) is not None]

    @property
    def may_rest(self) -> bool:
        """Whether there are processes that are to be ended when nobody needs them."""
        return not self._closed and bool(self.pids)

    def derive(self, text: bytes, salt: bytes, passes: int, memory_kib: int) -> bytes:
        """Return what `hashing_process.derive` does."""
        with self._counting:
            alone = self._under_way == 0
            self._under_way += 1
        try:
            if alone and not self.pids:
                return derive(text, salt, passes, memory_kib)
            return self._derive_beside(text, salt, passes, memory_kib) or derive(text, salt, passes, memory_kib)
        finally:
            with self._counting:
                self._under_way -= 1

    def rest(self) -> None:
        """End each process that nobody has needed for `REST_SECONDS`."""
        for _ in self._all:
            try:
                beside = self._idle.popleft()
            except IndexError:  # all others are at work
                return
            beside.rest(0 if self._closed else REST_SECONDS)
            self._idle.append(beside)

    def close(self) -> None:
        """End the processes; one that is at work, when it has answered."""
        self._closed = True
        self.rest()

    def _derive_beside(self, text: bytes, salt: bytes, passes: int, memory_kib: int) -> bytes | None:
        try:
            beside = self._idle.pop()  # the one that was at work last: the others may rest
        except IndexError:
            return None
        try:
            return beside.derive(text, salt, passes, memory_kib)
        finally:
            self._idle.append(beside)
            if self._closed:
                self.rest()
