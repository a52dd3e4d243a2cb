"""A code to the mailbox of somebody who has come from a provider: the same for everybody, account or not (R17).

Whoever asks has an account at a provider, and may have said any address: so it is a letter like all that strangers can
ask for, counted by network and by mailbox, and says nothing that they have chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from service.accounts import accounts
from service.core.client import Client
from service.core.clock import to_ms
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress, parse_email
from service.credentials import budgets, mailed_codes
from service.errors import Fault, ValidationFailed
from service.providers import challenges
from service.providers.catalogue import CODE, GOOD_FOR, LIFE
from service.providers.challenges import Asked
from service.runtime import Runtime
from service.signin import pending


@dataclass(frozen=True, slots=True)
class Sent:
    """A code that is on its way, and the challenge that it is shown with from now on."""

    challenge: str = field(repr=False)
    expires_at: datetime


async def send(runtime: Runtime, challenge: str, email: EmailAddress | None, client: Client) -> Sent:
    """Send a code to the address of a challenge, or to `email` where it has none.

    Raises `InvalidChallenge`, `ValidationFailed` for an address too many or too few, `RateLimited` for the network;
    what a mailbox gets is the worker's to say (R19).
    """
    found = await challenges.find(runtime, challenge, "owner", "nobody")
    address = _address(found.asked, email)
    await budgets.pay_for_letter(runtime, "provider", client)
    secrets, until = runtime.settings.secrets, runtime.clock.now() + LIFE
    user = await accounts.find_by_email(address.canonical)
    stand_in = mailed_codes.stand_in_for(secrets, address.canonical)
    ticket = await pending.expect(runtime, user, stand_in, client, LIFE)
    asked = replace(found.asked, step="mail", address=address.given)
    made = await challenges.note(runtime, ticket, asked, LIFE)
    async with transaction():
        await runtime.outbox.post(
            CODE,
            to=address.canonical,
            language=client.language,
            registration=str(ticket.number),
            until=str(to_ms(until - GOOD_FOR)),
            code=mailed_codes.code_of(secrets, ticket.number),
        )
    return Sent(made, until)


def _address(asked: Asked, email: EmailAddress | None) -> EmailAddress:
    if asked.address is None:
        if email is None:
            raise ValidationFailed([Fault("/email", "The provider has said no address: which one is yours?")])
        return email
    if email is not None:
        raise ValidationFailed([Fault("/email", "The code goes to the address that the provider has said.")])
    return parse_email(asked.address)
