"""Write docs/outages.md's tables of errors out of the code's: `python -m tools.outages`, `--check` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from service.core.faults import Row
from service.core.redis.faults import ROWS, TOLD
from service.core.sql.faults import POSTGRES, SQLITE

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "outages.md"
TABLES: Final[dict[str, tuple[Row, ...]]] = {"redis": (*ROWS, *TOLD), "postgresql": POSTGRES, "sqlite": SQLITE}


def table(rows: Iterable[Row]) -> str:
    """Return one as Markdown."""
    lines = ["| code | what it says | what becomes of it | what mends it |", "| --- | --- | --- | --- |"]
    lines += [f"| `{row.code}` | {row.about} | {row.meaning.value} | {row.fix} |" for row in rows]
    return "\n".join(lines)


def written(text: str) -> str:
    """Return the document with its tables as they are to be."""
    for name, rows in TABLES.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            sys.exit(f"{DOCUMENT.name} has no place for {name}")
        text = before + begin + table(rows) + "\n" + end + after
    return text


def main() -> None:
    """Write it, or say that it isn't up to date."""
    text = DOCUMENT.read_text(encoding="utf-8")
    if "--check" not in sys.argv[1:]:
        DOCUMENT.write_text(written(text), encoding="utf-8")
    elif written(text) != text:
        sys.exit(f"{DOCUMENT.name} isn't up to date: python -m tools.outages")


if __name__ == "__main__":
    main()
