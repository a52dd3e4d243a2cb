"""What a release is made of, and under which names: `python -m tools.release`.

`names` puts the names that are ours in the place of those of this repository, which aren't: `latchkey` on PyPI is
somebody else's, and the scope `@latchkey` nobody's or anybody's. It comes before anything is built, so that what is
tested has the names that are published. `build DIRECTORY` makes the sdist, and of it the wheel.
(docs/decisions/094-names-that-are-ours.md)
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[1]
OURS_HERE: Final = "latchkey"
TAKEN: Final = frozenset({OURS_HERE})
"""Names on PyPI that are known to be others'."""

PYPI, NPM, CONFIRMED = "PYPI_NAME", "NPM_SCOPE", "NAMES_CONFIRMED"
_NAMES: Final = {
    PYPI: re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*"),
    NPM: re.compile(r"@[a-z0-9][a-z0-9._-]*"),
}
_SCOPE: Final = re.compile(rf"@{OURS_HERE}(?=[/\\\"'`])")
_BUILD: Final = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"
_BUILT_OF: Final = ("service", "models", "migrations", "latchkey", "frontend/app/dist", "pyproject.toml", "setup.py",
                    "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md")  # fmt: skip


class Refused(Exception):
    """Nothing may be published under these names."""


@dataclass(frozen=True, slots=True)
class Names:
    """The distribution on PyPI, and the scope of the packages on npm."""

    pypi: str
    npm: str

    @classmethod
    def confirmed(cls, given: Mapping[str, str]) -> Names:
        """Return the names that are set. Raises `Refused` where somebody hasn't said that just these are ours."""
        for variable, form in _NAMES.items():
            if not form.fullmatch(given.get(variable, "")):
                raise Refused(f"{variable} is no name: set it to one that is ours")
        names = cls(given[PYPI], given[NPM])
        if re.sub(r"[._-]+", "-", names.pypi) in TAKEN:
            raise Refused(f"{names.pypi} is somebody else's on PyPI")
        if given.get(CONFIRMED, "").split() != [names.pypi, names.npm]:
            raise Refused(f"nobody has confirmed these names: look whose they are, and set {CONFIRMED} to both of them")
        return names

    def write(self, root: Path, files: Sequence[str]) -> None:
        """Put them in the place of this repository's names, wherever those stand."""
        for file in files:
            path = root / file
            try:
                text = path.read_text(encoding="utf-8")
            except (UnicodeDecodeError, FileNotFoundError):  # a picture; a link that leads nowhere
                continue
            changed = _SCOPE.sub(self.npm, text)
            if file == "pyproject.toml":
                changed = _replaced(changed, f'\nname = "{OURS_HERE}"\n', f'\nname = "{self.pypi}"\n')
            if file == "service/__init__.py":
                changed = _replaced(changed, f'version("{OURS_HERE}")', f'version("{self.pypi}")')
            if changed != text:
                path.write_text(changed, encoding="utf-8")


def _replaced(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise Refused(f"{old.strip()} is not where it was: nothing would have the new name")
    return text.replace(old, new)


def build(root: Path, directory: Path) -> tuple[Path, Path]:
    """Make the sdist of a checkout, and of it the wheel; return both. What is built of is a copy: it stays clean."""
    directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as copied:
        copy = Path(copied)
        for name in _BUILT_OF:
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif (root / name).is_file():
                shutil.copy(root / name, copy / name)
        sdist = directory / _built("build_sdist", copy, directory)
    with TemporaryDirectory() as unpacked:
        with tarfile.open(sdist) as archive:
            archive.extractall(unpacked, filter="data")
        (inside,) = Path(unpacked).iterdir()
        return sdist, directory / _built("build_wheel", inside, directory)


def _built(hook: str, source: Path, directory: Path) -> str:
    command = [sys.executable, "-c", _BUILD, hook, str(directory.absolute())]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(done.stderr)
    return done.stdout.splitlines()[-1]


def _tracked(root: Path) -> Iterator[str]:
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True, check=True)
    yield from filter(None, listed.stdout.split("\0"))


def main() -> None:
    """Do what is asked for; exit with 1, and a line that says why, where it is refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("names", help=f"write {PYPI} and {NPM} of the environment into this checkout")
    commands.add_parser("build", help="make the sdist and the wheel").add_argument("directory", type=Path)
    asked = parser.parse_args()
    try:
        if asked.command == "names":
            names = Names.confirmed(os.environ)
            names.write(ROOT, [*_tracked(ROOT)])
            print(f"published as {names.pypi} and {names.npm}/…")
        else:
            print(*build(ROOT, asked.directory), sep="\n")
    except Refused as refused:
        sys.exit(f"{refused}")


if __name__ == "__main__":
    main()
