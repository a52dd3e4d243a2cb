"""User-Agents as sessions keep them: what all browsers say is one letter, so that a session takes half the memory.

A text that was shortened begins with a control character, which no User-Agent of ours has (`user_agent` of
`service.core.http.requests` leaves none in). Whatever begins otherwise is kept as it is. An instance of the version
before shows the short text as it stands, as long as it runs beside this one.
"""

from __future__ import annotations

import re
from typing import Final

_SHORT: Final = "\x01"
# Each is what it stands for, for good: sessions live for months. Further ones are added at the end; there is room for
# those up to \x1f. The longest that fits is taken first.
_WORDS: Final = (
    "Mozilla/5.0 (",
    ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
    ".0.0.0 Safari/537.36",
    ".0.0.0 Mobile Safari/537.36",
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "Linux; Android 10; K",
    "iPhone; CPU iPhone OS ",
    "iPad; CPU OS ",
    " like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ",
    ") AppleWebKit/605.1.15 (KHTML, like Gecko) Version/",
    " Mobile/15E148 Safari/604.1",
    " Safari/605.1.15",
    " Gecko/20100101 Firefox/",
    ".0.0.0 Safari/537.36 Edg/",
    "X11; Ubuntu; Linux x86_64",
    "Linux; Android ",
    "Windows NT ",
    "Macintosh; Intel Mac OS X ",
    "Version/",
    "AppleWebKit/",
    " (KHTML, like Gecko) ",
    "Chrome/",
    "Safari/",
    "Mobile",
    "Mobile/15E148",
)
_LETTER: Final = {word: chr(number) for number, word in enumerate(_WORDS, start=2)}
_WORD: Final = {letter: word for word, letter in _LETTER.items()}
_ANY_WORD: Final = re.compile("|".join(map(re.escape, sorted(_WORDS, key=len, reverse=True))))
_ANY_LETTER: Final = re.compile("[\x02-\x1f]")


def shortened(text: str) -> str:
    """Return what a session keeps of a User-Agent."""
    if not text.isprintable():
        return text
    short = _ANY_WORD.sub(lambda found: _LETTER[found[0]], text)
    return f"{_SHORT}{short}" if len(short) + 1 < len(text) else text


def whole(kept: str) -> str:
    """Return the User-Agent that `shortened` was given. A letter that only a later version knows is left out."""
    if not kept.startswith(_SHORT):
        return kept
    return _ANY_LETTER.sub(lambda found: _WORD.get(found[0], ""), kept.removeprefix(_SHORT))
