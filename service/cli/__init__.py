"""The operators' commands: `latchkey …`, or `python -m service …`. Each feature brings its own.

Exit codes: 0 done, 1 not done (the reason is said), 2 wrong settings or usage, 75 a store is out of reach (try again).
"""

from __future__ import annotations

import sys

import typer

from service import console
from service.cli import database, doctor
from service.cli import serve as serving
from service.console import EXIT_USAGE
from service.core.text.printable import visible
from service.feature import Feature
from service.features import FEATURES, all_features
from service.settings import named_features
from service.settings.checks import ConfigurationError

app = typer.Typer(
    name="latchkey",
    help="Latchkey, an identity service. Settings come from the environment and from .env.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serving.serve)
app.command("doctor")(doctor.doctor)
app.command("settings")(serving.show_settings)
app.add_typer(database.app, name="db")


def _add_commands(feature: Feature) -> None:
    for name, command in feature.commands.items():
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)


for _feature in FEATURES:
    _add_commands(_feature)


def main() -> None:
    """Run the command line. An argument that isn't UTF-8 is a lone surrogate here, which no store or terminal takes."""
    try:
        "\0".join(sys.argv).encode()
    except UnicodeEncodeError:
        typer.echo("An argument is not valid UTF-8.", err=True)
        sys.exit(EXIT_USAGE)
    try:
        features = all_features(named_features())
    except ConfigurationError as error:
        typer.echo(visible("\n".join(error.mistakes)), err=True)
        sys.exit(EXIT_USAGE)
    console.features.set(features)
    for feature in features[len(FEATURES) :]:
        _add_commands(feature)
    app()
