"""Guards: what must be true of the caller before a route runs. The route gets the `Caller` after the request.

They keep strangers out. What a caller may change is decided where it is changed, with `service/sessions/acting.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial, update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeAlias, overload

from sanic import HTTPResponse, Request

from service.core.client import Client
from service.core.http import bound_sessions, cookies
from service.core.http.operations import secured
from service.core.http.requests import access_token, client_ip, preferred_language, user_agent
from service.errors import InvalidAccessToken, NotAuthenticated
from service.errors.dpop import challenge as dpop_challenge
from service.errors.end_reasons import EndReason
from service.letters.rendering import LANGUAGES
from service.runtime import Runtime, runtime_of
from service.sessions import possession_transport
from service.sessions.acting import asks_every_time, demand_recent, demand_superuser, use_permit
from service.sessions.callers import Caller, authenticate, just_ended
from service.settings import Settings
from service.stores.device_cookies import device_values
from service.stores.device_proofs import COOKIE

P = ParamSpec("P")
Answer: TypeAlias = Coroutine[Any, Any, HTTPResponse | None]  # None: the handler has answered by itself


def client_of(request: Request) -> Client:
    """Return where the request comes from."""
    settings = runtime_of(request).settings
    return Client(
        client_ip(request, settings.PROXIES_COUNT),
        user_agent(request),
        preferred_language(request, LANGUAGES),
        device_values(request, settings),
        _device_proofs(request, settings),
        *possession_transport.proven(request),
        skipped=bound_sessions.skipped(request),
    )


def _device_proofs(request: Request, settings: Settings) -> tuple[str, ...]:
    """Return the cookies that say that the browser has a session's key: no call is looked at for cookies but by what it
    says itself (`X-Session-Transport`).
    """
    if "x-session-transport" not in request.headers:
        return ()
    return tuple(value for name in cookies.names_for(settings, COOKIE) for value in cookies.values_of(request, name))


async def caller_of(request: Request) -> Caller:
    """Return the request's caller; raise 401 when there is none."""
    scheme, token = access_token(request.headers)
    if not token:
        raise NotAuthenticated
    by_proof = scheme == possession_transport.SCHEME
    try:
        holder = await possession_transport.holder_of(request, token) if by_proof else b""
        caller = await authenticate(runtime_of(request), token, partial(client_of, request), holder)
    except InvalidAccessToken as error:
        if by_proof:
            error.headers |= dpop_challenge(error.code)
        raise
    request.ctx.user_id = caller.user.id  # for the log
    return caller


def _guard(
    demand: Callable[[Runtime, Caller], Awaitable[None]] | None = None,
) -> Callable[[Callable[Concatenate[Request, Caller, P], Answer]], Callable[Concatenate[Request, P], Answer]]:
    def decorate(
        handler: Callable[Concatenate[Request, Caller, P], Answer],
    ) -> Callable[Concatenate[Request, P], Answer]:
        async def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HTTPResponse | None:
            caller = await caller_of(request)
            if demand is not None:
                await demand(runtime_of(request), caller)
            return await handler(request, caller, *args, **kwargs)

        update_wrapper(guarded, handler)
        return secured(guarded)

    return decorate


async def _superuser(runtime: Runtime, caller: Caller) -> None:
    demand_superuser(runtime.settings, caller.user, caller.session)


def ending(
    reason: EndReason,
) -> Callable[[Callable[Concatenate[Request, Caller | None, P], Answer]], Callable[Concatenate[Request, P], Answer]]:
    """Guard: the caller is logged in; the call ends that for `reason`, and then its answer may get lost.

    Who repeats it is no caller any more. If their session has just ended for that very reason the handler gets None: it
    is done already. Only who holds an access token that would be good hears that.
    """

    def decorate(
        handler: Callable[Concatenate[Request, Caller | None, P], Answer],
    ) -> Callable[Concatenate[Request, P], Answer]:
        async def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HTTPResponse | None:
            caller: Caller | None = None
            try:
                caller = await caller_of(request)
            except InvalidAccessToken:
                scheme, token = access_token(request.headers)
                holder = (
                    await possession_transport.holder_of(request, token)
                    if scheme == possession_transport.SCHEME
                    else b""
                )
                if not await just_ended(runtime_of(request), token, holder, reason):
                    raise
            return await handler(request, caller, *args, **kwargs)

        update_wrapper(guarded, handler)
        return secured(guarded)

    return decorate


authenticated = _guard()
"""The caller is logged in."""

superuser = _guard(_superuser)
"""The caller is a superuser, on a session that is bound to a key where `DEVICE_BINDING` asks for that."""


@overload
def fresh(
    handler: Callable[Concatenate[Request, Caller, P], Answer], /
) -> Callable[Concatenate[Request, P], Answer]: ...
@overload
def fresh(
    *, level: int
) -> Callable[[Callable[Concatenate[Request, Caller, P], Answer]], Callable[Concatenate[Request, P], Answer]]: ...
def fresh(handler: Callable[Concatenate[Request, Caller, P], Answer] | None = None, /, *, level: int = 1) -> object:
    """Guard: the caller has proven to be there a short while ago. `@fresh(level=2)`: by a second factor.

    Where each such call needs a permit, the guard uses one up, whatever comes of the call. What changes something asks
    in `acting` instead, which looks again where it is changed, and leaves the permit of a call that failed.
    """

    async def demand(runtime: Runtime, caller: Caller) -> None:
        if asks_every_time(runtime.settings):
            await use_permit(runtime, caller, level)
        else:
            await demand_recent(runtime.settings, caller.session, caller.user, level)

    guard: Callable[[Callable[Concatenate[Request, Caller, P], Answer]], object] = _guard(demand)
    return guard if handler is None else guard(handler)
