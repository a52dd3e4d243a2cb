"""Tables to be downloaded: CSV (RFC 4180, UTF-8), sent while it is read, so that no length of it takes more memory."""

from __future__ import annotations

import csv
import io
import logging
from asyncio import Transport
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeAlias, cast

from sanic import HTTPResponse, Request

from service.core import patience
from service.core.telemetry.logs import log_event
from service.core.text.spreadsheets import cell_of
from service.errors import Unavailable

CSV: Final = "text/csv"
_TYPE: Final = "text/csv; charset=utf-8; header=present"

Rows: TypeAlias = Sequence[Sequence[str | bool | None]]


async def send_table(
    request: Request, name: str, header: Sequence[str], pages: AsyncIterator[Rows]
) -> HTTPResponse | None:
    """Answer with a file called `name`. What can't be read at all is an error like any other.

    What fails later can't be told any more: the connection is cut, so that nobody takes half a file for a whole one.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if request.method == "HEAD":  # what the head of the answer to GET says: it comes in pieces
        response = await request.respond(headers=headers, content_type=_TYPE)
        await response.send(" ")
        return None
    first: Rows = await anext(pages, [])  # no tuple: what awaits it would take that apart
    response = await request.respond(headers=headers, content_type=_TYPE)
    whole = False
    try:
        await response.send(_written([header, *first]))
        patience.begin()
        async for page in pages:
            await response.send(_written(page))
            patience.begin()  # for each piece as for a request: however many there are, none keeps anybody waiting
        whole = True
    except Unavailable as error:
        log_event("download.cut_off", logging.WARNING, file=name, what=error.what)
    finally:
        transport = cast("Transport | None", request.transport)
        if not whole and transport is not None:
            transport.abort()
    return None


def _written(rows: Rows) -> str:
    # Every cell in quotes: a spreadsheet that also parts cells at semicolons leaves those within alone.
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([cell_of(value) for value in row] for row in rows)
    return text.getvalue()
