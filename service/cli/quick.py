"""What needs nothing of the service: help, version, completion, answered out of a picture of the commands.

`commands.json` is that picture (`make commands` takes it; a test compares). Whatever else there is to do, and whatever
a feature of one's own may have added, is for the commands themselves: then nothing is answered here.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from service import __version__

NAME: Final = "latchkey"
HELP: Final = "Latchkey, an identity service. Settings come from the environment and from .env."
COMPLETING: Final = "_LATCHKEY_COMPLETE"
PICTURE: Final = Path(__file__).with_name("commands.json")
_HELP_OPTIONS: Final = frozenset({"-h", "--help", "--version", "--show-completion", "--install-completion"})
_NAMES_SOME: Final = re.compile(r"^\s*(?:export\s+)?FEATURES\s*=\s*\S", re.IGNORECASE | re.MULTILINE)
_TYPES: Final[Mapping[str, type]] = {"str": str, "int": int, "float": float, "bool": bool, "path": Path}


class _ToBeDone(Exception):
    """It isn't only asked for: the command has to be run."""


def answer(arguments: Sequence[str]) -> bool:
    """Answer, and exit, if it is help, version or completion that is asked for; else return False."""
    if list(arguments) == ["--version"]:
        sys.stdout.write(f"{NAME} {__version__}\n")
        return True
    completing = COMPLETING in os.environ
    if not (completing or _HELP_OPTIONS.intersection(arguments) or _only_groups(arguments)) or others_may_add():
        return False
    try:
        picture = json.loads(PICTURE.read_text(encoding="utf-8"))
        if picture["of"] != features_here():  # somebody has taken a feature out, or put one in
            return False
    except (OSError, ValueError):  # not there, or not whole: the commands know as well
        return False
    path = [] if completing else _path(picture, arguments)
    app = stand_in(picture, path)
    try:
        app(list(arguments[len(path) :]), prog_name=" ".join((NAME, *path)), complete_var=COMPLETING)
    except _ToBeDone:
        return False
    return True


def _path(picture: Mapping[str, Any], arguments: Sequence[str]) -> list[str]:
    """Return the words that lead to a group or a command, as far as they do."""
    path: list[str] = []
    while len(path) < len(arguments) and arguments[len(path)] in picture.get("commands", ()):
        path.append(arguments[len(path)])
        picture = picture["commands"][path[-1]]
    return path


def features_here() -> str:
    """Return what tells whether the features are those of the picture."""
    return sha256(Path(__file__).parents[1].joinpath("features.py").read_bytes()).hexdigest()[:16]


def version(wanted: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False) -> None:
    """Answer what stands before any command."""
    if wanted:
        typer.echo(f"{NAME} {__version__}")
        raise typer.Exit


def root() -> typer.Typer:
    """Return `latchkey` without a command."""
    app = _group(HELP, name=NAME, add_completion=True)
    app.callback(invoke_without_command=True)(version)
    return app


def _group(about: str, *, name: str | None = None, add_completion: bool = False) -> typer.Typer:
    return typer.Typer(
        name=name,
        help=about,
        no_args_is_help=True,
        add_completion=add_completion,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain text: nothing has to be loaded for it
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def stand_in(picture: Mapping[str, Any], path: Sequence[str] = ()) -> typer.Typer:
    """Return the commands of a picture, or those of them that a path leads to: they say all about themselves, and do
    nothing. Fewer are quicker, and what stands above would have to be parsed as well.
    """
    if not path:
        app = root()
        _add(app, picture["commands"])
        return app
    for word in path:
        picture = picture["commands"][word]
    app = _group(picture["help"])
    if "commands" in picture:
        app.callback()(_nothing)
        _add(app, picture["commands"])
    else:
        app.command(context_settings=_context(picture))(_command(picture))
    return app


def _nothing() -> None:
    pass


def _context(about: Mapping[str, Any]) -> dict[str, Any]:
    return {"help_option_names": ["-h", "--help"], **about.get("context", {})}


def _add(app: typer.Typer, commands: Mapping[str, Any]) -> None:
    for name, about in commands.items():
        if "commands" in about:
            group = _group(about["help"])
            _add(group, about["commands"])
            app.add_typer(group, name=name)
        else:
            app.command(name, context_settings=_context(about))(_command(about))


def _command(about: Mapping[str, Any]) -> Callable[..., None]:
    def do(**_: object) -> None:
        raise _ToBeDone

    do.__doc__ = about["help"]
    parameters = [
        inspect.Parameter(
            one["name"], inspect.Parameter.KEYWORD_ONLY, default=_default(one), annotation=_annotated(one)
        )
        for one in about["parameters"]
    ]
    do.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # as inspect has it
    return do


def _default(one: Mapping[str, Any]) -> object:
    return one.get("default", inspect.Parameter.empty)


def _annotated(one: Mapping[str, Any]) -> object:
    found: Any = Literal[tuple(one["choices"])] if "choices" in one else _TYPES[one["type"]]
    if one.get("many"):
        found = list[found]
    if "default" in one and one["default"] is None:
        found = found | None
    made = typer.Option if one["kind"] == "option" else typer.Argument
    return Annotated[found, made(*one["names"], **one["more"])]


def _only_groups(arguments: Sequence[str]) -> bool:
    """Return whether these may be groups alone, which answer with their help."""
    return len(arguments) < 2 and not any(one.startswith("-") for one in arguments)


def others_may_add() -> bool:
    """Return whether FEATURES may name modules with commands of their own. What can't be read is for others to say."""
    if any(value for name, value in os.environ.items() if name.upper() == "FEATURES"):
        return True
    try:
        return _NAMES_SOME.search(Path(".env").read_text(encoding="utf-8-sig")) is not None
    except FileNotFoundError:
        return False
    except (OSError, UnicodeError):
        return True
