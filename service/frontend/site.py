"""A built front end in memory: a closed table of its files, read once at the start.

A request can only name a whole key of the table, so there is no path to traverse and nothing to follow out of the
folder. What isn't a file may be a route of the application itself: then a person's browser gets the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.core.http.files import FOR_EVER, REVALIDATE, StaticFile

INDEX: Final = "/index.html"
HASHED: Final = "/assets/"  # where Vite puts what has its digest in its name
NOT_OURS: Final = ("/api", "/oauth", "/.well-known", "/metrics")


@dataclass(frozen=True, slots=True)
class Site:
    """The files by path, `/index.html` among them."""

    files: Mapping[str, StaticFile]

    @classmethod
    def load(cls, directory: Path) -> Site:
        """Read every file in `directory`; links that lead out of it are left out."""
        root = directory.resolve()
        paths = [path for path in sorted(root.rglob("*")) if path.is_file() and path.resolve().is_relative_to(root)]
        return cls(
            {f"/{path.relative_to(root).as_posix()}": StaticFile.of(path.name, path.read_bytes()) for path in paths}
        )

    def find(self, path: str, *, page: bool) -> tuple[StaticFile, str] | None:
        """Return the file for `path` and how long it keeps. `page`: a person's browser asks for a page to show.

        None for the service's own paths, and for what is neither a file nor, asked for as a page, a route of the
        application. A missing file of `/assets/` stays missing: a page in its place would be taken for a script.
        """
        if any(path == other or path.startswith(f"{other}/") for other in NOT_OURS):
            return None
        file = self.files.get(INDEX if path == "/" else path)
        if file is not None:
            return file, FOR_EVER if path.startswith(HASHED) else REVALIDATE
        if page and not path.startswith(HASHED):
            return self.files[INDEX], REVALIDATE
        return None
