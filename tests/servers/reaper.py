"""See that no server outlives the process that started it, however that process ends.

Three nets, each for what the one before lets through:

1. `atexit` stops the servers of a process that ends by itself.
2. A watchdog process holds the read end of a pipe whose write end is held by the owner. The kernel
   closes it when the owner dies, by any signal; the watchdog then reaps. PR_SET_PDEATHSIG was
   rejected: it fires when the *thread* that started the server ends, and Linux alone has it.
3. `reap`, which runs before a process starts its first server, removes what both of these missed:
   each server is on record with its owner, and a record whose owner is dead is a leftover.

This file is the watchdog's program too, so it imports nothing from the package.
"""

import atexit
import ctypes
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

PREFIX = "latchkey-server-"

Identity = tuple[int, float]

_lock = threading.Lock()
_prepared: set[int] = set()  # of processes, as a forked child needs a watchdog of its own


@dataclass(frozen=True)
class Home:
    """A server's private directory, on record as owned by this process until released."""

    directory: Path
    record: Path

    def note(self, pid: int | None) -> None:
        """Put on record which process serves from this directory; None before there is one."""
        note = {
            "directory": str(self.directory),
            "owner": identify(os.getpid()),
            "server": None if pid is None else identify(pid),
            "where": _where(),
        }
        # Renamed into place: a reader sees the old record or the new one, never half of one.
        draft = self.record.with_suffix(".draft")
        draft.write_text(json.dumps(note))
        draft.rename(self.record)

    def release(self) -> None:
        """Remove the directory, whose processes have ended, and its record; do nothing twice."""
        _free_shared_memory(self.directory)
        shutil.rmtree(self.directory, ignore_errors=True)
        if not self.directory.exists():
            self.record.with_suffix(".draft").unlink(missing_ok=True)
            self.record.unlink(missing_ok=True)


def claim(kind: str, base: Path | None = None) -> Home:
    """Make a directory for a server below `base` or the system's temporary directory."""
    _prepare()
    name = f"{kind}-{secrets.token_hex(4)}"
    directory = (base or Path(tempfile.gettempdir())) / f"{PREFIX}{name}"
    home = Home(directory, _records() / f"{name}.json")
    home.note(None)  # before the directory is there, so that no directory is ever unrecorded
    directory.mkdir(mode=0o700)
    return home


def reap() -> list[Path]:
    """Kill and remove the servers of dead owners; return the directories removed."""
    return list(_reap())


def _reap(owner: Identity | None = None) -> Iterator[Path]:
    for record in sorted(_records().glob("*.json")):
        try:
            note = json.loads(record.read_text())
            directory, of, server = Path(note["directory"]), note["owner"], note["server"]
            foreign = note["where"] != _where()
        except FileNotFoundError:
            continue  # another reaper was faster
        except (ValueError, KeyError, TypeError):
            record.unlink(missing_ok=True)  # not ours: ours are never half written
            continue
        if foreign or not directory.name.startswith(PREFIX):
            continue
        if owner is not None and tuple(of) != owner:
            continue
        if is_alive((of[0], of[1])):
            continue
        _kill_inhabitants(directory, (server[0], server[1]) if server else None)
        Home(directory, record).release()
        yield directory


def identify(pid: int) -> Identity:
    """Return what tells this process from a later one that gets the same pid.

    Raises psutil.NoSuchProcess.
    """
    with suppress(OSError, IndexError):
        # Ticks since boot. psutil's create_time moves when the clock is set.
        return pid, float(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return pid, float(psutil.Process(pid).create_time())


def is_alive(who: Identity) -> bool:
    """Say whether this very process runs; a zombie doesn't."""
    try:
        return identify(who[0]) == who and not is_gone(psutil.Process(who[0]))
    except psutil.NoSuchProcess:
        return False


def is_gone(process: psutil.Process) -> bool:
    """Say whether the process has ended, be it that nobody has collected its status yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _kill_inhabitants(directory: Path, server: Identity | None) -> None:
    """Kill the server and what works in its directory: orphaned backends have no parent left."""
    start = time.monotonic()
    while time.monotonic() < start + 10:
        doomed = list(_inhabitants(directory))
        if server is not None and is_alive(server):
            doomed.append(psutil.Process(server[0]))
        if not doomed:
            return
        # What initdb runs ends by itself after it, and removes its shared memory from /dev/shm.
        spared = (directory / "password").exists() and time.monotonic() < start + 2
        for process in doomed:
            with suppress(psutil.Error):
                if not spared or process.name() == "initdb":
                    process.kill()
        time.sleep(0.01)


def _inhabitants(directory: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            at = Path(process.cwd() or "/")
            # What has a terminal is somebody's shell, looking at the log.
            if at.is_relative_to(directory) and process.terminal() is None and not is_gone(process):
                yield process


def _free_shared_memory(directory: Path) -> None:
    """Remove the System V segment of a PostgreSQL that was killed; it would stay until reboot.

    Linux only: there /proc proves that the segment is that server's and that nobody uses it.
    """
    with suppress(OSError, IndexError, ValueError):
        lock = (directory / "data" / "postmaster.pid").read_text().splitlines()
        key, identifier = lock[6].split()
        for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[0]) == int(key) and fields[1] == identifier and fields[6] == "0":
                ctypes.CDLL(None).shmctl(int(identifier), 0, None)  # 0 is IPC_RMID


def _records() -> Path:
    """Return this user's directory of records; refuse one that somebody else made."""
    records = Path(tempfile.gettempdir()) / f"latchkey-servers-{os.geteuid()}"
    with suppress(FileExistsError):
        records.mkdir(mode=0o700)
    seen = records.lstat()
    if seen.st_uid != os.geteuid() or seen.st_mode & 0o170077 != 0o040000:
        raise RuntimeError(f"{records} must be a directory that only the current user can open")
    return records


def _where() -> str:
    """Name the pid namespace: a container that shares the directory has pids of its own."""
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _prepare() -> None:
    """Reap leftovers and post the watchdog, once a process."""
    with _lock:
        if os.getpid() in _prepared:
            return
        reap()
        pid, created = identify(os.getpid())
        hidden = ("COV",)  # a measured watchdog would leave coverage data behind
        watchdog = subprocess.Popen(
            # -P: this directory holds a redis.py, which is not the one others mean.
            [sys.executable, "-P", __file__, str(pid), repr(created)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={k: v for k, v in os.environ.items() if not k.startswith(hidden)} | {"TMPDIR": tempfile.gettempdir()},
            start_new_session=True,  # Ctrl-C is for the owner
        )
        atexit.register(_dismiss, watchdog, pid)
        _prepared.add(pid)


def _dismiss(watchdog: subprocess.Popen[bytes], owner: int) -> None:
    if os.getpid() != owner:
        return  # a forked child leaves by the same door
    if watchdog.stdin is not None:
        watchdog.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        watchdog.wait(5)


def _watch(owner: Identity) -> None:
    """Wait for the owner's death, then reap what it left."""
    sys.stdin.buffer.read()
    deadline = time.monotonic() + 10
    # The pipe closes before the owner is quite dead, or because it ends in good order.
    while is_alive(owner) and any(_owned(owner)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for _ in _reap(owner):
        pass


def _owned(owner: Identity) -> Iterator[Path]:
    for record in _records().glob("*.json"):
        with suppress(FileNotFoundError, ValueError, KeyError):
            if json.loads(record.read_text())["owner"] == list(owner):
                yield record


if __name__ == "__main__":
    _watch((int(sys.argv[1]), float(sys.argv[2])))
