"""From a file to its records: whatever it is written in. What separates cells, lines and values is found by looking.

CSV by its header (`,`, `;`, tab, `|`), JSON lines, a JSON array, a JSON document with a list of users in it, LDIF; in
UTF-8 with or without a mark, in UTF-16, or in an encoding that is named. JSON lines and CSV are read line by line, so
that a file may be larger than the memory.
"""

from __future__ import annotations

import base64
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from service.core.text.spreadsheets import from_text
from service.users.import_values import NOTHING

if TYPE_CHECKING:
    from _csv import Reader

SEPARATORS: Final = (",", ";", "\t", "|")
LISTS: Final = ("users", "Users", "identities")
"""Under which names documents keep their users: Firebase and Keycloak, Cognito, others."""

STDIN: Final = Path("-")
NOT_UTF8: Final = "it is not in UTF-8: save the file in UTF-8, or name its encoding (--encoding)"

# The columns of Firebase's CSV, which has no header.
_FIREBASE: Final = {0: "localId", 1: "email", 2: "emailVerified", 3: "passwordHash", 4: "salt", 5: "displayName",
                    7: "google.com id", 8: "google.com email", 11: "facebook.com id", 12: "facebook.com email",
                    15: "twitter.com id", 16: "twitter.com email", 19: "github.com id", 20: "github.com email",
                    23: "createdAt", 24: "lastSignedInAt", 25: "phoneNumber", 26: "disabled"}  # fmt: skip

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that can't be imported, and why: without any hash."""

    line: int
    reason: str


class UnreadableFile(ValueError):
    """The file as a whole can't be read: nothing of it is imported."""


@dataclass(slots=True)
class Found:
    """What a file turned out to be: its `columns` are None where each record brings its own."""

    records: Iterator[tuple[int, Record | Refused]]
    columns: frozenset[str] | None = field(default=None)


@contextmanager
def open_file(path: Path, *, csv_only: bool = False, encoding: str | None = None) -> Iterator[Found]:
    """Return a file's records, which can be read within. Raises `UnreadableFile`."""
    try:
        raw = cast(BufferedReader, sys.stdin.buffer) if path == STDIN else path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    with raw, _decoded(raw, encoding) as text:
        yield _looked_at(text, csv_only=csv_only)


def _looked_at(text: TextIOWrapper, *, csv_only: bool) -> Found:
    first, lines = _first_of(text)
    begins = first.strip()
    if csv_only or not begins.startswith(("{", "[", "dn:", "version: 1", "# extended LDIF", "#!RESULT")):
        return _csv(first, lines)
    if not begins.startswith(("{", "[")):
        return Found(_ldif(lines))
    return Found(_json_lines(lines) if _is_one_object(begins) else _json_document(lines))


def _decoded(raw: IO[bytes], encoding: str | None) -> TextIOWrapper:
    """Decode by what the file begins with. Bytes that can't be decoded become lone surrogates, which no field takes."""
    try:
        begins = cast(BufferedReader, raw).peek(4)[:4] if encoding is None else b""
    except OSError as error:  # a directory
        raise UnreadableFile(f"The file can't be read: {error.strerror}.") from None
    if begins.startswith((b"\xff\xfe", b"\xfe\xff")):
        found, errors = "utf-16", "surrogatepass"
    elif len(begins) == 4 and begins[1] == 0 == begins[3]:
        found, errors = "utf-16-le", "surrogatepass"
    elif len(begins) == 4 and begins[0] == 0 == begins[2]:
        found, errors = "utf-16-be", "surrogatepass"
    else:
        found, errors = encoding or "utf-8-sig", "surrogateescape"
    try:
        return TextIOWrapper(raw, encoding=found, errors=errors, newline="")
    except LookupError:
        raise UnreadableFile(f"There is no encoding {encoding!a}.") from None


def _first_of(text: TextIOWrapper) -> tuple[str, Iterator[str]]:
    """Return the first line with something in it, and all lines, that one among them."""
    lines, before = _lines(text), list[str]()
    for line in lines:
        line = line if before else line.lstrip("\ufeff")  # noqa: PLW2901 - a mark after the mark
        before.append(line)
        if line.strip():
            return line, chain(before, lines)
    return "", iter(before)


def _lines(text: TextIOWrapper) -> Iterator[str]:
    try:
        yield from text
    except (UnicodeDecodeError, OSError):  # UTF-16 that ends within a letter, for one
        raise UnreadableFile("The file can't be read to its end: it is cut off, or in another encoding.") from None


