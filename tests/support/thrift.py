"""What costs processor time in every test, and what none of them looks at: it is done once, or not at all.

`save` is called before anything else is imported, `settle` when all tests are.
"""

from __future__ import annotations

import ast
import gc
import logging
import sys
from functools import cache
from inspect import getsource
from textwrap import dedent
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any


def save() -> None:
    """Spare this process what its HTTP clients do again and again; what the service does stays as it is."""
    # httpcore asks for it with each request, and Python looks along the whole path for what isn't installed: a third
    # of what a request costs.
    try:
        import sniffio  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
    except ImportError:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # what import then finds is an ImportError
    # A line for each request that a test sends: kept, and formatted twice, by pytest.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Reading every authority there is takes as long as twenty requests; each client has these, none changes them.
    import httpx
    from httpx._transports import default

    vars(default)["create_ssl_context"] = cache(httpx.create_ssl_context)
    from httpx import _client

    from tests.support.transport import Direct

    vars(_client)["AsyncHTTPTransport"] = Direct
    _save_applications()


def _save_applications() -> None:
    """Have applications started for less than half: hundreds of them are, and nearly all with the same routes.

    Each has the same paths taken apart, the same source of its routes compiled, and the same methods of Sanic's read,
    changed and compiled. What comes of the same text is the same; each application has its own functions of it.
    """
    from sanic import signals
    from sanic.touchup.schemes.base import BaseScheme
    from sanic_routing import route, router, utils

    parts = cache(utils.path_to_parts)
    for module in (signals, route, router):
        vars(module)["path_to_parts"] = parts
    vars(router)["ast"] = SimpleNamespace(
        parse=cache(ast.parse), unparse=cache(ast.unparse), fix_missing_locations=cache(ast.fix_missing_locations)
    )
    vars(router)["compile"] = cache(compile)
    type.__setattr__(BaseScheme, "build", staticmethod(_build))


def _build(method: FunctionType, module_globals: dict[str, Any], app: Any) -> FunctionType:
    """Do what Sanic's `BaseScheme.build` does, and compile what is the same once."""
    from sanic.touchup.schemes.base import BaseScheme

    visitors = [visitor for scheme in BaseScheme._registry for visitor in scheme(app)()]
    known = (method, *(_looked_at(visitor) for visitor in visitors))
    if known not in _compiled:
        node = ast.parse(dedent(getsource(method)))
        for visitor in visitors:
            node = visitor.visit(node)
        _compiled[known] = compile(node, method.__name__, "exec")
    made: dict[str, Any] = {}
    exec(_compiled[known], module_globals, made)
    return made[method.__name__]  # type: ignore[no-any-return]


_compiled: dict[Any, CodeType] = {}


def _looked_at(visitor: ast.NodeTransformer) -> object:
    """Return what a visitor's changes depend on."""
    from sanic.touchup.schemes.altsvc import RemoveAltSvc
    from sanic.touchup.schemes.ode import RemoveDispatch

    match visitor:
        case RemoveDispatch():
            return frozenset(visitor._registered_events)
        case RemoveAltSvc():
            return visitor._should_remove() or tuple(repr(info.settings) for info in visitor._app.state.server_info)
        case _:
            raise AssertionError(visitor)


def settle() -> None:
    """Leave out of every collection to come what was imported and collected: it lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.enable()
