"""Link an account at a provider by showing what opens one here: a log-in, which goes through the door like any.

What is shown and the provider's word are one proof; the link is made when the door opens, whatever it still owes. The
provider's second factor counts for nothing yet: it is about an account that isn't linked.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from models import User
from service.accounts import accounts
from service.core.client import Client
from service.core.text.email_address import parse_email
from service.core.webauthn.ceremonies import Assertion
from service.core.windows import Budget, Refused, Taken, by_network
from service.credentials import budgets, mailed_codes, passkey_challenges, passkeys, second_factor, verification
from service.credentials.budgets import HOUR, MINUTE
from service.credentials.passwords import Password
from service.credentials.proof import MAIL, PROVIDER, Proof, Unproven
from service.credentials.second_factor import Key
from service.errors import InvalidChallenge, InvalidCode, InvalidGrant, NotFound, Unavailable
from service.providers import challenges, claiming, coming_back
from service.providers.challenges import Found
from service.runtime import Runtime
from service.signin import door
from service.signin.door import Pending, SignedIn
from service.signin.proofs import assured

# Wrong codes to one mailbox since the last right one (NIST SP 800-63B-4, 3.2.2).
MOST_WRONG: Final = 100
_REMEMBERED: Final = 24 * HOUR
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a browser is asked for: an answer to `challenge`, by one of `known` passkeys."""

    challenge: str
    known: Sequence[tuple[str, list[str]]]


async def by_password(
    runtime: Runtime, challenge: str, password: str, client: Client, *, trust_device: bool = False
) -> SignedIn | Pending:
    """Link by the account's password. The same again within a minute gives the same session.

    Raises `InvalidChallenge`, `InvalidGrant` for a wrong password, `RateLimited`, `AlreadyLinked`, and the door's.
    """
    found, user = await _of_owner(runtime, challenge)
    proof = await verification.verify(runtime, user, Password(password, user.email), client)
    shown = proof or Unproven("password", InvalidGrant("Incorrect password"))
    return await _resume(runtime, found, shown, client, trust_device=trust_device)


async def wanted(runtime: Runtime, challenge: str) -> Wanted:
    """Ask for one of the account's passkeys. Raises `InvalidChallenge`; `NotFound` where it has none."""
    found, user = await _of_owner(runtime, challenge)
    good = await passkeys.good_of(runtime, user)
    if not good:
        raise NotFound("There is no passkey that could be shown.")
    purpose = passkey_challenges.of_link(found.ticket.number)
    return Wanted(passkey_challenges.make(runtime, purpose), passkeys.known_as(good))


async def by_passkey(
    runtime: Runtime, challenge: str, shown: Assertion, client: Client, *, trust_device: bool = False
) -> SignedIn | Pending:
    """Link by one of the account's passkeys. Raises `InvalidChallenge`, `InvalidPasskey`, and as `by_password`."""
    found, user = await _of_owner(runtime, challenge)
    number = found.ticket.number
    key = Key(shown, passkey_challenges.of_link(number))
    judged = await second_factor.verify(runtime, user, key, client, challenge=number)
    return await _resume(runtime, found, judged, client, trust_device=trust_device)


async def by_code(
    runtime: Runtime, challenge: str, code: str, client: Client, *, trust_device: bool = False
) -> SignedIn | Pending:
    """Link by the code from a letter: the mailbox is proven by it, whoever has the account, if anybody has one.

    Without one there is one afterwards, where the settings let it. Raises `InvalidChallenge`, `InvalidCode`,
    `RateLimited`, `AlreadyLinked`, `Forbidden` and `EmailTaken` of `coming_back.register`, and what the door raises.
    """
    found = await challenges.find(runtime, challenge, "mail")
    paid = await _pay(runtime, client)
    number = found.ticket.number
    if not await mailed_codes.may_try(runtime, challenges.key_of(runtime, found.ticket), number, code):
        raise InvalidChallenge
    if not await _is_right(runtime, found, code):
        return await _resume(runtime, found, Unproven("code", InvalidCode()), client)
    for taken in paid:
        await runtime.throttle.give_back(taken)
    proof = Proof(frozenset({MAIL}), 1, runtime.clock.now())
    user = found.waiting.user
    if user is None:
        return await _enter_anew(runtime, found, _joined(found, proof), client)
    if not user.email_verified:
        await claiming.claim(runtime, user, client, within=found.waiting)
    return await _resume(runtime, found, proof, client, trust_device=trust_device)


async def _of_owner(runtime: Runtime, challenge: str) -> tuple[Found, User]:
    found = await challenges.find(runtime, challenge, "owner")
    if found.waiting.user is None:
        raise InvalidChallenge
    return found, found.waiting.user


async def _resume(
    runtime: Runtime, found: Found, shown: Proof | Unproven, client: Client, *, trust_device: bool = False
) -> SignedIn | Pending:
    """Go through the door with what was shown and the provider's word together."""
    if isinstance(shown, Proof):
        joined = _joined(found, shown)
        # A device is trusted by who has shown two factors on it, and by nobody else.
        shown = replace(joined, trusts=trust_device and assured([joined]).level > 1)
    entering = door.resume(runtime, runtime.tickets.encode(found.ticket), shown, client)
    return await coming_back.linked(runtime, found.asked.who.external, client, found.ticket.uid, entering)


def _joined(found: Found, proof: Proof) -> Proof:
    external = found.asked.who.external
    return replace(proof, methods=proof.methods | {PROVIDER}, provider=external.provider, links=external)


async def _pay(runtime: Runtime, client: Client) -> tuple[Taken, ...]:
    budget = Budget("provider-link", runtime.settings.LOGIN_ATTEMPTS_PER_ADDRESS, 15 * MINUTE)
    paid = await runtime.throttle.take_all(by_network(budget, client.ip))
    if isinstance(paid, Refused):
        raise paid.error()
    return paid


async def _is_right(runtime: Runtime, found: Found, code: str) -> bool:
    """Return whether a code is the one that was sent. Of a mailbox with too many wrong ones none is, without a word.

    The same steps whether there is an account or not (R17).
    """
    budget, subject = Budget("provider-code", MOST_WRONG, _REMEMBERED), budgets.mailbox(found.asked.address or "")
    taken = await runtime.throttle.take(budget, subject)
    right = mailed_codes.is_code_of(runtime.settings.secrets, found.ticket.number, code)
    if not right or isinstance(taken, Refused):
        return False
    await runtime.throttle.forget(budget, subject)
    return True


async def _enter_anew(runtime: Runtime, found: Found, proof: Proof, client: Client) -> SignedIn | Pending:
    """Let somebody in at whose address there was no account: make one, or take the one that is there by now, once.

    A log-in that was nobody's stays that, so this is another one: it can't be repeated.
    """
    if not await challenges.use(runtime, found.ticket):
        raise InvalidChallenge
    try:
        return await _made(runtime, found, proof, client)
    except Unavailable:
        with suppress(Unavailable):
            await challenges.leave(runtime, found.ticket)
        raise


async def _made(runtime: Runtime, found: Found, proof: Proof, client: Client) -> SignedIn | Pending:
    who, address = found.asked.who, parse_email(found.asked.address or "")
    for _ in range(_ROUNDS):
        user = await accounts.find_by_email(address.canonical)
        if user is None:
            user = await coming_back.register(runtime, who, address, client)
        elif not user.email_verified and user.is_active:
            user = await claiming.claim(runtime, user, client)
        if user is not None:
            entering = door.begin(runtime, user, proof, client)
            return await coming_back.linked(runtime, who.external, client, user.id, entering)
    raise Unavailable("turn")
