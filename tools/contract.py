"""What clients of the API rely on, a line for each: `python -m tools.contract` records it, `--check` compares.

docs/contract.txt is the contract of the last release (before the first one: of the last time that it was recorded).
Whatever stands there has to stand in docs/openapi.json: the document may only grow. What is said about things, and
examples, are no part of it. Whoever has to break it records it anew, and says so in the changelog.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = ROOT / "docs" / "openapi.json"
RECORDED: Final = ROOT / "docs" / "contract.txt"
_NEEDS: Final = " needs only "
_REF: Final = "#/components/schemas/"
_LIMITS: Final = ("format", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")

_Schema = Mapping[str, Any]  # JSON


def facts(document: _Schema) -> set[str]:
    """Return what a client may rely on. A line that is gone breaks somebody; a new one breaks nobody."""
    schemas: _Schema = document["components"]["schemas"]
    found, given, answered = set[str](), set[str](), set[str]()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            call = f"{method.upper()} {path}"
            found |= {call, f"{call} is called {operation['operationId']}"}
            if not operation.get("security"):
                found.add(f"{call} is open to everybody")
            found |= set(_of_parameters(call, operation.get("parameters", ())))
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                found.add(f"{call} takes {kind}: {_shape(content['schema'])}")
                given |= _named(content["schema"], schemas)
            for status, response in operation["responses"].items():
                whole = document["components"]["responses"].get(response.get("$ref", "").rpartition("/")[2], response)
                found.add(f"{call} answers {status}")
                for kind, content in whole.get("content", {}).items():
                    found.add(f"{call} answers {status} {kind}: {_shape(content['schema'])}")
                    answered |= _named(content["schema"], schemas)
    for name in given | answered:
        found |= set(_of_schema(name, schemas[name], given=name in given, answered=name in answered))
    return found


def _of_parameters(call: str, parameters: Sequence[_Schema]) -> Iterator[str]:
    for parameter in parameters:
        yield f"{call} takes {parameter['name']} in its {parameter['in']}: {_shape(parameter['schema'])}"
        yield from (f"{call} takes {parameter['name']}={value}" for value in parameter["schema"].get("enum", ()))
    needed = sorted(parameter["name"] for parameter in parameters if parameter.get("required"))
    yield f"{call} needs only {needed}"


def _of_schema(name: str, schema: _Schema, *, given: bool, answered: bool) -> Iterator[str]:
    yield from (f"{name} may be {value}" for value in schema.get("enum", ()))
    required = schema.get("required", [])
    if given:
        yield f"{name} needs only {sorted(required)}"
    for member, kind in schema.get("properties", {}).items():
        yield f"{name}.{member}: {_shape(kind)}"
        yield from (f"{name}.{member} may be {value}" for value in kind.get("enum", ()))
        if answered and member in required:
            yield f"{name}.{member} is always there"


def _shape(schema: _Schema) -> str:
    """Return what a value is, in a word or two: `string(uuid)`, `[SessionResponse]`, `string | null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " | ".join(sorted(_shape(one) for one in schema[several]))
    limits = ", ".join(f"{name} {schema[name]}" for name in _LIMITS if name in schema)
    kind = f"[{_shape(schema['items'])}]" if "items" in schema else str(schema.get("type", "anything"))
    return f"{kind}({limits})" if limits else kind


def _named(schema: Any, schemas: _Schema) -> set[str]:
    """Return the schemas that one refers to, and those that these refer to."""
    found, left = set[str](), [schema]
    while left:
        here = left.pop()
        if isinstance(here, dict):
            name = str(here.get("$ref", "")).removeprefix(_REF)
            if name and name not in found:
                found.add(name)
                left.append(schemas[name])
            left += here.values()
        elif isinstance(here, list):
            left += here
    return found


def broken(recorded: str, document: _Schema) -> list[str]:
    """Return what was recorded and isn't so any more. What needs less than it did keeps its word."""
    now = facts(document)
    needed = dict(_needs(line) for line in now if _NEEDS in line)
    gone = set(recorded.splitlines()) - now
    return sorted(line for line in gone if _NEEDS not in line or not _suffices(line, needed))


def _needs(line: str) -> tuple[str, frozenset[str]]:
    whose, _, names = line.partition(_NEEDS)
    return whose, frozenset(json.loads(names.replace("'", '"')))


def _suffices(recorded: str, needed: Mapping[str, frozenset[str]]) -> bool:
    whose, names = _needs(recorded)
    return whose in needed and needed[whose] <= names


def main(arguments: list[str]) -> int:
    """Do it; return the exit code: 0 when all is kept, 1 when `--check` found something broken, 2 for usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.contract [--check]", file=sys.stderr)
        return 2
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    if not arguments:
        RECORDED.write_text("\n".join(sorted(facts(document))) + "\n", encoding="utf-8")
        return 0
    gone = broken(RECORDED.read_text(encoding="utf-8"), document)
    for line in gone:
        print(f"docs/openapi.json breaks its contract: {line}", file=sys.stderr)
    return 1 if gone else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
