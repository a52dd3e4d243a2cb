"""Guards: what must be true of the caller before a route runs. The route gets the `Caller` after the request.

They keep strangers out. What a caller may change is decided where it is changed, with `service/sessions/acting.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeAlias

from sanic import HTTPResponse, Request

from service.core.client import Client
from service.core.http.operations import secured
from service.core.http.requests import bearer_token, client_ip, preferred_language, user_agent
from service.errors import Forbidden, NotAuthenticated
from service.letters.rendering import LANGUAGES
from service.runtime import Runtime, runtime_of
from service.sessions.acting import acting
from service.sessions.callers import Caller, authenticate
from service.stores.device_cookies import device_values

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
    )


async def caller_of(request: Request) -> Caller:
    """Return the request's caller; raise 401 when there is none."""
    token = bearer_token(request.headers)
    if not token:
        raise NotAuthenticated
    caller = await authenticate(runtime_of(request), token, client_of(request))
    request.ctx.user_id = caller.user.id  # for the log
    return caller


def _guard(
    demand: Callable[[Runtime, Caller], None],
) -> Callable[[Callable[Concatenate[Request, Caller, P], Answer]], Callable[Concatenate[Request, P], Answer]]:
    def decorate(
        handler: Callable[Concatenate[Request, Caller, P], Answer],
    ) -> Callable[Concatenate[Request, P], Answer]:
        async def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HTTPResponse | None:
            caller = await caller_of(request)
            demand(runtime_of(request), caller)
            return await handler(request, caller, *args, **kwargs)

        update_wrapper(guarded, handler)
        return secured(guarded)

    return decorate


def _anyone(runtime: Runtime, caller: Caller) -> None:
    pass


def _superuser(runtime: Runtime, caller: Caller) -> None:
    if not caller.user.is_superuser:
        raise Forbidden


authenticated = _guard(_anyone)
"""The caller is logged in."""

superuser = _guard(_superuser)
"""The caller is a superuser."""


def fresh(
    handler: Callable[Concatenate[Request, Caller, P], Answer],
) -> Callable[Concatenate[Request, P], Answer]:
    """The caller is logged in, and gave the password a short while ago: else 403 `reauthentication_required`.

    Where every such call needs a proof, this uses one up: then what is changed is changed in `acting` without `fresh`.
    """

    async def proven(request: Request, caller: Caller, /, *args: P.args, **kwargs: P.kwargs) -> HTTPResponse | None:
        async with acting(runtime_of(request), caller, fresh=True):
            pass  # the call is paid for; nothing is held while the handler runs
        return await handler(request, caller, *args, **kwargs)

    return authenticated(update_wrapper(proven, handler))
