"""One account in every form that a file may have: what parts cells, encodings, times, flags, nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from service.users.import_file import Entry, UnknownColumns, format_of, read_file
from service.users.import_records import NOT_UTF8, Refused, UnreadableFile
from service.users.import_systems import Settled
from service.users.import_values import read_moment

MADE = datetime(2023, 1, 5, 12, 34, 56, tzinfo=UTC)
MOMENTS: dict[Any, datetime | None] = {
    "2023-01-05T12:34:56Z": MADE,
    "2023-01-05T12:34:56": MADE,
    "2023-01-05 12:34:56+00": MADE,
    "2023-01-05 12:34:56.5+00": MADE + timedelta(seconds=0.5),
    "2023-01-05 18:04:56+0530": MADE,
    "2023-01-05 18:04:56.000000+05:30": MADE,
    "2023-01-05 04:34:56-08": MADE,
    "1883-11-18 12:34:56-07:52:58": datetime(1883, 11, 18, 20, 27, 54, tzinfo=UTC),
    "2023-01-05 12:34:56 UTC": MADE,
    "2023-01-05 12:34:56.1234567 +00:00": MADE + timedelta(microseconds=123456),
    "2023-01-05T12:34:56.123456789Z": MADE + timedelta(microseconds=123456),
    "2023-01-05T12:34:56,123Z": MADE + timedelta(milliseconds=123),
    "2023-01-05T13:34:56+01:00[Europe/Berlin]": MADE,
    "2023-01-05 12:34": MADE.replace(second=0),
    "2023-01-05": MADE.replace(hour=0, minute=0, second=0),
    " 2023-01-05 12:34:56 ": MADE,
    "Thu, 05 Jan 2023 12:34:56 GMT": MADE,
    "05 Jan 2023 13:34:56 +0100": MADE,
    "20230105123456Z": MADE,
    "20230105123456.0Z": MADE,
    "1672922096": MADE,
    "1672922096.25": MADE + timedelta(seconds=0.25),
    "1672922096000": MADE,
    "1672922096000000": MADE,
    1672922096: MADE,
    1672922096000: MADE,
    1672922096.5: MADE + timedelta(seconds=0.5),
    "-86400": datetime(1969, 12, 31, tzinfo=UTC),
    "": None,
    "\\N": None,
    "NULL": None,
    "0000-00-00 00:00:00": None,
}
NO_MOMENTS = [
    "05.01.2023", "01/05/2023", "yesterday", "infinity", "-infinity", "2023-13-01", "2023-02-30 00:00:00", "NaN",
    "2023-01-05 25:00:00", "2023-01-05 12:34:56+99", "2023-01-05 12:34:56+00:99", "99999999999999999999", "1e3",
    "\u0662\u0660\u0662\u0663-01-05", True, False, float("nan"), float("inf"), 1e300, [], {}, {"$date": {"x": 1}},
    "20230105123456", "2023-01-05T12:34:56Zx",
]  # fmt: skip


def read(path: Path, content: str | bytes, **settled: Any) -> list[Entry | Refused]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_file(path, format_of(path), Settled(**settled)))


def test_moments(tmp_path: Path) -> None:
    """A time in each form that databases write, in JSON and in CSV; what can be read in two ways is refused."""
    lines = [{"email": f"a{n}@example.com", "created_at": value} for n, value in enumerate(MOMENTS)]
    found = read(tmp_path / "a", "".join(json.dumps(line) + "\n" for line in lines))
    for (value, expected), entry in zip(MOMENTS.items(), found, strict=True):
        assert isinstance(entry, Entry), (value, entry)
        assert entry.user.created_at == expected, value
    rows = "".join(f'a{n}@example.com,"{value}"\n' for n, value in enumerate(MOMENTS))
    found = read(tmp_path / "a.csv", f"email,created_at\n{rows}")
    for (value, expected), entry in zip(MOMENTS.items(), found, strict=True):
        assert isinstance(entry, Entry), (value, entry)
        assert entry.user.created_at == expected, value
    for value in NO_MOMENTS:
        (refused,) = read(tmp_path / "b", json.dumps({"email": "a@example.com", "created_at": value}))
        assert isinstance(refused, Refused), value
        assert refused.reason.startswith("created_at: "), value
    for wrapped in ({"$date": "2023-01-05T12:34:56Z"}, {"$date": {"$numberLong": "1672922096000"}}):  # MongoDB's
        (entry,) = read(tmp_path / "c", json.dumps({"email": "a@example.com", "created_at": wrapped}))
        assert isinstance(entry, Entry)
        assert entry.user.created_at == MADE


def test_flags_and_nothing(tmp_path: Path) -> None:
    """Yes and no as databases write them; null and empty mean: as a new account has it."""
    for yes in ("t", "true", "TRUE", "True", "1", "y", "yes", "on", " t ", "b'1'", "\x01", 1, True):
        (entry,) = read(tmp_path / "a", json.dumps({"email": "a@example.com", "email_verified": yes}))
        assert isinstance(entry, Entry), yes
        assert entry.user.email_verified, yes
    for no in ("f", "false", "FALSE", "0", "n", "no", "off", "b'0'", "\x00", 0, False):
        (entry,) = read(tmp_path / "a", json.dumps({"email": "a@example.com", "is_active": no}))
        assert isinstance(entry, Entry), no
        assert not entry.user.is_active, no
    for nothing in (None, "", "\\N", "NULL"):
        names = (
            "full_name",
            "password_hash",
            "is_active",
            "is_superuser",
            "email_verified",
            "created_at",
            "id",
            "totp",
        )
        (entry,) = read(tmp_path / "a", json.dumps({"email": "a@example.com"} | dict.fromkeys(names, nothing)))
        assert isinstance(entry, Entry), entry
        user = entry.user
        assert (user.full_name, user.password_hash, user.created_at, user.totp) == (None, None, None, None)
        assert (user.is_active, user.is_superuser, user.email_verified) == (True, False, False)
        assert user.model_fields_set == {"email", "full_name"}
    (refused,) = read(tmp_path / "a", json.dumps({"email": "a@example.com", "is_active": "perhaps"}))
    assert isinstance(refused, Refused)


ROW = 'email,full_name,is_active\nada@example.com,"Löv, Ada",f\n'
TEXTS = {
    "comma": ROW,
    "a mark": "\ufeff" + ROW,
    "semicolon": 'email;full_name;is_active\nada@example.com;"Löv, Ada";f\n',
    "tab": "email\tfull_name\tis_active\nada@example.com\tLöv, Ada\tf\n",
    "tab, in quotes": '"email"\t"full_name"\t"is_active"\n"ada@example.com"\t"Löv, Ada"\tf\n',
    "bar": "email|full_name|is_active\nada@example.com|Löv, Ada|f\n",
    "Excel's": 'sep=;\nemail;full_name;is_active\nada@example.com;"Löv, Ada";f\n',
    "CRLF": ROW.replace("\n", "\r\n"),
    "empty lines": "\n\n" + ROW.replace("\n", "\n\n"),
    "capitals in the header": ROW.replace("email,full_name", "Email,FULL_NAME"),
    "cells of a fixed width": "email     ,full_name\tis_active\n".replace("\t", ",")
    + 'ada@example.com  ,"Löv, Ada",f   \n',
    "as administrators download it": (
        "id,email,full_name,is_active,is_superuser,email_verified,created_at,last_login_at\n"
        '0f9c2d8e-6f0b-4c55-9a51-6d1f7b8b2c11,ada@example.com,"Löv, Ada",false,false,true,2023-01-05T12:34:56+00:00,\n'
    ),
    "blanks in the header": ROW.replace("email,full_name", " email , full_name "),
    "JSON lines": '{"email": "ada@example.com", "full_name": "Löv, Ada", "is_active": false}\n',
    "JSON lines with commas": '{"email": "ada@example.com", "full_name": "Löv, Ada", "is_active": false},\n',
    "array": '[{"email": "ada@example.com", "full_name": "Löv, Ada", "is_active": false}]',
    "array over lines": '[\n  {"email": "ada@example.com",\n   "full_name": "Löv, Ada",\n   "is_active": false}\n]\n',
    "objects over lines": '{\n"email": "ada@example.com",\n"full_name": "Löv, Ada",\n"is_active": false\n}\n',
    "a list in a document": '{"users": [{"email": "ada@example.com", "full_name": "Löv, Ada", "is_active": false}]}',
}


@pytest.mark.parametrize("name", TEXTS)
def test_forms(name: str, tmp_path: Path) -> None:
    """The same account, however the file is written, whatever it is called, in UTF-8 and in both kinds of UTF-16."""
    for place, encoding in enumerate(("utf-8", "utf-16", "utf-16-le", "utf-16-be")):
        for called in ("users", "users.csv") if "JSON" not in name and "{" not in TEXTS[name] else ("users.json",):
            (entry,) = read(tmp_path / f"{place}{called}", TEXTS[name].encode(encoding))
            assert isinstance(entry, Entry), entry
            assert (entry.user.email.given, entry.user.full_name) == ("ada@example.com", "Löv, Ada")
            assert not entry.user.is_active


def test_what_is_no_file_of_accounts(tmp_path: Path) -> None:
    """What is cut off, in another encoding, without a header or with a stranger's is said; the lines before it come."""
    row = '{"email": "ada@example.com"}'
    first, second = read(tmp_path / "a", f"[{row},\n{row.replace('ada', 'grace')[:-4]}")
    assert isinstance(first, Entry)
    assert second == Refused(2, "this is no JSON, and nothing after it was read")
    assert read(tmp_path / "a", f"[{row},\n")[1] == Refused(2, "the file ends in the middle of its list: it is cut off")
    assert read(tmp_path / "a", "[1, [2]]")[0] == Refused(1, "not a JSON object")
    assert read(tmp_path / "a", "[" * 100_000)[0].line == 1  # deep, and no end of the stack
    latin = "email,full_name\nada@example.com,Löv\ngrace@example.com,Hopper\n".encode("latin-1")
    bad, good = read(tmp_path / "a.csv", latin)
    assert bad == Refused(2, NOT_UTF8)
    assert isinstance(good, Entry)
    found = read(tmp_path / "a.csv", latin, encoding="latin-1")
    assert [entry.user.full_name for entry in found if isinstance(entry, Entry)] == ["Löv", "Hopper"]
    with pytest.raises(UnreadableFile, match="no encoding"):
        read(tmp_path / "a.csv", latin, encoding="latin-99")
    with pytest.raises(UnreadableFile, match="name the columns"):
        read(tmp_path / "a.csv", "ada@example.com,Ada\n")
    with pytest.raises(UnreadableFile, match="same name"):
        read(tmp_path / "a.csv", "email,email\na@example.com,b@example.com\n")
    with pytest.raises(UnreadableFile, match="cut off"):
        read(tmp_path / "a.csv", ROW.encode("utf-16")[:-1])
    with pytest.raises(UnknownColumns, match="e_mail"):
        read(tmp_path / "a.csv", "e_mail,password_hash\na@example.com,x\n")
    with pytest.raises(UnreadableFile, match="directory"):
        list(read_file(tmp_path, None))


