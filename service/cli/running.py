"""The command that the arguments name: it alone is imported, of the many that features bring."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import typer

from service.cli import quick
from service.cli.straight import SERVE
from service.core.process.exits import EXIT_USAGE
from service.core.text.printable import visible
from service.feature import Command, Feature
from service.feature.loading import found
from service.features import all_features
from service.settings import named_features
from service.settings.checks import ConfigurationError

OWN: Final[Mapping[str, Command]] = {
    SERVE: "service.cli.serve:serve",
    "doctor": "service.cli.doctor:doctor",
    "settings": "service.cli.settings:show_settings",
    "db": "service.cli.database:app",
}


def application(features: Sequence[Feature], word: str = "") -> typer.Typer:
    """Return `latchkey` with the command that is called so, with all of them if none is.

    Raises `ConfigurationError` where a feature brings one that isn't there.
    """
    app = quick.root()
    commands = {**OWN, **{name: command for feature in features for name, command in feature.commands.items()}}
    for name in (word,) if word in commands else commands:
        command = found(name, commands[name])
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def named() -> Callable[[], object]:
    """Return what runs the command that the arguments name. Exits where a feature leaves no command to be run."""
    word = "".join(sys.argv[1:2])
    try:
        features = all_features(named_features())
        app = application(features, word)
    except ConfigurationError as error:
        if word == "doctor":
            from service.cli import doctor

            doctor.refuse(error.mistakes)
        sys.stderr.write(visible("\n".join(error.mistakes)) + "\n")
        sys.exit(EXIT_USAGE)
    if word != SERVE:  # which prints nothing, and reads for itself which features there are
        from service import console

        console.features.set(features)
    return partial(app, prog_name=quick.NAME)
