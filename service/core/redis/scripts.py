"""A Lua script: what Redis is asked, in one atomic step."""

from __future__ import annotations

from hashlib import sha1
from typing import TypeAlias

Reply: TypeAlias = "int | bytes | list[Reply] | None"


class Script:
    """A Lua script: a name for traces, its text, and the digest that servers know it by.

    `cure` gets the same keys where one of them turns out to be of another type than ours are: somebody has overwritten
    it, so what it held is gone. The cure deletes what can't be ours, and the script is run again. A `deed` changes what
    others rely on: it is not begun for a client that has gone, and what follows it is done to the end.
    """

    __slots__ = ("cure", "deed", "name", "sha", "text")

    def __init__(self, name: str, text: str, cure: Script | None = None, *, deed: bool = False) -> None:
        """Take the script, and its cure."""
        self.deed = deed
        self.name = name
        self.text = text
        self.cure = cure
        self.sha = sha1(text.encode(), usedforsecurity=False).hexdigest()


# How a script begins that needs the time: `now` in ms by Redis's own clock, so that instances agree. ARGV[1] is the
# shift of a clock that tests move by hand, zero otherwise.
NOW = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(ARGV[1])
local function text(number) return string.format('%.0f', number) end
"""

# How a cure begins: must_be(key, kind) deletes a key that is there, and of another type.
MUST_BE = """
local function must_be(key, kind)
  local found = redis.call('TYPE', key).ok
  if found ~= 'none' and found ~= kind then redis.call('UNLINK', key) end
end
"""

# For scripts whose keys are hashes, all of them.
HASHES_ONLY = Script("cure_hashes", MUST_BE + "for _, key in ipairs(KEYS) do must_be(key, 'hash') end")
