"""What a route says of itself, noted beside it, until somebody asks for the document.

    @blueprint.post("/login")
    @openapi.definition(body=json_body(LoginRequest, …), response=[answer(200, …), *problems(InvalidGrant)])

It takes the words that sanic-ext's decorators take, and leaves a note at the handler: sanic-ext's own make objects of
them at once, of every route in every process, which was a fifth of a start. `service.documents` hands the notes to
sanic-ext when the document is built. A handler stays what it was: nothing stands between it and its requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter

from service.core.http.operations import Header, Query, Shape, never_null

_NOTES: Final = "__latchkey_notes__"

Handler = TypeVar("Handler", bound=Callable[..., object])

Parameter: TypeAlias = Query | Header | dict[str, Any] | str
Said: TypeAlias = dict[str, Any]  # as `answer` returns it, and whatever else sanic-ext takes in its place


@dataclass(frozen=True, slots=True)
class Note:
    """One decorator: its name among sanic-ext's, and what it was given."""

    name: str
    given: tuple[object, ...]
    words: Mapping[str, Any]


def definition(
    *,
    exclude: bool | None = None,
    operation: str | None = None,
    summary: str | None = None,
    description: str | None = None,
    document: str | None = None,
    tag: str | Sequence[str] | None = None,
    deprecated: bool = False,
    body: Said | type | None = None,
    parameter: Parameter | Sequence[Parameter] | None = None,
    response: Said | type | Sequence[Said] | None = None,
    secured: Mapping[str, Sequence[str]] | None = None,
) -> Callable[[Handler], Handler]:
    """Say what a call takes and answers. With `exclude` the document passes over it."""
    words = {
        "exclude": exclude, "operation": operation, "summary": summary, "description": description,
        "document": document, "tag": tag, "deprecated": deprecated, "body": body, "parameter": parameter,
        "response": response, "secured": secured,
    }  # fmt: skip
    return _noting("definition", **words)


def exclude(flag: bool = True) -> Callable[[Handler], Handler]:
    """Have the document pass over a call."""
    return _noting("exclude", flag)


def secured(scheme: Mapping[str, Sequence[str]]) -> Callable[[Handler], Handler]:
    """Name one more way to be let in; `{}` is none at all."""
    return _noting("secured", scheme)


def notes_of(handler: Callable[..., object]) -> Sequence[Note]:
    """Return what was said of a handler, the innermost first."""
    found: Sequence[Note] = getattr(handler, _NOTES, ())
    return found


def examine(handler: Callable[..., object]) -> None:
    """Look at what was said of a handler, which nobody has done so far.

    ValidationError for an example that its own model refuses (it would mislead every reader), ValueError for a query
    that isn't flat.
    """
    for note in notes_of(handler):
        for said in (note.words.get("body"), *several(note.words.get("response"))):
            _examine(said.get("content") if isinstance(said, dict) else None)
        for one in several(note.words.get("parameter")):
            if isinstance(one, Query):
                fields_of(one.of)


def _examine(content: object) -> None:
    for media in content.values() if isinstance(content, dict) else ():
        if isinstance(media, dict) and isinstance(shape := media.get("schema"), Shape) and "example" in media:
            TypeAdapter[object](shape.of).validate_json(json.dumps(media["example"]))


def several(value: object) -> Sequence[Any]:
    """Return what was said as one, or as several of its kind, as several."""
    return value if isinstance(value, list | tuple) else () if value is None else (value,)


@dataclass(frozen=True, slots=True)
class QueryField:
    """A query parameter."""

    name: str
    schema: Mapping[str, Any]
    description: str | None
    required: bool


def fields_of(model: type[BaseModel]) -> list[QueryField]:
    """Return the fields of a query. ValueError for one that isn't flat: it has nested models."""
    schema = model.model_json_schema(by_alias=True)
    if "$defs" in schema:
        raise ValueError(f"{model.__name__} has nested models or enum classes; a query string is flat (use Literal)")
    found = []
    for name, field in schema["properties"].items():
        field.pop("title", None)
        if field.get("default") is None:
            never_null(field)  # nor has a query
        description = field.pop("description", None)
        found.append(QueryField(name, field, description, name in schema.get("required", ())))
    return found


def _noting(name: str, *given: object, **words: object) -> Callable[[Handler], Handler]:
    note = Note(name, given, words)

    def decorate(handler: Handler) -> Handler:
        # Another tuple each time: decorators above have copied the one that there was (`functools.wraps`).
        setattr(handler, _NOTES, (*notes_of(handler), note))
        return handler

    return decorate
