"""What pyproject.toml has no word for: a wheel brings the built front end, where it has been built (`make app`)."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

BUILT = Path("frontend/app/dist")


class BuildWithFrontend(build_py):
    """Build as ever, and put the front end beside what serves it; an editable install finds it where it is."""

    def run(self) -> None:
        """Copy everything."""
        super().run()
        if BUILT.is_dir() and not self.editable_mode:
            shutil.copytree(BUILT, Path(self.build_lib, "service/frontend/built"), dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithFrontend})
