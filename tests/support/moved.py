"""The service with a clock that is moved by hand, in a process of its own.

    python -m tests.support.moved serve ...

is `latchkey serve ...`, ahead by the seconds that stand in the file which MOVED_BY names; none where it isn't there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from service import __main__ as latchkey
from service import runtime
from service.core.clock import Clock

if TYPE_CHECKING:
    from datetime import datetime

FILE: Final = "MOVED_BY"


class Moved(Clock):
    """A clock that looks into the file whenever it is asked."""

    def now(self) -> datetime:
        """Return the time, moved."""
        self._look()
        return super().now()

    def timestamp(self) -> float:
        """Return the time in seconds since the epoch, moved."""
        self._look()
        return super().timestamp()

    @property
    def shift_ms(self) -> int:
        """How far it is ahead of the system's."""
        self._look()
        return self._shift // timedelta(milliseconds=1)

    @shift_ms.setter
    def shift_ms(self, _: int) -> None:
        """The file says it."""

    def _look(self) -> None:
        with suppress(OSError, ValueError):
            self._shift = timedelta(seconds=float(Path(os.environ[FILE]).read_text()))


if __name__ == "__main__":
    vars(runtime)["Clock"] = Moved
    latchkey.main()
