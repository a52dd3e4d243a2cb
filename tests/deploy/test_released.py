"""What is released is what was tested: the sdist, and the wheel made of it, installed outside of the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from service.core.sql.schema import OURS
from tests.servers import free_port
from tests.support.people import PASSWORD
from tests.support.process import ROOT, Service, environment, running
from tools.release import Names, Refused, build

pytestmark = [pytest.mark.embedded_only, pytest.mark.timeout(300)]

SECONDS = 180.0
IN_IT = ("service", "models", "migrations", "latchkey")
BUILT = "service/frontend/built"
PAGE = "<!doctype html><title>The application</title>"
NEEDED = "import aerich, aiosqlite, asyncpg, fakeredis, sanic, sanic_ext, tortoise"
OTHERS = ("python3.11", "python3.12", "python3.13", "python3.14")


def run(*command: str | Path, directory: Path, **settings: str) -> str:
    """Run a command to its end; return what it wrote to standard output."""
    ours = environment(**settings)
    env = {name: value for name, value in ours.items() if name != "PYTHONPATH" and not name.startswith("COVERAGE")}
    done = subprocess.run(
        [str(part) for part in command], cwd=directory, env=env, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, made of the sdist of this checkout with a front end that is built; or the one that is to be released."""
    if released := os.environ.get("LATCHKEY_TEST_WHEEL"):
        return Path(released).absolute()
    checkout = tmp_path_factory.mktemp("checkout")
    for one in ROOT.iterdir():
        if one.name != "frontend":
            (checkout / one.name).symlink_to(one)
    page = checkout / "frontend" / "app" / "dist" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE)
    return build(checkout, tmp_path_factory.mktemp("made"))[1]


def test_everything_is_in_it(wheel: Path) -> None:
    """What git has of the packages is in the wheel, with the front end, and nothing of anybody's tests."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", *IN_IT], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    if listed.returncode:
        pytest.skip("this is no clone: what belongs in it is not to be known")
    tracked = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    found = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert tracked - found == set()
    assert {name for name in found if name.partition("/")[0] not in IN_IT} == set()
    assert f"{BUILT}/index.html" in found


@pytest.mark.parametrize("name", OTHERS)
def test_installed_outside_of_the_checkout(name: str, wheel: Path, tmp_path: Path) -> None:
    """It migrates, serves, and shows the application: on this Python, and on others that have the packages."""
    ours = name == f"python3.{sys.version_info.minor}"
    python = sys.executable if ours else shutil.which(name)
    if python is None:
        pytest.skip(f"there is no {name} on this machine")
    asked = subprocess.run(
        [python, "-c", f"{NEEDED}; import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=False, timeout=SECONDS, cwd=tmp_path,
    )  # fmt: skip
    if asked.returncode:
        pytest.skip(f"{name} has not what it needs: {' '.join(asked.stderr.split())[-200:]}")
    packages = sysconfig.get_path("purelib") if ours else asked.stdout.strip()
    home = tmp_path / "installed"
    run(python, "-m", "venv", "--without-pip", home, directory=tmp_path)
    (site,) = home.glob("lib/python3*/site-packages")
    (site / "others.pth").write_text(packages)  # after its own: whatever else is called like ours is not what is run
    run(
        python, "-m", "pip", "--python", home / "bin" / "python", "install", "--quiet", "--no-deps", "--no-index",
        "--disable-pip-version-check", wheel, directory=tmp_path,
    )  # fmt: skip
    latchkey, settings = home / "bin" / "latchkey", {"DATABASE_URL": f"sqlite://{tmp_path / 'x.sqlite3'}"}
    where = run(home / "bin" / "python", "-P", "-c", "import service; print(service.__file__)", directory=tmp_path)
    assert Path(where.strip()).is_relative_to(home)
    applied = json.loads(run(latchkey, "db", "upgrade", "--json", directory=tmp_path, **settings))
    assert applied == {"applied": OURS.history()}
    port, log = free_port(), tmp_path / "log"
    given = environment(**settings, PORT=str(port))
    env = {key: value for key, value in given.items() if key != "PYTHONPATH" and not key.startswith("COVERAGE")}
    with running((str(latchkey), "serve"), log, env=env, directory=tmp_path) as process:
        service = Service(port, process, log)
        service.wait(SECONDS)
        page = httpx.get(service.url, headers={"Accept": "text/html"}, trust_env=False)
        assert (page.status_code, page.text) == (200, ZipFile(wheel).read(f"{BUILT}/index.html").decode())
        body = {"email": "ada@example.com", "password": PASSWORD}
        assert httpx.post(f"{service.url}/api/auth/register", json=body, timeout=30, trust_env=False).is_success
        assert httpx.post(f"{service.url}/api/auth/login", json=body, timeout=30, trust_env=False).is_success
        started = re.search(r"started.*version=(\S+)|\"version\": ?\"([^\"]+)\"", service.said())
        assert started, service.said()
        assert wheel.name.split("-")[1] in started.groups()


OURS_GIVEN = {"PYPI_NAME": "example-latchkey", "NPM_SCOPE": "@example", "NAMES_CONFIRMED": "example-latchkey @example"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"PYPI_NAME": ""}, "PYPI_NAME is no name"),
        ({"NPM_SCOPE": "example"}, "NPM_SCOPE is no name"),
        ({"PYPI_NAME": "latchkey", "NAMES_CONFIRMED": "latchkey @example"}, "somebody else's"),
        ({"NAMES_CONFIRMED": ""}, "nobody has confirmed"),
        ({"NAMES_CONFIRMED": "yes"}, "nobody has confirmed"),
        ({"NPM_SCOPE": "@latchkey"}, "nobody has confirmed"),
        ({"NAMES_CONFIRMED": "@example example-latchkey"}, "nobody has confirmed"),
    ],
)
def test_nothing_is_published_under_names_of_others(changes: dict[str, str], says: str) -> None:
    """Somebody has said of just these names that they are ours, and none is known to be another's."""
    with pytest.raises(Refused, match=says):
        Names.confirmed(OURS_GIVEN | changes)


def test_names_are_written_before_anything_is_built(tmp_path: Path) -> None:
    """Wherever the repository's names are those of packages, and nowhere else; the workflow does that first of all."""
    files = [
        "pyproject.toml",
        "service/__init__.py",
        "frontend/package-lock.json",
        "frontend/packages/client/package.json",
    ]
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    Names.confirmed(OURS_GIVEN).write(tmp_path, files)
    written = {file: (tmp_path / file).read_text() for file in files}
    assert not [file for file, text in written.items() if "@latchkey" in text]
    assert json.loads(written["frontend/packages/client/package.json"])["name"] == "@example/client"
    project = tomllib.loads(written["pyproject.toml"])["project"]
    assert (project["name"], project["scripts"]) == ("example-latchkey", {"latchkey": "service.__main__:main"})
    assert 'version("example-latchkey")' in written["service/__init__.py"]
    workflow = (ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    jobs = re.split(r"\n  (?=\w+:\n)", workflow.partition("\njobs:")[2])[1:]
    assert len(jobs) == 2
    for job in jobs:
        before = job.partition("run: python -m tools.release names\n")[0]
        assert before != job
        assert not re.search(r"npm|make|pip|pypi", before.partition("steps:")[2])
