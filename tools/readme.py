"""Write the table of settings into the README: `python -m tools.readme`, or `--check` to only compare."""

from __future__ import annotations

import sys
from pathlib import Path

from service.features import FEATURES
from service.runtime import settings_of
from service.settings import settings_table, settings_with

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- settings -->", "<!-- /settings -->"


def rendered(text: str) -> str:
    """Return `text` with the table of today's settings between the markers. Raises ValueError without markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md needs {BEGIN} and, after it, {END}")
    return f"{before}{BEGIN}\n{settings_table(settings_with(settings_of(FEATURES)))}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Do it; return the exit code: 0 when the file is up to date now, 1 when `--check` found it old, 2 for usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.readme [--check]", file=sys.stderr)
        return 2
    text = README.read_text(encoding="utf-8")
    wanted = rendered(text)
    if text == wanted:
        return 0
    if arguments:
        print("The table of settings in README.md is out of date: run `make readme`.", file=sys.stderr)
        return 1
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
