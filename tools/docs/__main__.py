"""Build the documentation: `python -m tools.docs [--to FOLDER] [--repository URL]`, `site/` if none is named."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tools.docs.checks import faults
from tools.docs.pages import ROOT
from tools.docs.site import build


def main(arguments: list[str]) -> int:
    """Do it; return the exit code: 1 when a link leads nowhere, or a page breaks its own policy."""
    reader = argparse.ArgumentParser(prog="python -m tools.docs")
    reader.add_argument("--to", type=Path, default=ROOT / "site")
    reader.add_argument("--repository", default="", help="an address below which the repository's files are shown")
    given = reader.parse_args(arguments)
    began = time.monotonic()
    try:
        pages = build(given.to, repository=given.repository)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    wrong = faults(given.to, pages)
    for fault in wrong:
        print(fault, file=sys.stderr)
    print(f"{len(pages)} pages in {given.to / 'index.html'} ({time.monotonic() - began:.1f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
