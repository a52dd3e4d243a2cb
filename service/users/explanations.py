"""How what happened to a user looks, in words, for administrators: as `latchkey explain` says it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from service.audit.stories import Verdict
from service.audit.timeline import Timeline
from service.core.http.messages import ResponseModel
from service.core.http.operations import EVENT_TYPES, one_of
from service.errors.end_reasons import EndReason


class EntryResponse(ResponseModel):
    """One thing that happened, in a sentence."""

    at: datetime
    type: Annotated[
        str, Field(description="Later versions may have more of them.", json_schema_extra=one_of(EVENT_TYPES))
    ]
    text: str
    session_id: UUID | None
    request_id: str | None


class SessionStoryResponse(ResponseModel):
    """What became of a session; `reason` is what its client was told."""

    session_id: UUID
    verdict: Verdict
    text: str
    reason: EndReason | None


class ExplanationResponse(ResponseModel):
    """What is on record of a user, the newest first, and what became of each session."""

    entries: list[EntryResponse]
    sessions: list[SessionStoryResponse]

    @classmethod
    def of(cls, told: Timeline) -> Self:
        """Return a timeline as an answer."""
        entries = [
            EntryResponse(
                at=entry.at,
                type=entry.event,
                text=entry.text,
                session_id=entry.session_id,
                request_id=entry.request_id,
            )
            for entry in reversed(told.entries)
        ]
        stories = [SessionStoryResponse.model_validate(story) for story in reversed(told.stories)]
        return cls(entries=entries, sessions=stories)


EXPLANATION_EXAMPLE = {
    "entries": [
        {
            "at": "2026-11-24T08:30:00Z",
            "type": "password.changed",
            "text": "The password was changed, from 203.0.113.7 (Firefox on Linux): every other session ended.",
            "session_id": "5691dab3-719f-4f12-b3da-811d0cca8545",
            "request_id": "5f1c7f0e9a3b4c2d",
        }
    ],
    "sessions": [
        {
            "session_id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
            "verdict": "ended",
            "text": "The password was changed, from 203.0.113.7 (Firefox on Linux): every other session ended.",
            "reason": "password_changed",
        }
    ],
}
