"""Which built front end is served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

BUILT: Final = "frontend/app/dist"
BROUGHT: Final = Path(__file__).parent / "built"
"""Where a wheel has it (`setup.py`)."""


def _directory(value: str) -> Path | None:
    if value == "off":
        return None
    directories = (Path(BUILT), BROUGHT) if value == "auto" else (Path(value),)
    return next((directory for directory in directories if (directory / "index.html").is_file()), None)


def _check(value: str) -> str:
    """Refuse a folder that holds no built front end: somebody expects to see it."""
    if value not in ("auto", "off") and _directory(value) is None:
        raise ValueError("must be `auto`, `off`, or a folder with an index.html")
    return value


class FrontendSettings(BaseSettings, defer_build=True):
    """Which built front end is served."""

    SERVE_FRONTEND: Annotated[str, AfterValidator(_check)] = Field(
        default="auto",
        description=f"Folder of a built front end to serve at `/`; `auto`: `{BUILT}`, or else what the package "
        "brings, if it does; `off`.",
    )

    @property
    def frontend_directory(self) -> Path | None:
        """The built front end to serve, None when there is none."""
        return _directory(self.SERVE_FRONTEND)
