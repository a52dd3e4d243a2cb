"""Files that are there whole or not at all: nobody finds half of one, and takes it for all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST
from io import TextIOWrapper
from pathlib import Path
from secrets import token_hex
from typing import Final, TextIO

_MODE: Final = 0o600


@contextmanager
def whole_or_not_at_all(file: Path | None) -> Iterator[TextIO]:
    """Open a new file for its owner's eyes only, in UTF-8; it has its name once everything is written and on the disk.

    Without a file it is standard output, also in UTF-8, whatever the locale says. Raises OSError; FileExistsError
    before anything is written, for what is there is never replaced.
    """
    if file is None:
        with _standard_output() as target:
            yield target
        return
    if os.path.lexists(file):
        raise FileExistsError(EEXIST, "File exists", str(file))
    meanwhile = file.with_name(f".{file.name[:100]}.{token_hex(4)}.part")
    descriptor = os.open(meanwhile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        _name(meanwhile, file)
    finally:
        with suppress(FileNotFoundError):
            meanwhile.unlink()


def _name(meanwhile: Path, file: Path) -> None:
    """Give it its name, unless somebody has taken that since."""
    try:
        os.link(meanwhile, file)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(file):
            raise FileExistsError(EEXIST, "File exists", str(file)) from None
        meanwhile.rename(file)


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    sys.stdout.flush()
    target = TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
    try:
        yield target
        target.flush()
    finally:
        with suppress(OSError):
            target.detach()
