"""Bodies, queries and answers of /api/notes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from latchkey.http import After, RequestModel, ResponseModel, plain_text


class NoteRequest(RequestModel):
    """What is to be written down."""

    text: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(plain_text)]


class NoteQuery(RequestModel):
    """Which page of the notebook."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 100
    after: After | None = None


class NoteResponse(ResponseModel):
    """A note."""

    id: UUID
    text: str
    created_at: datetime


NOTE_EXAMPLE = {
    "id": "4c3b6f5e-0f0a-4f6d-9a57-5a7e4c0c9d11",
    "text": "Bring back the key.",
    "created_at": "2026-11-26T09:00:00Z",
}
