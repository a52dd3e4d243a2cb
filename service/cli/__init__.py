"""The operators' commands: `latchkey …`, or `python -m service …`. Each feature brings its own.

Exit codes: 0 done, 1 not done (the reason is said), 2 wrong settings or usage, 3 nothing matched, 75 a store is out of
reach (try again), 128 and a signal's number: interrupted, and what was done by then is said.

Nothing heavy is imported here: help, version and completion are answered out of `commands.json` (`quick.py`), and what
the service stands on is imported for a command that does something.
"""

from __future__ import annotations

import os
import sys

from service.core.process import beginning
from service.core.process.streams import one_line_for_all, use_streams_of_any_kind

_EXIT_USAGE = 2


def main() -> None:
    """Run the command line."""
    use_streams_of_any_kind()
    with one_line_for_all():
        _run()


def _run() -> None:
    try:  # an argument is bytes, and UTF-8 whatever the locale says; else no store or terminal takes it
        sys.argv[1:] = [os.fsencode(argument).decode() for argument in sys.argv[1:]]
    except UnicodeError:
        sys.stderr.write("An argument is not valid UTF-8.\n")
        sys.exit(_EXIT_USAGE)
    from service.cli import straight

    if sys.argv[1:2] == [straight.SERVE] and (given := straight.plainly(sys.argv[2:])) is not None:
        with beginning.importing():
            from service.cli import serving
        serving.run(given)
    from service.cli import quick

    if not quick.answer(sys.argv[1:]):
        with beginning.importing():
            from service.cli import running

            command = running.named()
        command()
