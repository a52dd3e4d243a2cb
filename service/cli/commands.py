"""The commands, put together out of what features bring."""

from __future__ import annotations

import sys

import typer

from service import console
from service.cli import database, doctor, quick, settings
from service.cli import serve as serving
from service.console import EXIT_USAGE
from service.core.text.printable import visible
from service.feature import Feature
from service.features import FEATURES, all_features
from service.settings import named_features
from service.settings.checks import ConfigurationError

app = quick.root()
app.command("serve")(serving.serve)
app.command("doctor")(doctor.doctor)
app.command("settings")(settings.show_settings)
app.add_typer(database.app, name="db")


def _add_commands(feature: Feature) -> None:
    for name, command in feature.commands.items():
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)


for _feature in FEATURES:
    _add_commands(_feature)


def run() -> None:
    """Run the command that the arguments name."""
    try:
        features = all_features(named_features())
    except ConfigurationError as error:
        if "doctor" in sys.argv[1:2]:
            doctor.refuse(error.mistakes)
        sys.stderr.write(visible("\n".join(error.mistakes)) + "\n")
        sys.exit(EXIT_USAGE)
    console.features.set(features)
    for feature in features[len(FEATURES) :]:
        _add_commands(feature)
    app(prog_name=quick.NAME)
