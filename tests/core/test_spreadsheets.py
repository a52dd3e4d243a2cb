"""Cells of CSV files: no text becomes a formula, and every text comes back (OWASP, CSV injection)."""

from __future__ import annotations

import csv
import re
import unicodedata
from io import StringIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.core.text.spreadsheets import SIGNS, as_text, from_text

FORMULAS = [
    '=HYPERLINK("http://x.example","a")', "+1", "-2+3", "@SUM(1)", "=cmd|' /C calc'!A0", "\t=1", "\r=1", "\n=1", "\tx",
    "\rx", " =1", "\u00a0=1", "\u3000@x", '"=1', "'=1", "''=1", "\u2018=1", '" =1', "\ufeff=1", "\u200b+1", "\u202e-1",
    "\x00=1", "\x1b=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(1)", "\ufe661", "\u22121", "\u207a1",
    "a;=1+1", "a;b; -1", "a\t=1", "a\r\n@x", "Ada\uff1b=1",
]  # fmt: skip
PLAIN = [
    "Ada Lovelace",
    "Lovelace, Ada",
    "O'Neill",
    "'quoted'",
    "a=b",
    "a-b",
    "a+b@example.com",
    "a; b",
    "",
    "1",
    "#x",
    "'",
    "Zoë-Ann",
]
NAMES = st.text(st.characters(codec="utf-8")) | st.text(
    st.sampled_from("=+-@\t\r\n;,|'\"` \u00a0\u200b\ufeff\uff1d\uff0b\u2212aZ1"), max_size=12
)


def cells(line: str, delimiter: str) -> list[str]:
    """A line as a spreadsheet with this delimiter parts it, also where it minds no quotes."""
    mindful = [cell for row in csv.reader(StringIO(line, newline=""), delimiter=delimiter) for cell in row]
    return mindful + re.split(f"[{delimiter}\r\n]", line)


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet that leaves out all it can takes it for a formula: an apostrophe first makes it text."""
    seen = cell.lstrip('"')
    if seen.startswith("'"):
        return False
    bare = "".join(char for char in seen if unicodedata.category(char) not in ("Cc", "Cf", "Zs", "Zl", "Zp"))
    return unicodedata.normalize("NFKC", bare.lstrip("\"'`"))[:1] in ("=", "+", "-", "@", "\u2212")


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_made_text(name: str) -> None:
    """Every sign that begins a formula, whatever stands before it or parts the cells."""
    assert as_text(name) != name
    assert from_text(as_text(name)) == name


@pytest.mark.parametrize("name", PLAIN)
def test_the_rest_stays(name: str) -> None:
    """Names without a formula are written as they are, and read so."""
    assert as_text(name) == from_text(name) == name


def test_every_sign_that_folds_to_one() -> None:
    """Full-width, small, raised and lowered forms: what NFKC makes one of the signs, and the minus sign."""
    folded = {
        chr(code) for code in range(0x110000) if unicodedata.normalize("NFKC", chr(code))[:1] in tuple("=+-@\u2212")
    }
    assert folded <= set(SIGNS)
    assert all(as_text(f"{sign}1") == f"'{sign}1" for sign in folded)


@settings(max_examples=2000)
@given(NAMES)
@example("'=1")
@example("''=1")
@example("\t;'\t=")
def test_what_is_written_is_read(name: str) -> None:
    """Export and import give the same text, also one that begins as the escape does."""
    assert from_text(as_text(name)) == name


@settings(max_examples=2000)
@given(NAMES, NAMES)
def test_no_cell_is_a_formula(first: str, second: str) -> None:
    """Whichever delimiter a spreadsheet takes: no cell of the line that we write is a formula."""
    written = StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([as_text(first), as_text(second)])
    for delimiter in (",", ";", "\t"):
        for cell in cells(written.getvalue(), delimiter):
            if delimiter != "," or cell in (as_text(first), as_text(second)):
                assert not is_formula(cell), (delimiter, cell)
