"""Latchkey, asked about a token (RFC 7662)."""

from __future__ import annotations

import logging
import os
import re
import time
from typing import Any

import httpx

from callers import LATCHKEY, LONGEST_TOKEN, Caller, Refused

SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
log = logging.getLogger(__name__)


def client() -> httpx.BasicAuth:
    """Return who we are to Latchkey: what `latchkey clients add NAME --resource-server` has printed."""
    return httpx.BasicAuth(os.environ["LATCHKEY_CLIENT_ID"], os.environ["LATCHKEY_CLIENT_SECRET"])


class Introspection:
    """Asks Latchkey."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._client = client()

    async def caller_of(self, token: str) -> Caller | None:
        """Return whose token it is, None unless it is good now. Raises Refused where that can't be known."""
        if len(token) > LONGEST_TOKEN or not SHAPE.fullmatch(token):
            return None  # whatever it is, it is no token: Latchkey needn't be asked
        try:
            answer = await self._http.post(f"{LATCHKEY}/oauth/introspect", data={"token": token}, auth=self._client)
            found = _read(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            # A 401 is about our own id and secret, and no word about the caller's token.
            log.warning("Latchkey can't be asked: %s", type(error).__name__)
            raise Refused(503) from error
        return found if found is not None and time.time() < found.exp else None


def _read(said: dict[str, Any]) -> Caller | None:
    """Return what an answer says. Raises ValueError, KeyError, TypeError for what is none."""
    if said["active"] is False:
        return None
    if said["active"] is not True:
        raise ValueError("neither true nor false")
    return Caller(said["sub"], said["sid"], float(said["exp"]))
