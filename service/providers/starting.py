"""Begin: send a browser to another provider, and keep what it was sent with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from models import User
from service.audit import events
from service.core.client import Client
from service.core.windows import Budget, Refused, by_network
from service.credentials import identities
from service.credentials.budgets import MINUTE
from service.errors import AddressUnconfirmed, BadRequest, NotFound, ProviderFailed
from service.providers import asked, registry
from service.providers.asked import Flow, Intent, Whose
from service.providers.parties import Party, PartyFailed, Question
from service.runtime import Runtime
from service.sessions.acting import acting, asked_for
from service.sessions.callers import Caller

_NOT_FRESH: Final = "This provider can't say when somebody has logged in. Please confirm that it is you another way."
_NONE_OF_YOURS: Final = "No account of this provider opens yours. Please confirm that it is you another way."


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser is to go, and the secret that it keeps until it is back."""

    url: str = field(repr=False)
    flow: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Wish:
    intent: Intent
    whose: Whose | None
    return_to: str | None


async def log_in(runtime: Runtime, provider: str, return_to: str | None, client: Client) -> Begun:
    """Begin a log-in. Raises `NotFound`, `ProviderFailed`, and `RateLimited` for the caller's network."""
    return await _begin(runtime, party_of(runtime, provider), _Wish("login", None, return_to), client)


async def link(runtime: Runtime, caller: Caller, provider: str, return_to: str | None) -> Begun:
    """Begin to link an account at a provider to the caller's. It takes a fresh session, and a confirmed address: an
    account that may be somebody else's gets nothing lasting (R79).

    Raises what `log_in` raises, what `acting` raises, and `AddressUnconfirmed`.
    """
    party = party_of(runtime, provider)
    async with acting(runtime, caller, fresh=True) as user:
        expect_confirmed(user)
    return await _begin(runtime, party, _Wish("link", _session(caller), return_to), caller.client)


async def reauthenticate(runtime: Runtime, caller: Caller, provider: str, return_to: str | None) -> Begun:
    """Begin to show again, at a provider, that the caller is there.

    Raises what `log_in` raises; `BadRequest` where the provider can't say that a log-in is a new one, or no account of
    it opens the caller's; `ReauthenticationRequired` of who has a second factor: that is asked for then.
    """
    party = party_of(runtime, provider)
    if not party.proves_fresh:
        raise BadRequest(_NOT_FRESH)
    if caller.user.has_factor:
        raise await asked_for(caller.user, 2)
    if not await identities.open_by(caller.user, (provider,)):
        raise BadRequest(_NONE_OF_YOURS)
    return await _begin(runtime, party, _Wish("reauthenticate", _session(caller), return_to), caller.client)


def party_of(runtime: Runtime, provider: str) -> Party:
    """Return the provider of that name. Raises `NotFound` for one that the settings don't name."""
    found = registry.parties(runtime).get(provider)
    if found is None:
        raise NotFound("There is no such provider.")
    return found


def expect_confirmed(user: User) -> None:
    """Raise `AddressUnconfirmed` where nobody has confirmed the user's address."""
    if not user.email_verified:
        raise AddressUnconfirmed


async def failed(runtime: Runtime, party: Party, client: Client) -> ProviderFailed:
    """Have it on record that a provider has failed, and return what is answered."""
    await events.record(runtime, events.PROVIDER_REFUSED, user_id=None, client=client, provider=party.id, why="failed")
    return ProviderFailed(party.id)


def _session(caller: Caller) -> Whose:
    return Whose(caller.session.uid, caller.session.sid)


async def _begin(runtime: Runtime, party: Party, wish: _Wish, client: Client) -> Begun:
    """Ask the provider for where to go first: what isn't asked anywhere needn't be kept."""
    budget = Budget("provider-start", runtime.settings.LOGIN_ATTEMPTS_PER_ADDRESS, 15 * MINUTE)
    paid = await runtime.throttle.take_all(by_network(budget, client.ip))
    if isinstance(paid, Refused):
        raise paid.error()
    drawn = asked.draw()
    question = Question(
        state=drawn.state,
        nonce=drawn.nonce,
        challenge=drawn.challenge,
        redirect_uri=registry.redirect_uri(runtime.settings, party),
        fresh=wish.intent == "reauthenticate",
        language=client.language,
    )
    try:
        url = await party.url(runtime, question)
    except PartyFailed:
        raise await failed(runtime, party, client) from None
    ends_at = runtime.clock.now() + asked.LIFE
    hashed = asked.hashed(drawn.flow)
    wished = wish.intent, wish.whose, wish.return_to
    flow = Flow(party.id, drawn.nonce, drawn.verifier, hashed, *wished, ends_at)
    await asked.note(runtime, drawn.state, flow)
    return Begun(url, drawn.flow, ends_at)
