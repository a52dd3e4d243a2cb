"""The letters of this feature: a code for who has to show that an address is theirs, and what became of an account."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from service.stores.letter_kinds import Letter

GOOD_FOR: Final = timedelta(minutes=10)  # a code, from when its letter is sent (R22)
LIFE: Final = timedelta(minutes=20)  # of a log-in that waits for a letter: a mail server may be away for a while
_WORDS: Final = Path(__file__).parent / "words"

# code; whoever asks has an account at a provider, and says that the address is theirs: it says nothing of them
CODE: Final = Letter(
    name="provider_code",
    words=_WORDS,
    waited_for=True,
    to_unconfirmed=True,
    asked_for=True,
    apart=timedelta(minutes=1),
    waits=False,
    says_anybody=("code",),
)
# at, device, ip, link (to set a password)
EMPTIED: Final = Letter(name="provider_emptied", words=_WORDS, greets=True, an_hour=10)

LETTERS: Final = (CODE, EMPTIED)
