"""What costs processor time in every test, and what none of them looks at: it is done once, or not at all.

`save` is called before anything else is imported, `settle` when all tests are.
"""

from __future__ import annotations

import gc
import logging
import sys
from functools import cache
from inspect import getsource


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
    # Each application has the same methods of Sanic's read, and compiled anew.
    from sanic.touchup.schemes import base

    vars(base)["getsource"] = cache(getsource)


def settle() -> None:
    """Leave out of every collection to come what was imported and collected: it lives as long as the process."""
    gc.collect()
    gc.freeze()
