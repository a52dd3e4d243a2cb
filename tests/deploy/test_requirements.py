"""What production installs: pinned, hashed, new enough, and nothing that it has no use for."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.process import ROOT

# The oldest versions without a hole that would matter here (CVE-2026-32597, CVE-2023-28859).
SAFE = {"pyjwt": (2, 12, 0), "redis": (4, 5, 4)}

# Ours stands in for private parts of these (tests/support/underneath.py).
UNDERNEATH = ("asyncpg", "redis", "sanic", "sanic-ext", "tortoise-orm")


def pinned(name: str) -> dict[str, tuple[str, str]]:
    """Package to version and everything that stands with it."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return {package: (version, rest) for package, version, rest in entries}


@pytest.mark.embedded_only
@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-embedded.txt", "requirements-tracing.txt"]
)
def test_every_package_is_pinned_by_hash(name: str) -> None:
    """R74: what was reviewed is what is installed, to the byte."""
    found = pinned(name)
    assert len(found) > 20
    assert not [package for package, (_, rest) in found.items() if "--hash=sha256:" not in rest]


@pytest.mark.embedded_only
@pytest.mark.parametrize("extra", ["embedded", "tracing"])
def test_an_extra_is_what_production_has_and_some(extra: str) -> None:
    """Whoever installs it gets the same versions of all else."""
    plain, more = pinned("requirements.txt"), pinned(f"requirements-{extra}.txt")
    assert {name: version for name, (version, _) in plain.items()}.items() <= {
        name: version for name, (version, _) in more.items()
    }.items()
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {re.split(r"[\[><=]", line)[0] for line in wanted[extra]} <= more.keys()


@pytest.mark.embedded_only
def test_no_known_holes_and_no_ballast() -> None:
    """R74: PyJWT and redis-py without their known holes; no test tools, embedded stores or tracing in production."""
    found = pinned("requirements.txt")
    for package, oldest in SAFE.items():
        assert tuple(int(part) for part in found[package][0].split(".")[:3]) >= oldest
    assert not [name for name in found if name.startswith(("opentelemetry", "pytest", "fakeredis", "mypy"))]


@pytest.mark.embedded_only
@pytest.mark.parametrize("package", UNDERNEATH)
def test_no_release_comes_in_whose_inside_nobody_has_read(package: str) -> None:
    """Of what ours stands in for the insides, repairs may come in; the next release that brings more may not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = re.compile(rf"{package}(?:\[\w+\])?>=([\d.]+),<([\d.]+)")
    (found,) = [match for line in project["dependencies"] if (match := wanted.fullmatch(line))]
    oldest, end = ([int(part) for part in text.split(".")] for text in found.groups())
    installed = [int(part) for part in pinned("requirements.txt")[package][0].split(".")]
    assert oldest <= installed < end
    first, second = oldest[:2]
    if package.startswith("sanic"):  # 25.9, 25.12, 26.3: by year and month, four of them a year
        assert end == ([first + 1] if second == 12 else [first, second + 3])
    else:
        assert end == [first, second + 1]
