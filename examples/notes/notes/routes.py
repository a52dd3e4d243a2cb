"""/api/notes."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from latchkey import Caller, NotFound, ReauthenticationRequired, authenticated, fresh, runtime_of
from latchkey.http import (
    Cursor,
    answer,
    definition,
    json_answer,
    json_body,
    json_list,
    next_link,
    no_content,
    path_id,
    problems,
    query,
    read_json,
    read_query,
)
from notes import flows
from notes.schemas import NOTE_EXAMPLE, NoteQuery, NoteRequest, NoteResponse

blueprint = Blueprint("notes", url_prefix="/api/notes")


@blueprint.get("/")
@definition(
    parameter=query(NoteQuery),
    response=[
        answer(
            200,
            list[NoteResponse],
            "A page of notes, the newest first.",
            [NOTE_EXAMPLE],
            headers={"Link": 'The next page, `rel="next"` (RFC 8288), when there is one'},
        )
    ],
)
@authenticated
async def list_notes(request: Request, caller: Caller) -> HTTPResponse:
    """List your notes."""
    page = read_query(request, NoteQuery)
    after = Cursor.decode(page.after) if page.after else None
    found = await flows.list_notes(runtime_of(request), caller, page.limit, after)
    headers = {}
    if len(found) == page.limit:
        last = Cursor(found[-1].created_at, found[-1].id)
        headers = next_link("/api/notes", limit=page.limit, after=last.encode())
    return json_list([NoteResponse.model_validate(note) for note in found], headers)


@blueprint.post("/")
@definition(
    body=json_body(NoteRequest, {"text": "Bring back the key."}),
    response=[answer(201, NoteResponse, "The note.", NOTE_EXAMPLE)],
)
@authenticated
async def add_note(request: Request, caller: Caller) -> HTTPResponse:
    """Write a note down."""
    note = await flows.add_note(runtime_of(request), caller, read_json(request, NoteRequest).text)
    return json_answer(NoteResponse.model_validate(note), 201)


@blueprint.delete("/<note_id:str>")
@definition(response=[answer(204, None, "It is gone."), *problems(NotFound)])
@authenticated
async def delete_note(request: Request, caller: Caller, note_id: str) -> HTTPResponse:
    """Delete a note."""
    await flows.delete_note(runtime_of(request), caller, path_id(note_id))
    return no_content()


@blueprint.delete("/")
@definition(response=[answer(204, None, "All of it is gone."), *problems(ReauthenticationRequired)])
@fresh
async def burn_notebook(request: Request, caller: Caller) -> HTTPResponse:
    """Delete all your notes."""
    await flows.burn(runtime_of(request), caller)
    return no_content()
