"""Other ways to write an address that reach the same account: what UTS 46 leaves out of a domain, and what it folds."""

from __future__ import annotations

import string
from functools import cache

import idna
from hypothesis import strategies as st

from service.core.text.email_address import parse_email

PLANES = (range(0x21, 0x30000), range(0xE0000, 0xE0200))


@cache
def written_as() -> dict[str, list[str]]:
    """Return, for each character of a domain, all characters that mean it; under "" those that mean nothing."""
    found: dict[str, list[str]] = {}
    for char in (chr(code) for plane in PLANES for code in plane):
        try:
            meant = idna.uts46_remap(f"a{char}a", std3_rules=False, transitional=False)[1:-1]
            host = "mail.example.com" if meant == "." else "www.example.com"
            parsed = parse_email("a@" + host.replace(meant or "w", char if meant else f"w{char}", 1))
        except (idna.IDNAError, ValueError):
            continue
        if meant in {"", ".", *string.ascii_lowercase, *string.digits} and parsed.canonical == f"a@{host}":
            found.setdefault(meant, []).append(char)
    return found


@st.composite
def spellings(draw: st.DrawFn, address: str) -> str:
    """Draw a text that `parse_email` takes for `address`."""
    local, _, domain = address.rpartition("@")
    signs, letters = written_as(), []
    for char in domain:
        letters.append(draw(st.sampled_from([char, *signs.get(char, [])])) if draw(st.booleans()) else char)
        if draw(st.integers(0, 5)) == 0:
            letters.append(draw(st.sampled_from(signs[""])))
    case = "".join(draw(st.sampled_from([char, char.upper()])) for char in local)
    around = st.text(" \t\r\n", max_size=2)
    return f"{draw(around)}{case}@{''.join(letters)}{draw(around)}"
