"""Where a command's words go: to terminals in any encoding, full disks, readers that leave."""

from __future__ import annotations

import codecs
import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.core.text.printable import spelt, visible

_EXIT_FAILED = 1


def use_streams_of_any_kind() -> None:
    """Have it that what the terminal's encoding has no byte for is spelt out, and ends nothing half-way."""
    codecs.register_error("latchkey.spelt", _spell)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us: `>&-`
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="latchkey.spelt")


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(spelt, error.object[error.start : error.end])), error.end


@contextmanager
def one_line_for_all() -> Iterator[None]:
    """Whatever goes wrong that no command has foreseen: one line and an exit code. Nobody has to read a traceback."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # here, and not when nobody can say any more what came of it
    except BrokenPipeError:  # `| head -1` has seen enough
        _look_away()
        sys.exit(_EXIT_FAILED)
    except Exception as error:  # noqa: BLE001 - it is told, and with LOG_LEVEL=DEBUG where it was
        _look_away()
        if os.environ.get("LOG_LEVEL", "").strip().upper() == "DEBUG":
            traceback.print_exc()
        said = f"{type(error).__name__}: {error} (LOG_LEVEL=DEBUG shows where)"
        if isinstance(error, OSError) and error.strerror:  # a disk is full, a file isn't ours
            said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        sys.stderr.write(visible(" ".join(said.split())[:500]) + "\n")
        sys.exit(_EXIT_FAILED)


def _look_away() -> None:
    """Write what is still in the buffer to nobody: the interpreter would try once more at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