def _csv(first: str, lines: Iterator[str]) -> Found:
    if first.lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's
        separator = first.strip()[4]
        next(line for line in lines if line.strip())
    else:
        separator = max(SEPARATORS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
    # What databases write with tabs has no quotes: one at the beginning of a name would swallow the lines after it.
    if separator == "\t":
        rows = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    else:
        rows = csv.reader(lines, delimiter=separator)
    try:
        names = [_unquoted(name.strip()) for name in next((row for row in rows if any(row)), [])]
    except csv.Error as error:
        raise UnreadableFile(f"The header can't be read: {error}.") from None
    if len(names) > 1 and "@" in names[1] and len(names) >= 24:
        firebase = [_FIREBASE.get(place, f"_{place}") for place in range(30)]
        records = chain([(1, _cells(firebase, names, 1))], _rows(rows, firebase))
        return Found(records, frozenset(_FIREBASE.values()))
    if any("@" in name for name in names):
        raise UnreadableFile("The first line has to name the columns: email, password_hash and so on.")
    if len(set(names)) < len(names):
        raise UnreadableFile("Two columns have the same name.")
    return Found(_rows(rows, names), frozenset(names))


def _rows(rows: Reader, names: list[str]) -> Iterator[tuple[int, Record | Refused]]:
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield rows.line_num, Refused(rows.line_num, str(error))  # a row may have several lines
            continue
        if row is None:
            return
        if row:
            yield rows.line_num, _cells(names, row, rows.line_num)


def _cells(names: list[str], row: list[str], line: int) -> Record | Refused:
    if len(row) > len(names):
        return Refused(line, "more cells than the header has")
    cells = [_unquoted(cell) for cell in row]
    return {name: from_text(cell) for name, cell in zip(names, cells, strict=False) if cell.strip() not in NOTHING}


def _unquoted(cell: str) -> str:
    """Take off the quotes that a spreadsheet puts around a cell between tabs; others are off already."""
    quoted = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    return cell[1:-1].replace('""', '"') if quoted else cell


def _is_one_object(line: str) -> bool:
    """Return whether a line is a whole object, or at least no beginning of one: then there is an object a line."""
    if line.startswith("["):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return line not in ("{", "{}") and not line.endswith(("{", "[", ","))


def _json_lines(lines: Iterable[str]) -> Iterator[tuple[int, Record | Refused]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line.rstrip().removesuffix(","))
        except (ValueError, RecursionError):
            found = None
        yield from _of_value(number, found)


def _json_document(lines: Iterable[str]) -> Iterator[tuple[int, Record | Refused]]:
    """Read values that go over several lines: in an array, in the list of a document, or one after the other."""
    text, place, line, counted = "".join(lines), 0, 1, 0
    decoder = json.JSONDecoder()
    depth = 0
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        line, counted = line + text.count("\n", counted, place), place
        if place == len(text):
            if depth:
                yield line, Refused(line, "the file ends in the middle of its list: it is cut off")
            return
        if text[place] in "[]":
            depth += 1 if text[place] == "[" else -1
            place += 1
            continue
        try:
            found, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            at = error.lineno if isinstance(error, json.JSONDecodeError) else line
            yield at, Refused(at, "this is no JSON, and nothing after it was read")
            return
        yield from _of_value(line, found)


def _of_value(line: int, found: object) -> Iterator[tuple[int, Record | Refused]]:
    if not isinstance(found, dict):
        yield line, Refused(line, "not a JSON object")
        return
    lists = [found[name] for name in LISTS if isinstance(found.get(name), list)]
    if not lists or not {"email", "user_id"}.isdisjoint(found):  # then these are what it logs in with
        yield line, found
        return
    for number, one in enumerate(chain.from_iterable(lists), start=1):
        yield number, one if isinstance(one, dict) else Refused(number, "not a JSON object")


def _ldif(lines: Iterable[str]) -> Iterator[tuple[int, Record | Refused]]:
    """Read RFC 2849's entries: the values of an attribute are a list, names are in small letters."""
    entry: dict[str, list[str]] = {}
    begins, pending = 1, ""
    for number, line in enumerate(chain(lines, ["", ""]), start=1):
        text = line.rstrip("\r\n")
        if text.startswith(" ") and pending:
            pending += text[1:]
            continue
        if pending and not pending.startswith("#"):
            _take(entry, pending)
        pending = text
        if text:
            begins = begins if entry else number
        elif entry:
            if "dn" in entry:  # what a search says at its beginning and its end is no entry
                yield begins, entry
            entry = {}


def _take(entry: dict[str, list[str]], text: str) -> None:
    name, _, value = text.partition(":")
    if value.startswith(":"):
        try:
            value = base64.b64decode(value[1:].strip(), validate=True).decode(errors="surrogateescape")
        except ValueError:  # no base64, or letters that are in none
            value = "\udcff"
    entry.setdefault(name.partition(";")[0].strip().lower(), []).append(value.strip())
