"""The reference of calls, made of docs/openapi.json: Markdown, so it is shown and found as all other pages are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
_SCHEMAS = "#/components/schemas/"


def reference(document: Node) -> str:
    """Return the whole reference."""
    return "\n".join(_Reference(document).lines()) + "\n"


class _Reference:
    def __init__(self, document: Node) -> None:
        self._document = document

    def lines(self) -> Iterator[str]:
        """Return the lines of the page."""
        yield from ("# API reference", "")
        yield "Made of the service's OpenAPI document, which `/api/openapi.json` of a running service has too."
        yield "What the calls are for, and how to use them well, is told in [The API](api.md)."
        yield ""
        yield self._document["info"]["description"]
        for tag in self._document["tags"]:
            yield from ("", f"## {tag['name'].replace('_', ' ').capitalize()}", "", tag["description"])
            for method, path, operation in self._operations(tag["name"]):
                yield from self._operation(method, path, operation)
        yield from ("", "## Schemas", "")
        for name, schema in sorted(self._document["components"]["schemas"].items()):
            yield from ("", f"### {name}", "", schema.get("description", ""), "")
            yield from self._fields(schema)

    def _operations(self, tag: str) -> Iterator[tuple[str, str, Node]]:
        for path, item in sorted(self._document["paths"].items()):
            for method in METHODS:
                if method in item and tag in item[method]["tags"]:
                    yield method.upper(), path, item[method]

    def _operation(self, method: str, path: str, operation: Node) -> Iterator[str]:
        yield from (
            "",
            f"### {method} {path}",
            "",
            f"**{operation['summary']}.** {operation.get('description', '')}",
            "",
        )
        if operation.get("security"):
            yield from ("Wants an access token.", "")
        yield from self._parameters(operation.get("parameters", []))
        if body := operation.get("requestBody"):
            for kind, content in body["content"].items():
                optional = "" if body.get("required") else ", which may be left out"
                yield from (f"Body, `{kind}`{optional}: {self._type(content['schema'])}", "")
                if "$ref" not in content["schema"]:
                    yield from self._fields(content["schema"])
                if "example" in content:
                    yield from _fenced(content["example"])
        yield from self._answers(operation["responses"])

    def _parameters(self, parameters: list[Node]) -> Iterator[str]:
        if not parameters:
            return
        yield from ("| parameter | in | type | |", "| --- | --- | --- | --- |")
        for one in parameters:
            required = "Required. " if one.get("required") and one["in"] != "path" else ""
            schema = one["schema"]
            about = _cell(required + one.get("description", "") + _default(schema))
            yield f"| `{one['name']}` | {one['in']} | {self._type(schema)} | {about} |"
        yield ""

    def _answers(self, responses: Node) -> Iterator[str]:
        yield from ("| answer | | |", "| --- | --- | --- |")
        examples = []
        for status, given in sorted(responses.items()):
            response = self._resolved(given)
            content = next(iter(response.get("content", {}).values()), None)
            said = self._type(content["schema"]) if content else ""
            yield f"| {status} | {_cell(response['description'])} | {said} |"
            if content and status < "400" and "example" in content:
                examples.append(content["example"])
        yield ""
        for example in examples:
            yield from _fenced(example)

    def _fields(self, schema: Node) -> Iterator[str]:
        if "properties" not in schema:
            yield from (f"{self._type(schema)}", "")
            return
        required = set(schema.get("required", ()))
        yield from ("| member | type | |", "| --- | --- | --- |")
        for name, one in schema["properties"].items():
            optional = "" if name in required else "May be left out. "
            yield f"| `{name}` | {self._type(one)} | {_cell(optional + one.get('description', '') + _default(one))} |"
        yield ""

    def _type(self, schema: Node) -> str:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_SCHEMAS)
            return f"[{name}](#{name.lower()})"
        if "anyOf" in schema:
            return " or ".join(self._type(one) for one in schema["anyOf"])
        if "enum" in schema:
            return ", ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
        if "const" in schema:
            return f"`{json.dumps(schema['const'])}`"
        if schema.get("type") == "array":
            return f"list of {self._type(schema['items'])}"
        return _plain(schema)

    def _resolved(self, response: Node) -> Node:
        if "$ref" not in response:
            return response
        found: Node = self._document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        return found


def _plain(schema: Node) -> str:
    words = [schema.get("type", "anything")]
    if "format" in schema:
        words.append(f"({schema['format']})")
    least, most = (schema.get(key) for key in ("minimum", "maximum"))
    shortest, longest = (schema.get(key) for key in ("minLength", "maxLength"))
    if least is not None or most is not None:
        words.append(f"{least if least is not None else '…'} to {most if most is not None else '…'}")
    if shortest is not None or longest is not None:
        words.append(f"{shortest or 0} to {longest if longest is not None else '…'} characters")
    return " ".join(words)


def _default(schema: Node) -> str:
    return f" By default `{json.dumps(schema['default'])}`." if "default" in schema else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _fenced(example: object) -> Iterator[str]:
    yield from ("```json", json.dumps(example, indent=2, ensure_ascii=False), "```", "")
