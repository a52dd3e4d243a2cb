"""What proofs are worth, one and several, and how they are kept while something is still owed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.core.clock import from_ms, to_ms
from service.credentials.proof import Proof
from service.stores.sessions.assurance import Assurance

# Each of them makes two factors of whatever a log-in began with; none of them alone is a way in, but for a passkey that
# has verified its user, which is of level 2 by itself.
SECOND_FACTORS: Final = frozenset({"otp", "hwk", "swk", "rec"})


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


def a_way_in(proof: Proof) -> bool:
    """Return whether a log-in can begin with this proof: a second factor is none without a first."""
    return proof.level > 1 or not proof.methods <= SECOND_FACTORS


def in_words(proofs: Sequence[Proof]) -> str:
    """Return the methods for the record, as `amr` has them."""
    return " ".join(assured(proofs).methods)


def methods_of(proof: Proof) -> str:
    """Return the methods of one proof in one word."""
    return "+".join(sorted(proof.methods))


def written(proof: Proof) -> str:
    """Return a proof as one line that begins with its methods."""
    resistant = int(proof.phishing_resistant)
    return f"{methods_of(proof)} {proof.level} {to_ms(proof.at)} {resistant} {proof.provider or ''}"


def read(lines: str) -> tuple[Proof, ...]:
    """Return the proofs that were written, a line each."""
    return tuple(_read(line) for line in lines.split("\n"))


def _read(line: str) -> Proof:
    methods, level, at, resistant, provider = line.split(" ", 4)
    return Proof(frozenset(methods.split("+")), int(level), from_ms(int(at)), resistant == "1", provider or None)
