"""One HTTP client for everything that leaves the service.

Each call has an end by the clock, in all, and a size. Redirects are answers like others: nobody is led elsewhere. No
cookies, no credentials of the environment, nothing compressed. The environment's proxy is taken, as everywhere.

Who is called: what an operator has named in the settings, be it on a private network and without TLS; whatever else
(an address out of an answer, for one) only over https, and only on the public Internet (CWE-918).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from service.core.outward.calls import Answer, Call, Method

if TYPE_CHECKING:
    from service.core.outward.calling import Callers

SECONDS: Final = 5.0
MOST_BYTES: Final = 64 * 1024


class Outward:
    """The client. What it works with is loaded with the first call: most services never make one."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Take where the proxy's settings are; by default the process's environment."""
        self._environment = os.environ if environment is None else environment
        self._callers: Callers | None = None

    async def call(
        self,
        method: Method,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        named: bool = False,
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """Call `url` and return the answer, whatever its status. `named`: the settings name that very host.

        Raises `OutwardFailed` after `seconds` at the latest.
        """
        if self._callers is None:
            from service.core.outward.calling import Callers

            self._callers = Callers(self._environment)
        return await self._callers.ask(Call(method, url, headers or {}, content, named, seconds, most_bytes))

    async def close(self) -> None:
        """Close the connections."""
        if self._callers is not None:
            await self._callers.close()
            self._callers = None
