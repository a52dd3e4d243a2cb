"""Take a picture of the commands: `python -m tools.commands`, or `--check` to only compare.

Help, version and completion are answered out of it (`service/cli/quick.py`), without importing what the commands need.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from difflib import unified_diff
from enum import Enum
from inspect import cleandoc
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

import typer
from typer.models import OptionInfo, ParamMeta
from typer.utils import get_params_from_function

from service.cli.commands import app
from service.cli.quick import PICTURE, features_here

_TYPES = {str: "str", int: "int", float: "float", bool: "bool", Path: "path"}
_SAID = ("help", "metavar", "min", "max", "envvar", "show_envvar", "show_default", "exists", "dir_okay", "hidden")


def picture(group: typer.Typer) -> dict[str, Any]:
    """Return what a group of commands says about itself."""
    found: dict[str, Any] = {}
    for command in group.registered_commands:
        callback = cast("Callable[..., Any]", command.callback)
        name = command.name or callback.__name__.replace("_", "-")
        found[name] = {"help": cleandoc(command.help or callback.__doc__ or "")}
        if command.context_settings:
            found[name]["context"] = command.context_settings
        found[name]["parameters"] = list(_parameters(callback))
    for one in group.registered_groups:
        found[str(one.name)] = picture(cast("typer.Typer", one.typer_instance))
    return {"help": group.info.help, "commands": found}


def _parameters(callback: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    for name, meta in get_params_from_function(callback).items():
        yield {"name": name, **_about(meta)}


def _about(meta: ParamMeta) -> dict[str, Any]:
    info = meta.default
    shown = {name: getattr(info, name, None) for name in _SAID}
    plain = type(info)(default=...)
    about: dict[str, Any] = {
        "kind": "option" if isinstance(info, OptionInfo) else "argument",
        **_type(meta.annotation),
        "names": list(info.param_decls or ()),
        "more": {name: value for name, value in shown.items() if value != getattr(plain, name, None)},
    }
    if info.default is not ...:
        about["default"] = info.default
    return about


def _type(annotation: Any) -> dict[str, Any]:
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = [one for one in get_args(annotation) if one is not type(None)]
    many = get_origin(annotation) is list
    if many:
        (annotation,) = get_args(annotation)
    if get_origin(annotation) is Literal:
        found: dict[str, Any] = {"choices": list(get_args(annotation))}
    elif issubclass(annotation, Enum):
        found = {"choices": [one.value for one in annotation]}
    else:
        found = {"type": _TYPES[annotation]}
    return found | ({"many": True} if many else {})


def written(about: dict[str, Any], depth: int = 1) -> str:
    """Return it as JSON: a line for each command."""
    if "commands" not in about:
        return json.dumps(about, ensure_ascii=False)
    lines = [f"{' ' * depth}{json.dumps(name)}: {written(one, depth + 1)}" for name, one in about["commands"].items()]
    inside = ",\n".join(lines)
    return f'{{"help": {json.dumps(about["help"])}, "commands": {{\n{inside}\n{" " * (depth - 1)}}}}}'


def main() -> int:
    """Write the picture, or compare it."""
    text = f'{{"of": {json.dumps(features_here())}, {written(picture(app))[1:]}\n'
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(text, encoding="utf-8")
    elif (there := PICTURE.read_text(encoding="utf-8") if PICTURE.exists() else "") != text:
        print(f"{PICTURE.name} is not what the commands are: make commands", file=sys.stderr)
        for line in unified_diff(there.splitlines(), text.splitlines(), n=0, lineterm=""):
            print(line, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