def test_quotes_between_tabs(tmp_path: Path) -> None:
    """A name that begins with a quote swallows no lines: databases put none around what stands between tabs."""
    text = 'email\tfull_name\na@example.com\t"Nick\nb@example.com\tBo\nc@example.com\tO"Neil"\n'
    names = [entry.user.full_name for entry in read(tmp_path / "a.tsv", text) if isinstance(entry, Entry)]
    assert names == ['"Nick', "Bo", 'O"Neil"']


BEGINNINGS = st.sampled_from([
    b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"email,created_at\n", b"email;full_name\n", b"sep=;\n", b"[", b"{",
    b"dn: ", b'{"users": [', b"[[[", b"email\tid\n", b"\x00{", b'{"username": "a", "enabled": ', b"dn:: ",
    b'email,password_hash\n"', b'{"localId": ', b'{"traits": {}, "schema_id": ',
])  # fmt: skip
PIECES = st.lists(
    st.binary(max_size=30)
    | st.sampled_from([b"a@example.com", b",", b";", b"\n", b"\r\n", b'"', b"{", b"}", b"[", b"]", b":", b"null",
                       b"NaN", b'"email"', b"mail: a@example.com\nobjectClass: person\n\n", b"\\u0000", b"1e999",
                       b'"credentials": [{"type": "password", "secretData": "{}"}]', b" ", b"\x00"]),
    max_size=30,
)  # fmt: skip


@settings(max_examples=800, deadline=None)
@given(BEGINNINGS, PIECES, st.sampled_from(["a", "a.csv"]))
def test_any_bytes(begins: bytes, pieces: list[bytes], name: str) -> None:
    """R63: whatever a file holds, it is accounts, refused lines, or refused as a whole."""
    with TemporaryDirectory() as folder:
        try:
            found = read(Path(folder) / name, begins + b"".join(pieces))
        except UnreadableFile:
            return
    assert all(isinstance(one, Entry) or one.reason for one in found)


@settings(max_examples=1500, deadline=None)
@given(
    st.text(alphabet="0123456789-:+.TZ UTCGMT[]Jan,", max_size=40) | st.floats() | st.integers() | st.text(max_size=20)
)
def test_any_moment(value: object) -> None:
    """R63: anything is a time, or is refused as one."""
    try:
        found = read_moment(value)
    except PydanticCustomError:
        return
    assert found is None or found.tzinfo is not None
