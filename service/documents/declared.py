"""What routes have said of themselves, handed to sanic-ext's decorators when the document is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from sanic_ext.extensions.openapi import openapi
from sanic_ext.extensions.openapi.builders import OperationBuilder, OperationStore
from sanic_ext.extensions.openapi.definitions import Parameter
from sanic_ext.extensions.openapi.types import Schema

from service.core.http.openapi import examine, fields_of, notes_of, several
from service.core.http.operations import Header, Query


class InlineSchema(Schema):
    """A finished JSON schema; the base class would drop 2020-12 keywords it doesn't know."""

    def __init__(self, **keywords: object) -> None:
        """Take the schema's keywords."""
        super().__init__(**keywords)  # type: ignore[no-untyped-call] # sanic-ext

    def guard(self, fields: dict[str, object]) -> dict[str, object]:
        """Keep every keyword."""
        return fields


def declared_of(handler: Callable[..., object]) -> OperationBuilder:
    """Return what was declared about a handler, with ours and with sanic-ext's own decorators; empty if nothing was.

    ValidationError for an example that its model refuses, ValueError for a query that isn't flat.
    """
    examine(handler)
    store: dict[object, OperationBuilder] = OperationStore()  # type: ignore[no-untyped-call] # sanic-ext
    found = deepcopy(_stored(store, handler))

    def stand_in() -> None:
        """Be decorated in the handler's place, which goes on as it is."""

    decorated: Callable[..., object] = stand_in
    store[decorated] = found
    try:
        for note in notes_of(handler):
            decorate: Callable[..., Any] = getattr(openapi, note.name)
            decorated = decorate(*note.given, **_made(note.words))(decorated)
    finally:
        store.pop(decorated, None)
    return found


def _stored(store: Mapping[object, OperationBuilder], handler: Callable[..., object]) -> OperationBuilder:
    """Find what sanic-ext's own decorators have left, under however many others; an empty one if nothing."""
    seen: Callable[..., object] | None = handler
    while seen is not None:
        if seen in store:  # not store[seen]: a defaultdict, it would grow
            return store[seen]
        seen = getattr(seen, "__wrapped__", None)
    return OperationBuilder()  # type: ignore[no-untyped-call] # sanic-ext


def _made(words: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [made for one in several(words.get("parameter")) for made in _parameters(one)]
    return {**words, "parameter": parameters} if parameters else dict(words)


def _parameters(one: object) -> Iterator[object]:
    match one:
        case Query(model):
            for field in fields_of(model):
                yield _parameter(field.name, field.schema, "query", field.description, required=field.required)
        case Header(name, schema, description):
            yield _parameter(name, schema, "header", description, required=False)
        case _:
            yield one


def _parameter(
    name: str, schema: Mapping[str, object], where: str, description: str | None, *, required: bool
) -> Parameter:
    return Parameter(name, InlineSchema(**schema), where, description=description, required=required)
