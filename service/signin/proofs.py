"""What proofs are worth, one and several, and how they are kept while something is still owed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypedDict

import orjson

from service.core.clock import from_ms, to_ms
from service.core.crypto.sealing import Sealer
from service.credentials.identities import External
from service.credentials.proof import Proof
from service.errors import InvalidChallenge
from service.stores.sessions.assurance import Assurance

# Each of them makes two factors of whatever a log-in began with; none of them alone is a way in, but for a passkey that
# has verified its user, which is of level 2 by itself.
SECOND_FACTORS: Final = frozenset({"otp", "hwk", "swk", "rec"})
_CONTEXT: Final = b"proof"


def assured(proofs: Sequence[Proof]) -> Assurance:
    """Return what the proofs of one log-in are worth together."""
    methods = frozenset[str]().union(*(proof.methods for proof in proofs))
    both = bool(methods & SECOND_FACTORS) and bool(methods - SECOND_FACTORS)
    level = max(2 if both else 1, *(proof.level for proof in proofs))
    return Assurance(tuple(sorted(methods)), level, any(proof.phishing_resistant for proof in proofs))


def added(proof: Proof) -> Assurance:
    """Return what a proof is worth on a session that is there, for another proof has opened it."""
    level = 2 if proof.methods & SECOND_FACTORS else proof.level
    return Assurance(tuple(sorted(proof.methods)), level, proof.phishing_resistant)


def changes_account(proof: Proof) -> bool:
    """Return whether a session that this opens changes anything in the account: what `door` settles with it."""
    return bool(proof.methods & SECOND_FACTORS) or linked([proof]) is not None


def a_way_in(proof: Proof) -> bool:
    """Return whether a log-in can begin with this proof: a second factor is none without a first."""
    return proof.level > 1 or not proof.methods <= SECOND_FACTORS


def in_words(proofs: Sequence[Proof]) -> str:
    """Return the methods for the record, as `amr` has them."""
    return " ".join(assured(proofs).methods)


class Marks(TypedDict, total=False):
    """What is recorded of a log-in only where it is so."""

    elsewhere: bool
    note: str
    provider: str


def marks(proofs: Sequence[Proof], *, elsewhere: bool = False, note: str | None = None) -> Marks:
    """Return what is to be said beside the methods, with which provider first of all."""
    said = Marks(elsewhere=True) if elsewhere else Marks()
    if note:
        said["note"] = note
    if provider := next((proof.provider for proof in proofs if proof.provider), None):
        said["provider"] = provider
    return said


def methods_of(proof: Proof) -> str:
    """Return the methods of one proof in one word."""
    return "+".join(sorted(proof.methods))


def linked(proofs: Sequence[Proof]) -> External | None:
    """Return the account at a provider that is to open the account from now on, None where there is none."""
    return next((proof.links for proof in proofs if proof.links is not None), None)


def written(secrets: tuple[str, ...], proof: Proof) -> str:
    """Return a proof as one line that begins with its methods. What it links is sealed: it says who somebody is."""
    resistant = int(proof.phishing_resistant)
    line = f"{methods_of(proof)} {proof.level} {to_ms(proof.at)} {resistant} {proof.provider or ''}"
    if proof.links is None:
        return line
    said = proof.links
    plain = orjson.dumps([said.provider, said.issuer, said.subject, said.email])
    return f"{line} {_sealer(secrets).seal(plain, _CONTEXT).hex()}"


def read(secrets: tuple[str, ...], lines: str) -> tuple[Proof, ...]:
    """Return the proofs that were written, a line each. Raises `InvalidChallenge` where what one
    links can't be opened any more.
    """
    return tuple(_read(secrets, line) for line in lines.split("\n"))


def _read(secrets: tuple[str, ...], line: str) -> Proof:
    methods, level, at, resistant, provider, *sealed = line.split(" ", 5)
    links = _opened(secrets, sealed[0]) if sealed else None
    shown = frozenset(methods.split("+"))
    return Proof(shown, int(level), from_ms(int(at)), resistant == "1", provider or None, links=links)


def _opened(secrets: tuple[str, ...], sealed: str) -> External:
    plain = _sealer(secrets).open(bytes.fromhex(sealed), _CONTEXT)
    if plain is None:
        raise InvalidChallenge
    return External(*orjson.loads(plain))


@lru_cache(maxsize=4)  # a process has one set of secrets; tests have a few
def _sealer(secrets: tuple[str, ...]) -> Sealer:
    return Sealer(secrets, "account at a provider, to be linked")
