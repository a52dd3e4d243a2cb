"""Features of others: their modules imported, and whatever is wrong with them said in one line each."""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from inspect import isclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, cast

from pydantic import ValidationError
from tortoise.fields import CASCADE, SET_NULL
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from service.core.sql.schema import OWN
from service.feature import Command, Feature
from service.letters.rendering import flaws_of
from service.runtime import settings_of
from service.settings import settings_with
from service.settings.checks import ConfigurationError, mistakes_of

if TYPE_CHECKING:
    import typer

ATTRIBUTE: Final = "FEATURES"
_USER: Final = f"{OWN}.User"
_GO_ALONG: Final = (CASCADE, SET_NULL)


def load_features(names: Sequence[str], ours: Sequence[Feature]) -> tuple[Feature, ...]:
    """Import the modules and return their features. Raises `ConfigurationError` with a line for each mistake.

    They are looked for among what is installed, and at last in the directory that the process was started in.
    """
    here = str(Path.cwd())
    if names and here not in sys.path:
        sys.path.append(here)  # last: what is called like a module of ours doesn't take its place
    found: list[Feature] = []
    mistakes: list[str] = []
    for name in names:
        try:
            found += _features_in(name)
        except ConfigurationError as error:
            mistakes += error.mistakes
    mistakes += _clashes(found, ours)
    for feature in found:
        mistakes += _about_models(feature)
    if mistakes:
        raise ConfigurationError([f"FEATURES: {mistake}" for mistake in mistakes])
    return tuple(found)


def found(name: str, command: Command) -> typer.Typer | Callable[..., None]:
    """Return a command, imported if it was only said where it is; raise `ConfigurationError` if it isn't there."""
    if not isinstance(command, str):
        return command
    module, _, attribute = command.partition(":")
    try:
        there = getattr(_imported(module), attribute, None)
    except ConfigurationError as error:
        raise ConfigurationError([f"FEATURES: `latchkey {name}`: {mistake}" for mistake in error.mistakes]) from None
    if not callable(there):
        raise ConfigurationError([f"FEATURES: `latchkey {name}`: there is nothing to be called at {command}"])
    return cast("typer.Typer | Callable[..., None]", there)


def _features_in(name: str) -> list[Feature]:
    module = _imported(name)
    features = getattr(module, ATTRIBUTE, None)
    if features is None:
        raise ConfigurationError([f"{name} has no {ATTRIBUTE}: say there `{ATTRIBUTE} = (Feature(...),)`"])
    if not isinstance(features, tuple | list) or not all(isinstance(feature, Feature) for feature in features):
        raise ConfigurationError([f"{ATTRIBUTE} of {name} is not a tuple of Feature objects"])
    return list(features)


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(f"{missing}."):
            where = "it is neither installed nor in the directory that this was started in"
            raise ConfigurationError([f"there is no module {name}: {where}"]) from None
        raise ConfigurationError([f"{name} needs {missing}, which is not installed"]) from None
    except ValidationError as error:  # settings of its own: told as ours are, without the values
        raise ConfigurationError([f"{name}: {mistake}" for mistake in mistakes_of(error)]) from None
    except Exception as error:  # noqa: BLE001 - the module is anybody's, and so is what it raises
        raise ConfigurationError([f"{name} can't be imported: {_in_a_line(error)}"]) from None


def _in_a_line(error: Exception) -> str:
    """Return what was raised and where, the innermost line of code."""
    if isinstance(error, SyntaxError):
        file, line = error.filename, error.lineno
    else:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        file, line = frame.filename, frame.lineno
    said = " ".join(f"{type(error).__name__}: {getattr(error, 'msg', None) or error}".split())[:300]
    return f"{said} ({file}, line {line})"


def _clashes(found: Sequence[Feature], ours: Sequence[Feature]) -> Iterator[str]:
    names = {feature.name: "Latchkey has" for feature in ours} | {OWN: "Latchkey has"}
    commands = {"serve", "doctor", "settings", "db"} | {command for feature in ours for command in feature.commands}
    for feature in found:
        if feature.name in names:
            yield f"two features are called {feature.name}; {names[feature.name]} one"
        names[feature.name] = "another module brings"
        for command in feature.commands:
            if command in commands:
                yield f"{feature.name} brings a command `latchkey {command}`, which is there already"
            commands.add(command)
        yield from _about_names(feature)
    yield from _about_settings(found, ours)


def _about_names(feature: Feature) -> Iterator[str]:
    """Find what could be taken for another's: what is stored under a name begins with that of its feature."""
    prefix = f"{feature.name}."
    purposes = [letter.link.purpose for letter in feature.letters if letter.link]
    for what, names in (
        ("a job", [kind.name for kind in feature.jobs]),
        ("an event", [event.name for event in feature.events]),
        ("a letter", [letter.name for letter in feature.letters]),
        ("a link for", purposes),
    ):
        for name, times in Counter(names).items():
            if not name.startswith(prefix):
                yield f"{feature.name} brings {what} {name}: call it {prefix}{name.rpartition('.')[2]}"
            elif times > 1 and names is not purposes:
                yield f"{feature.name} brings {what} {name} twice"
    for letter in feature.letters:
        yield from (f"{feature.name}: {flaw}" for flaw in flaws_of(letter))


def _about_settings(found: Sequence[Feature], ours: Sequence[Feature]) -> Iterator[str]:
    names = set(settings_with(settings_of(ours)).model_fields)
    for feature in found:
        if feature.settings is None:
            continue
        for name in feature.settings.model_fields:
            if name in names:
                yield f"{feature.name} brings a setting {name}, which is there already"
            names.add(name)


def _about_models(feature: Feature) -> Iterator[str]:
    if not feature.models:
        return
    try:
        models = _models_in(_imported(feature.models))
    except ConfigurationError as error:
        yield from error.mistakes
        return
    if not models:
        yield f"{feature.models} of {feature.name} has no models"
        return
    history = feature.schema.history() if feature.schema else []
    if not history:
        folder = feature.migrations or "nowhere: say `migrations=Path(...)`"
        yield f"{feature.name} has models and no migrations ({folder})"
        return
    texts = [path.read_text(encoding="utf-8") for path in (feature.migrations or Path()).glob("[0-9]*_*.py")]
    for model in models:
        table = model._meta.db_table or model.__name__.lower()  # Tortoise has no public name for it
        if not any(table in text for text in texts):
            yield f"the model {model.__name__} of {feature.name} has no migration: none names its table {table}"
        yield from _about_owners(feature, model)


def _models_in(module: ModuleType) -> list[type[Model]]:
    """Return the models that Tortoise will find in a module, but for those that it only imports from us."""
    return [
        value
        for value in vars(module).values()
        if isclass(value)
        and issubclass(value, Model)
        and not value._meta.abstract
        and value.__module__.partition(".")[0] != OWN
    ]


def _about_owners(feature: Feature, model: type[Model]) -> Iterator[str]:
    """Find what would keep a user from being deleted."""
    for name, field in model._meta.fields_map.items():
        if not isinstance(field, ForeignKeyFieldInstance) or feature.deleted is not None:
            continue
        if getattr(field, "model_name", "") == _USER and field.on_delete not in _GO_ALONG:
            yield (
                f"{model.__name__}.{name} of {feature.name} would keep users from being deleted: "
                "let it cascade, or say what `deleted` does"
            )
