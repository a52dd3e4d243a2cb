"""What makes keys of passwords, and what runs in a process that does so beside a worker's own (`lanes`).

That process is started by this file's path, so that it loads libsodium and nothing else of the service. A question is
`passes`, `memory_kib` and the length of the text, each in four bytes; the salt; the text. The answer is the key. It
ends when nobody can ask any more: the worker's end of the pipe is closed then, however that has ended.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Final

from nacl.pwhash import argon2id

if TYPE_CHECKING:
    from typing import BinaryIO

SALT_BYTES: Final = 16
KEY_BYTES: Final = 32
GIVES_WAY: Final = 2
"""By how much it is less in a hurry than the worker (`os.nice`): whatever needs no hash shall not wait for one."""

_NUMBERS: Final = 3
_NUMBER_BYTES: Final = 4


def derive(text: bytes, salt: bytes, passes: int, memory_kib: int) -> bytes:
    """Return the key of `KEY_BYTES` that Argon2id (RFC 9106) makes of a text and `SALT_BYTES` of salt, in one lane."""
    return argon2id.kdf(KEY_BYTES, text, salt, passes, memory_kib * 1024)


def question(text: bytes, salt: bytes, passes: int, memory_kib: int) -> bytes:
    """Return what `derive` is asked for by, from the outside."""
    return b"".join(number.to_bytes(_NUMBER_BYTES) for number in (passes, memory_kib, len(text))) + salt + text


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer questions one by one, until there are no more."""
    while numbers := questions.read(_NUMBERS * _NUMBER_BYTES):
        starts = range(0, len(numbers), _NUMBER_BYTES)
        passes, memory_kib, length = (int.from_bytes(numbers[start : start + _NUMBER_BYTES]) for start in starts)
        salt = questions.read(SALT_BYTES)
        answers.write(derive(questions.read(length), salt, passes, memory_kib))
        answers.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # who ends all at once gives the worker time to finish
    os.nice(GIVES_WAY)
    serve(sys.stdin.buffer, sys.stdout.buffer)
