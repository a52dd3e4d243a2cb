"""Cross-origin calls: which front ends may call from a browser (API.md, CORS; R54).

sanic-ext has this too. It overwrites `Vary`, names the origin to callers that sent none (when there is only one), and
compares with a pattern whose `$` takes a line feed after the origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sanic import Request
from sanic.response import BaseHTTPResponse

MAX_AGE_SECONDS = 600


class Cors:
    """Exact origins, echoed, with credentials; never `*`, never `null`."""

    def __init__(
        self, admits: Callable[[str], bool], *, own: str, allowed: Iterable[str], exposed: Iterable[str]
    ) -> None:
        """`admits` says which origins may call; `own` is the service's, which needs no leave. `allowed` are request
        headers, `exposed` answer headers; both by name, for `*` never covers Authorization.
        """
        self._admits = admits
        self._own = own
        self._allowed = ", ".join(allowed)
        self._exposed = ", ".join(exposed)

    def foreign(self, request: Request) -> str | None:
        """Return the origin of a page that is none of ours and calls all the same, None when there is none."""
        given = request.headers.getall("origin", ())
        if not given or request.headers.get("sec-fetch-site") == "same-origin":
            return None
        if len(given) == 1 and (given[0] == self._own or self._admits(given[0])):
            return None
        return ", ".join(given)

    def apply(self, request: Request, response: BaseHTTPResponse) -> None:
        """Add the headers to an answer."""
        # Vary also when the origin is none of ours: a cache must not hand that answer to one that is.
        vary = response.headers.get("vary")
        if vary and "origin" not in vary.lower():  # the others have it anyway
            response.headers["Vary"] = f"{vary}, Origin"
        given = request.headers.getall("origin", ())
        if len(given) != 1 or not self._admits(given[0]):
            return
        response.headers["Access-Control-Allow-Origin"] = given[0]
        response.headers["Access-Control-Allow-Credentials"] = "true"
        if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            response.headers["Access-Control-Allow-Headers"] = self._allowed
            response.headers["Access-Control-Max-Age"] = str(MAX_AGE_SECONDS)
            if "allow" in response.headers:  # Sanic's answer to OPTIONS: the methods of this path
                response.headers["Access-Control-Allow-Methods"] = response.headers["allow"]
        else:
            response.headers["Access-Control-Expose-Headers"] = self._exposed
