"""Turns the shapes (pydantic types) in an OpenAPI document into references and components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from service.core.http.operations import ONE_OF, Form, Shape


class _Schemas(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: object) -> bool:
        """Never: "title": "Full Name" beside `full_name` tells nobody anything and clutters both pages."""
        return False

    def field_is_required(
        self, field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField, total: bool
    ) -> bool:
        """Say yes to a default in an answer: it is always sent, so no client need reckon with its absence."""
        if self.mode == "serialization" and field["type"] != "typed-dict-field":
            return field.get("serialization_exclude_if") is None
        return super().field_is_required(field, total)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave the default out: generators make a member that has one required, in what one sends too."""
        found = super().default_schema(schema)
        found.pop("default", None)
        return found


def resolve_shapes(tree: Any, values: Mapping[str, Sequence[str]]) -> tuple[Any, dict[str, Any]]:  # any JSON-like tree
    """Copy a tree with each Shape replaced by its schema; return it and the components the schemas refer to.

    A field that says `one_of` something is an enum of what `values` has under that name.

    All shapes are named in one go, so that pydantic keeps apart models of the same name (by module) and models whose
    request and answer forms differ (`-Input`, `-Output`). The names don't depend on what else the process has imported.
    """
    shapes: dict[Shape, None] = {}  # a dict for its order: the first in the document comes first
    _collect(tree, shapes)
    inputs: list[tuple[Shape, JsonSchemaMode, TypeAdapter[Any]]] = [
        (shape, shape.mode, TypeAdapter(shape.of)) for shape in shapes
    ]
    schemas, definitions = TypeAdapter.json_schemas(
        inputs, ref_template="#/components/schemas/{model}", schema_generator=_Schemas
    )
    found = {shape: schemas[shape, shape.mode] for shape in shapes}
    components = dict(sorted(definitions.get("$defs", {}).items()))
    return _replace(tree, found), _enumerated(components, values)


def _collect(tree: Any, into: dict[Shape, None]) -> None:
    if isinstance(tree, Shape):
        into[tree] = None
    elif isinstance(tree, dict):
        for value in tree.values():
            _collect(value, into)
    elif isinstance(tree, list):
        for value in tree:
            _collect(value, into)


def _replace(tree: Any, schemas: dict[Shape, dict[str, Any]]) -> Any:
    if isinstance(tree, Shape):
        return dict(schemas[tree])
    if isinstance(tree, Form):
        return _in_place(tree.of)
    if isinstance(tree, dict):
        return {key: _replace(value, schemas) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_replace(value, schemas) for value in tree]
    return tree


def _in_place(form: type[BaseModel]) -> dict[str, Any]:
    schema = form.model_json_schema()
    del schema["title"]
    return schema


def _enumerated(tree: Any, values: Mapping[str, Sequence[str]]) -> Any:
    if isinstance(tree, dict):
        copy = {key: _enumerated(value, values) for key, value in tree.items() if key != ONE_OF}
        return copy | {"enum": list(values[tree[ONE_OF]])} if ONE_OF in tree else copy
    if isinstance(tree, list):
        return [_enumerated(value, values) for value in tree]
    return tree
