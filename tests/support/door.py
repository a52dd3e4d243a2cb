"""Through the one door, without a password: for tests that need many sessions, or other proofs."""

from __future__ import annotations

from models import User
from service.core.client import Client
from service.credentials.proof import PASSWORD, Proof
from service.runtime import Runtime
from service.signin import door
from service.signin.tokens import TokenPair


def proof(runtime: Runtime, *methods: str, level: int = 1, phishing_resistant: bool = False) -> Proof:
    """A proof by these methods, a password if none is named."""
    return Proof(frozenset(methods or {PASSWORD}), level, runtime.clock.now(), phishing_resistant)


async def entered(runtime: Runtime, user: User, client: Client) -> TokenPair:
    """Log somebody in."""
    outcome = await door.begin(runtime, user, proof(runtime), client)
    assert isinstance(outcome, door.SignedIn)
    return outcome.tokens
