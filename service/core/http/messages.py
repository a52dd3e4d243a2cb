"""What a body may be: models of requests and answers, and writing answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sanic import HTTPResponse

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class RequestModel(BaseModel):
    """A request body or query: strict types, unknown fields refused, inputs never repeated in an error."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, frozen=True, defer_build=True)

    also_needed: ClassVar[str] = ""
    """What has to be given besides the members that are required, in words: for who sends nothing at all."""

    sent_along: ClassVar[bool] = False
    """Whether what forms send along, to be remembered by for one (`HARMLESS` of `reading`), is passed over."""


class ResponseModel(BaseModel):
    """An answer: only the fields named here ever leave the service (R59)."""

    model_config = ConfigDict(from_attributes=True, frozen=True, defer_build=True)


class AcceptedResponse(ResponseModel):
    """A request was taken; what comes of it isn't told here."""

    detail: str


def json_answer(model: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    """Return `model` as JSON."""
    return HTTPResponse(model.model_dump_json(), status, headers, content_type=JSON)


def json_list(models: Sequence[BaseModel], headers: dict[str, str] | None = None) -> HTTPResponse:
    """Return `models` as a JSON array."""
    body = "[" + ",".join(model.model_dump_json() for model in models) + "]"
    return HTTPResponse(body, headers=headers, content_type=JSON)


def accepted(detail: str) -> HTTPResponse:
    """Return 202 with a sentence for the user."""
    return json_answer(AcceptedResponse(detail=detail), 202)


def no_content() -> HTTPResponse:
    """Return 204."""
    return HTTPResponse(status=204)
