"""What the documents show in fences, and how each piece is held to be true.

TypeScript is compiled (`frontend/scripts/snippets.mjs`), JSON read, Python compiled; commands and calls are run by
tests/test_snippets.py and, where a page makes an application, tests/features/test_page.py. A comment before a
fence says what can't be held so:

- `<!-- not run: why -->`
- `<!-- from: path -->`: it stands like this in that file of the repository, which is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("sh", "python", "ts", "tsx", "js", "http", "json", "sql")
_MARK = r"(?P<mark><!-- (?P<how>not run|from): (?P<what>[^\n]*?) -->\n+)?"
_FENCE = re.compile(_MARK + r"^```(?P<kind>\w*)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Snippet:
    """One fence."""

    document: Path
    line: int
    kind: str
    code: str
    reason: str | None  # why it isn't run
    source: str | None  # the file it stands in
    alone: bool  # whether there are words between the fence before and this one

    def __str__(self) -> str:
        """Return where it is."""
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def documents() -> list[Path]:
    """Return the documents whose snippets are held to be true: all but the records of what was once decided."""
    found = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
        *ROOT.glob("examples/*/README.md"),
    ]
    found += [ROOT / "frontend" / "app" / "README.md", *ROOT.glob("frontend/packages/*/README.md")]
    return sorted(found)


def snippets(document: Path) -> list[Snippet]:
    """Return the snippets of one document, in its order."""
    return list(_snippets(document, document.read_text(encoding="utf-8")))


def _snippets(document: Path, text: str) -> Iterator[Snippet]:
    end = 0
    for match in _FENCE.finditer(text):
        said = match["what"] if match["mark"] else None
        yield Snippet(
            document=document,
            line=text.count("\n", 0, match.start("kind")) + 1,
            kind=match["kind"],
            code=match["code"],
            reason=said if match["how"] == "not run" else None,
            source=said if match["how"] == "from" else None,
            alone=bool(text[end : match.start()].strip()),
        )
        end = match.end()
