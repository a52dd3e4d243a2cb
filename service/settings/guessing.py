"""Which secrets are none: what documents show, what people type, what repeats or counts (SECURITY.md R42, R66).

The one list and the one judgement, for the start of a production service and for `latchkey doctor`. What
`openssl rand`, `secrets.token_*` and their kind make is never refused: tests/core/test_secrets_everyone_knows.py.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode
from binascii import unhexlify
from collections import Counter
from itertools import pairwise
from typing import Final

DEVELOPMENT_SECRET: Final = "development-only-secret-never-use-it-in-production"  # noqa: S105 - production refuses it
RANDOM_BITS: Final = 128  # what a secret should have
LEAST_BITS: Final = 80  # what it can't be without

# From this project's, the integration guide's and others' documents, as they are without case and punctuation. None is
# so short that chance writes it.
SAMPLES: Final = (
    "developmentonly", "yoursecret", "changeme", "changethis", "changeit", "replaceme", "replacethis", "supersecret",
    "secretkey", "mysecret", "topsecret", "verysecret", "testsecret", "jwtsecret", "sharedsecret", "notasecret",
    "secretsecret", "insecure", "password", "passphrase", "placeholder", "generatea", "putyour", "insertyour",
    "donotuse", "neveruse", "foobarbaz", "letmeinplease", "loremipsum", "correcthorse", "qwertyui", "asdfghjk",
    "1qaz2wsx", "1q2w3e4r", "qazwsxed", "3141592653", "2718281828",
    # Digests of nothing.
    "e3b0c44298fc1c14", "d41d8cd98f00b204", "da39a3ee5e6b4b0d", "47deqpj8hbsati",
)  # fmt: skip
_LEET: Final = str.maketrans("013457@$!", "oieastasi")

# The commonest pairs of letters of English: of a sentence they are half, of a random text a tenth.
_COMMON: Final = (
    "th he in er an re nd on en at ou ed ha to or it is hi es ng al ar as se st te nt le ti ea ve of ec co ro io "
    "de ra me li ri ic ne ll ma si om ur ca el ta la ns di fo ho pe ce no et us ot ut ch tr wh we do wa so be sh "
    "ee ai oo wo lo na un id ad ge ac em ly ow rt ct ry ey my ke ss op pl po ie pa su ol il am da"
)
_PAIRS: Final = frozenset(_COMMON.split())
_SENTENCE: Final = 0.4
_LAGS: Final = (1, 2, 3, 4)  # a1b2c3 counts at every second place
_FORESEEN: Final = 3  # this many characters in a row that go on as before are no chance


def flaw(secret: str) -> str | None:
    """Return what is wrong with a secret, to be put behind its name; None when it looks random."""
    if any(_is_sample(text) for text in _readings(secret)):
        return "is a sample that everyone knows"
    if estimated_bits(secret) < LEAST_BITS or any(_is_guessable(text) for text in _readings(secret)):
        return "can be guessed"
    return None


def estimated_bits(secret: str) -> float:
    """Return a rough upper estimate of what a guesser has to try, by its letters and what they foretell."""
    if not secret:
        return 0.0
    shares = [count / len(secret) for count in Counter(secret).values()]
    return -sum(share * math.log2(share) for share in shares) * _surprises(secret.casefold())


def _readings(secret: str) -> list[str]:
    """Return the secret, and what it says decoded: base64 of a sample is a sample."""
    found = [secret]
    for decode in (unhexlify, _from_base64):
        try:
            found.append(decode(secret).decode("latin-1"))
        except ValueError:
            continue
    return found


def _from_base64(secret: str) -> bytes:
    text = secret.rstrip("=").translate(str.maketrans("-_", "+/"))
    return b64decode(text + "=" * (-len(text) % 4), validate=True)


def _is_sample(text: str) -> bool:
    plain = re.sub(r"[\W_]", "", text.casefold())
    leet = re.sub(r"[\W_]", "", text.casefold().translate(_LEET))
    return any(sample in plain or sample in leet for sample in SAMPLES)


def _is_guessable(text: str) -> bool:
    common = sum(
        (one + other).casefold() in _PAIRS for one, other in pairwise(text) if one.isupper() == other.isupper()
    )
    return common >= _SENTENCE * len(text) or _surprises(text) < len(text) / 2


def _surprises(text: str) -> int:
    """Return how many characters don't go on as those before: repeated, backwards, or counting up or down."""
    place = found = 0
    while place < len(text):
        run = max(_repeated(text, place), *(_counted(text, place, lag) for lag in _LAGS))
        place += run if run >= _FORESEEN else 1
        found += 1
    return found


def _repeated(text: str, place: int) -> int:
    before, run = text[:place][::-1], 0
    while place + run < len(text):
        part = text[place : place + run + 1]
        if text.find(part, 0, place + run) < 0 and part not in before:
            break
        run += 1
    return run


def _counted(text: str, place: int, lag: int) -> int:
    run = 0
    while 2 * lag <= place + run < len(text):
        one, two, three = (ord(text[place + run - back * lag]) for back in (2, 1, 0))
        if three - two != two - one:
            break
        run += 1
    return run
