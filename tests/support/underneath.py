"""What the service takes of other packages' insides: their text as it is installed, and which of it ours stands in for.

They say nothing about their private parts from one release to the next. Where a digest is another one: read what has
changed there, mend ours where it matters (the tests of what an override is for say whether it still holds), and write
the new digest down. pyproject.toml lets in no release that nobody has looked at in this way.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import service

Digests = Mapping[str, Mapping[str, str]]
"""Module to what is in it (`function`, `Class.method`) to its digest."""


def changed(digests: Digests) -> list[str]:
    """Return what isn't what it was, each with its digest now."""
    return [
        f"{module}: {name} is {now}"
        for module, names in digests.items()
        for name, digest in names.items()
        if (now := _digest(module, name)) != digest
    ]


def _digest(module: str, name: str) -> str:
    source, functions = _parts(module)
    if name not in functions:
        return "gone"
    return sha256((ast.get_source_segment(source, functions[name]) or "").encode()).hexdigest()[:12]


@cache
def _parts(module: str) -> tuple[str, dict[str, ast.stmt]]:
    # As it is written: while an app runs, Sanic itself changes some of its methods.
    spec = find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    source = Path(spec.origin).read_text(encoding="utf-8")
    return source, dict(_functions(ast.parse(source).body))


def _functions(body: list[ast.stmt], stem: str = "") -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield stem + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{stem}{node.name}.")


def overridden(*packages: str) -> set[tuple[str, str]]:
    """Return every function of `packages` that a class of the service has another one for: module and name."""
    return {
        (base.__module__, f"{base.__qualname__}.{name}")
        for cls in _classes()
        for place, ours in enumerate(cls.__mro__)
        if ours.__module__.startswith("service.")
        for name in vars(ours)
        if name != "__subclasshook__"  # which typing gives every heir of a protocol
        if (base := next((base for base in cls.__mro__[place + 1 :] if _is_function(vars(base).get(name))), None))
        and base.__module__.partition(".")[0] in packages
    }


def unwatched(digests: Digests, *packages: str) -> list[tuple[str, str]]:
    """Return the functions of `packages` that ours stands in for, and that have no digest."""
    return sorted((module, name) for module, name in overridden(*packages) if name not in digests.get(module, {}))


def _is_function(value: object) -> bool:
    return inspect.isfunction(value) or isinstance(value, property | staticmethod | classmethod)


def _classes() -> Iterator[type]:
    for found in pkgutil.walk_packages(service.__path__, "service."):
        if found.name.rpartition(".")[2] != "__main__":
            module = importlib.import_module(found.name)
            yield from (value for value in vars(module).values() if inspect.isclass(value))
