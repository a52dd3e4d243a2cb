"""The scripts, styles and icons of the documentation pages: a closed table, read once, on first use.

A request can only name a whole key of the table, so there is no path to traverse. A key carries a digest of the
content, so browsers may keep what they got for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from service.core.http.files import StaticFile

_OWN: Final = Path(__file__).parent / "static"
_OURS: Final = ("redoc.standalone.js", "docs.js", "redoc.js", "page.css")
_SWAGGERS: Final = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")

# Redoc shows its maker's logo from a CDN. Our Content-Security-Policy would stop that request, with a complaint in the
# console of everyone who looks; with an empty image nothing is asked for, and Redoc hides an image that fails to load.
_REDOC_LOGO: Final = b"https://cdn.redoc.ly/redoc/logo-mini.svg"


@cache
def assets() -> Mapping[str, StaticFile]:
    """Read every file (2.8 MB, 0.1 s for gzip: not on the event loop). Keys look like `docs.0123456789abcdef.js`."""
    table: dict[str, StaticFile] = {}
    # Asked of the metadata, not imported: importing swagger_ui pulls in its templates and its integrations.
    swagger = Path(str(distribution("swagger-ui-py").locate_file("swagger_ui/static")))
    for path in (*(swagger / name for name in _SWAGGERS), *(_OWN / name for name in _OURS)):
        name = path.name
        body = path.read_bytes()
        if name == "redoc.standalone.js":
            body = body.replace(_REDOC_LOGO, b"data:,")
        file = StaticFile.of(name, body)
        table[f"{path.stem}.{file.digest}{path.suffix}"] = file
    return table


def versioned(name: str) -> str:
    """Give the key of a file: `docs.js` -> `docs.0123456789abcdef.js`."""
    stem, suffix = Path(name).stem, Path(name).suffix
    return next(key for key in assets() if key.startswith(f"{stem}.") and len(key) == len(stem) + 17 + len(suffix))
