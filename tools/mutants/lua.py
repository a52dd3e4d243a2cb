"""Small mistakes in the Lua of our scripts, which to Python is one text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tools.mutants.mutant import Mutant

# What a text is made of. Comments say nothing, and what is in quotes isn't code, but for a number.
_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*)|(?P<text>'[^'\n]*')|(?P<number>\b\d+\b)|(?P<word>[A-Za-z_][\w.]*)
      |(?P<operator><=|>=|==|~=|\.\.|[-+*/<>=#,;(){}\[\]])|(?P<space>\s+)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_INSTEAD = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "~=", "~=": "==", "and": "or", "or": "and",
    "math.min": "math.max", "math.max": "math.min", "+": "-", "*": "+", "true": "false", "false": "true",
}  # fmt: skip
_KINDS = {"and": "and/or", "or": "and/or", "+": "sum", "-": "sum", "*": "sum", "math.min": "call", "math.max": "call"}
_SIGNED = {"return", "and", "or", "not"}  # what follows is no difference, but less than nothing
_BEFORE_A_STATEMENT = {"then", "else", "do", ";", "end"}

_Token = tuple[str, str, int]  # group, text, offset
_Found = Iterator[tuple[int, int, str, str]]  # from, to, what instead, which kind


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """Return all of the scripts in a Python file. Each is Lua still."""
    found: list[Mutant] = []
    for name, start, line, text in _scripts(source):
        for begin, end, new, kind in _in_script(text):
            if compiles(text[:begin] + new + text[end:]):
                place, length = (len(part.encode()) for part in (text[:begin], text[begin:end]))
                at = line + text[:begin].count("\n")
                span = start + place, start + place + length
                found.append(Mutant(path, *span, new.encode(), f"Lua {kind}", at, at, at, name))
    return sorted(found)


def compiles(text: str) -> bool:
    """Return whether `text` is Lua, as far as this machine can tell."""
    try:
        # Redis's own version, which the embedded store has loaded as well: two versions in one process would crash it.
        from lupa.lua51 import LuaSyntaxError  # noqa: PLC0415 - without the embedded store nobody can tell
    except ImportError:
        return True
    try:
        _lua().compile(text)
    except LuaSyntaxError:
        return False
    return True


@cache
def _lua() -> Any:
    from lupa.lua51 import LuaRuntime  # noqa: PLC0415

    return LuaRuntime()


def _scripts(source: bytes) -> Iterator[tuple[str, int, int, str]]:
    """Return each piece of Lua: the name it goes by, its offset in the file, its first line, its text."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            for node in ast.walk(statement.value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_lua(node.value):
                    start = starts[node.lineno - 1] + node.col_offset
                    text = node.value.encode()
                    inside = source.find(text, start, start + len(text) + 6)
                    if inside >= 0:
                        yield statement.targets[0].id, inside, node.lineno, node.value


def _is_lua(text: str) -> bool:
    return "redis.call(" in text or bool(re.search(r"^(local |return \w+\()", text, re.MULTILINE))


def _in_script(text: str) -> _Found:
    tokens = [
        (found.lastgroup or "", found[0], found.start())
        for found in _TOKEN.finditer(text)
        if found.lastgroup not in ("space", "comment")
    ]
    for place, (group, word, offset) in enumerate(tokens):
        before = tokens[place - 1] if place else ("", ";", 0)
        if word in _INSTEAD:
            yield offset, offset + len(word), _INSTEAD[word], _KINDS.get(word, "comparison")
        elif word == "-" and (before[0] in ("word", "number") or before[1] in ")]") and before[1] not in _SIGNED:
            yield offset, offset + 1, "+", "sum"
        elif group == "number" and tokens[max(place - 2, 0)][1] not in ("KEYS", "ARGV"):  # that would go unseen nowhere
            yield offset, offset + len(word), str(int(word) + 1), "constant"
        elif group == "text" and word[1:-1].isdigit():
            yield offset, offset + len(word), f"'{int(word[1:-1]) + 1}'", "constant"
        elif word == "not":
            yield offset, offset + 4, "", "not"
        if group == "word" and _begins(text, before, offset):
            yield from _statement(text, tokens, place)


def _begins(text: str, before: _Token, offset: int) -> bool:
    """Return whether a statement begins here: at the beginning of a line, or behind one of the words."""
    alone = text[text.rfind("\n", 0, offset) + 1 : offset].strip() == ""
    continued = before[1] in ("=", ",", "(", "and", "or", "..", "+", "-", "{", "return", "not")
    return (alone and not continued) or before[1] in _BEFORE_A_STATEMENT


def _statement(text: str, tokens: list[_Token], place: int) -> _Found:
    """Leave out a call that stands alone, or an assignment on its line."""
    _, word, offset = tokens[place]
    following = tokens[place + 1][1] if place + 1 < len(tokens) else ""
    if word in ("local", "return", "if", "for", "function", "else", "elseif", "end", "until", "while"):
        return
    if following == "(":
        depth = 0
        for _, part, at in tokens[place + 1 :]:
            depth += (part == "(") - (part == ")")
            if depth == 0:
                yield offset, at + 1, "", "statement"
                return
    elif following in ("=", ",", "["):
        end = text.find("\n", offset)
        yield offset, (end if end >= 0 else len(text)), "", "statement"
