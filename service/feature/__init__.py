"""What a feature brings, said in one object: by each of our leaves as `FEATURE`, by others' modules in `FEATURES`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic_settings import BaseSettings
from sanic import Blueprint, Sanic

from service.core.sql.schema import Schema
from service.feature.doctor import Check, SettingsCheck
from service.feature.ways import Ways
from service.jobs.kinds import Kind
from service.runtime import Deleted, Exported, Runtime
from service.settings import Settings
from service.stores.event_kinds import Event
from service.stores.letter_kinds import Letter

if TYPE_CHECKING:
    import typer  # what serves has no use for it

Command: TypeAlias = "typer.Typer | Callable[..., None] | str"
"""A command, or a group of them; or where it is, `module:name`: what serves has no use for it."""
Mount: TypeAlias = Callable[[Sanic[Any, Any], Settings], None]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")


@dataclass(frozen=True, slots=True)
class Background:
    """Work that every serving process does beside its requests, each so many seconds and once more at its end.

    With `workers` a `latchkey worker` that publishes its numbers does it, too.
    """

    seconds: float
    work: Callable[[Runtime], Awaitable[None]]
    workers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature. All but the name may be left out.

    `tag` and `about`: under which word its calls stand in the API's documents (the name if none), with which sentence.
    `mount` adds to an application what depends on the settings; blueprints are always there. `commands` are what comes
    after `latchkey`; where one is will do (`"notes.commands:app"`): then it is imported when it is needed. `checks` are
    what `latchkey doctor` looks at; `settings_checks` those that look at settings and environment alone, for
    `latchkey doctor --settings`. `alongside` is open while a process serves. `models` is a module with Tortoise models,
    whose label is the feature's name (`"notes.Note"`), `migrations` the folder of their history.

    `jobs` are the kinds of work that workers do for it, `events` what it records, `letters` what it writes: each known
    by its name to everything there is about jobs, events and letters. `settings` is a class with a field for each: they
    are read, checked and listed with all others, and `settings.of(<the class>)` has them. `ways` returns in which ways
    one logs in by it, as far as the settings let one: clients are told.

    What it keeps of users: rows with a foreign key to `models.User` that cascades go with the account; `deleted` takes
    anything else, within the transaction that deletes the account, which it can refuse by raising. `exported` returns
    what the user's export shows of it: anything that pydantic writes as JSON.
    """

    name: str
    tag: str = ""
    about: str = ""
    blueprints: tuple[Blueprint, ...] = ()
    mount: Mount | None = None
    commands: Mapping[str, Command] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    settings_checks: tuple[SettingsCheck, ...] = ()
    background: tuple[Background, ...] = ()
    alongside: Callable[[Runtime], AbstractAsyncContextManager[None]] | None = None
    jobs: tuple[Kind, ...] = ()
    events: tuple[Event, ...] = ()
    letters: tuple[Letter, ...] = ()
    settings: type[BaseSettings] | None = None
    ways: Ways | None = None
    models: str = ""
    migrations: Path | None = None
    exported: Exported | None = None
    deleted: Deleted | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a name that can't be one of a schema, a command and a tag alike."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a feature can't be called {self.name!r}: use a-z, 0-9 and _")

    @property
    def schema(self) -> Schema | None:
        """Its tables and their history, None if it has none."""
        if not self.models or self.migrations is None:
            return None
        return Schema(self.name, (self.models,), self.migrations)
