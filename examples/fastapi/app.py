"""Everybody's notes, each their own: an API beside Latchkey. Whose they are, the access token says.

`LATCHKEY_WAY` says how it is checked: `keys`, `asking` or `following`. Run it with `uvicorn app:app`.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

import httpx
from fastapi import Body, Depends, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

from by_asking import ByAsking
from by_following import ByFollowing
from by_keys import ByKeys
from callers import Caller, Refused, Way
from proofs import Proofs

HERE: Final = os.environ.get("NOTES_URL", "http://localhost:8002")  # as whoever calls sees it

notes: defaultdict[str, list[str]] = defaultdict(list)  # by user
proofs = Proofs(HERE)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the one way that was chosen, for as long as the application runs."""
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
    async with httpx.AsyncClient(timeout=2, limits=limits) as http:
        match os.environ.get("LATCHKEY_WAY", "keys"):
            case "keys":
                app.state.way = ByKeys(http)
                yield
            case "asking":
                app.state.way = ByAsking(http)
                yield
            case "following":
                async with ByFollowing(http) as app.state.way:
                    yield
            case other:
                raise SystemExit(f"LATCHKEY_WAY is keys, asking or following, not {other!r}")


app = FastAPI(title="Notes", lifespan=lifespan)
app.add_middleware(
    CORSMiddleware,
    allow_origins=[os.environ.get("FRONTEND_ORIGIN", "http://localhost:5173")],
    allow_methods=["GET", "POST", "DELETE"],
    allow_headers=["Authorization", "DPoP"],
)


@app.exception_handler(Refused)
async def refused(_: Request, error: Refused) -> JSONResponse:
    """Answer 401, which has Latchkey's client refresh and call again, or 503."""
    headers = {"WWW-Authenticate": error.challenge} if error.status == 401 else {"Retry-After": "2"}
    said = "Please log in." if error.status == 401 else "Please try again in a moment."
    return JSONResponse({"detail": said}, error.status, headers)


async def caller(request: Request) -> Caller:
    """Return who calls: with a proof if the token is bound to a key, as a mere bearer if not. Raises Refused."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token or scheme.lower() not in ("bearer", "dpop"):
        raise Refused(401)
    way: Way = request.app.state.way
    found = await way.caller_of(token)
    if (found.jkt is not None) != (scheme.lower() == "dpop"):
        raise Refused(401)  # who takes the one for the other has made a bearer's of it, for every thief
    if found.jkt is not None:
        proofs.check(request.method, request.url.path, request.headers.getlist("DPoP"), token, found.jkt)
    return found


Whoever = Annotated[Caller, Depends(caller)]


@app.get("/notes")
async def read(who: Whoever) -> list[str]:
    """List the caller's notes."""
    return notes[who.sub]


@app.post("/notes", status_code=201)
async def add(who: Whoever, text: Annotated[str, Body(max_length=1000)]) -> str:
    """Add one."""
    notes[who.sub].append(text)
    return text


@app.delete("/notes", status_code=204)
async def clear(who: Whoever) -> None:
    """Delete all of them."""
    notes.pop(who.sub, None)
