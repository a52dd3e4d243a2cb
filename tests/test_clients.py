"""The table of OAuth 2's libraries is right only where every cell was told, and is (`make clients` fills it in)."""

from __future__ import annotations

import pytest

from tools.clients.libraries import CELLS, LIBRARIES, Cell, Library, Table, written, wrong


def whole() -> Table:
    return {
        library.title: {name: Cell(name, "works", right=True) for name in CELLS if name not in library.without}
        for library in LIBRARIES
    }


def test_whole() -> None:
    """Nothing is wrong with a table that is full, and each library has its column, each cell its row."""
    assert wrong(whole()) == []
    first, *rows = written(whole()).splitlines()
    assert [title.strip() for title in first.split("|")] == ["", *(library.title for library in LIBRARIES)]
    assert [row.split("|")[0].strip() for row in rows] == list(CELLS)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.title)
def test_every_cell_counts(library: Library) -> None:
    """One that wasn't told, or told as wrong, is named."""
    title = library.title
    for name in whole()[title]:
        table = whole()
        table[title][name] = Cell(name, "MissingTokenError", right=False)
        assert wrong(table) == [f"{title}, {name}: MissingTokenError"]
        assert "WRONG" in written(table)
        del table[title][name]
        assert wrong(table) == [f"{title}, {name}: not told"]
        assert "WRONG" in written(table)
