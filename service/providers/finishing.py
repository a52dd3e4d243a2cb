"""Finish: whoever comes back from a provider is who it says; what that means is `coming_back`'s, or the session's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final

from service.core.client import Client
from service.credentials import identities
from service.credentials.identities import find, owner_id
from service.credentials.proof import PROVIDER, Proof, Unproven
from service.errors import AlreadyLinked, InvalidAccessToken, InvalidGrant, ProviderFailed, Unavailable
from service.providers import asked, coming_back, registry
from service.providers.asked import Answered, Flow, Intent
from service.providers.parties import AnswerRefused, Identified, PartyFailed, Reply
from service.providers.starting import expect_confirmed, failed, party_of
from service.runtime import Runtime
from service.sessions.acting import acting, asked_for, expect_shown
from service.sessions.callers import Caller
from service.signin import door
from service.signin.door import Pending, SignedIn

_ANOTHER: Final = "That account of the provider doesn't open yours. Please confirm that it is you another way."


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser brings back: `flow` is the secret that it has kept, the rest came from the provider."""

    provider: str
    code: str = field(repr=False)
    state: str = field(repr=False)
    flow: str = field(repr=False)
    issuer: str | None = None
    user: str | None = field(default=None, repr=False)


async def look(runtime: Runtime, returned: Returned) -> Flow:
    """Return what was asked, and leave it as it is: who has to log in to finish it can do so, and come again.

    Raises `NotFound` for a provider that there isn't, `InvalidGrant` where the flow is over or another browser's.
    """
    party_of(runtime, returned.provider)
    return await asked.look(runtime, returned.provider, returned.state, returned.flow)


async def log_in(
    runtime: Runtime, returned: Returned, client: Client, *, trust_device: bool = False
) -> SignedIn | Pending:
    """Log in by a provider, or say what is still owed. A state is good once.

    Raises `InvalidGrant`, `ProviderFailed`, and what `coming_back.enter` raises.
    """
    async with _identified(runtime, returned, "login", client) as who:
        return await coming_back.enter(runtime, who, client, trust_device=trust_device)


async def link(runtime: Runtime, caller: Caller, flow: Flow, returned: Returned) -> None:
    """Let the provider's account open the caller's, in the session that has begun it.

    Raises `InvalidAccessToken` in any other session, `InvalidGrant`, `ProviderFailed`, `AddressUnconfirmed`,
    `ReauthenticationRequired` of who has got a second factor meanwhile, and `AlreadyLinked`.
    """
    await _expect_own(runtime, caller, flow, returned)
    async with _identified(runtime, returned, "link", caller.client) as who:
        try:
            async with acting(runtime, caller) as user:
                await expect_shown(runtime, caller, user)
                expect_confirmed(user)
                await identities.link(runtime, user, who.external, caller.client, session_id=caller.session.sid)
        except AlreadyLinked:
            await coming_back.refused(runtime, who.external.provider, "taken", caller.client, user_id=caller.user.id)
            raise


async def step_up(runtime: Runtime, caller: Caller, flow: Flow, returned: Returned) -> None:
    """Make the caller's session fresh, by an account at the provider that opens the caller's.

    Raises `InvalidAccessToken` in any other session, `InvalidGrant`, also for an account that opens another one or
    none, `ProviderFailed`, and `ReauthenticationRequired` of who has a second factor: that is asked for.
    """
    await _expect_own(runtime, caller, flow, returned)
    if caller.user.has_factor:
        raise await asked_for(caller.user, 2)
    async with _identified(runtime, returned, "reauthenticate", caller.client) as who:
        identity = await find(who.external)
        proof: Proof | Unproven = Unproven(PROVIDER, InvalidGrant(_ANOTHER))
        if identity is not None and owner_id(identity) == caller.user.id:
            await identities.used(runtime, identity, who.external)
            provider = who.external.provider
            proof = Proof(frozenset({PROVIDER}), who.level, runtime.clock.now(), provider=provider)
        await door.step_up(runtime, caller, proof)


async def _expect_own(runtime: Runtime, caller: Caller, flow: Flow, returned: Returned) -> None:
    """Raise `InvalidAccessToken` unless this is the session that has begun the flow: else it is spent."""
    if flow.whose is None or (flow.whose.uid, flow.whose.sid) != (caller.session.uid, caller.session.sid):
        await asked.spend(runtime, returned.state)
        raise InvalidAccessToken


@asynccontextmanager
async def _identified(
    runtime: Runtime, returned: Returned, intent: Intent, client: Client
) -> AsyncIterator[Identified]:
    """Take the flow, and say to the block who is there. Raises `InvalidGrant`, `ProviderFailed`.

    What a store or the provider keeps from being finished is put back, so that the same answer can be shown again: the
    provider takes its code once, so what it has said is kept beside.
    """
    kept = flow = await asked.take(runtime, returned.provider, returned.state, returned.flow)
    if flow.intent != intent:
        raise asked.over()
    try:
        who = await _ask(runtime, flow, returned, client)
        kept = replace(flow, answered=Answered(asked.hashed(returned.code), who))
        yield who
    except (Unavailable, ProviderFailed):
        with suppress(Unavailable):
            await asked.note(runtime, returned.state, kept)
        raise


async def _ask(runtime: Runtime, flow: Flow, returned: Returned, client: Client) -> Identified:
    """Return who the provider says is there: what it has said already, where it was for this very code."""
    party = party_of(runtime, flow.provider)
    if flow.answered is not None and flow.answered.code == asked.hashed(returned.code):
        return flow.answered.who
    reply = Reply(
        code=returned.code,
        issuer=returned.issuer,
        nonce=flow.nonce,
        verifier=flow.verifier,
        redirect_uri=registry.redirect_uri(runtime.settings, party),
        fresh=flow.intent == "reauthenticate",
        user=returned.user,
    )
    try:
        return await party.identify(runtime, reply)
    except PartyFailed:
        raise await failed(runtime, party, client) from None
    except AnswerRefused:
        await coming_back.refused(runtime, party.id, "answer", client)
        raise InvalidGrant("The provider's answer is no good here. Please begin again.") from None
