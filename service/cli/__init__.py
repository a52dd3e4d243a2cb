"""The operators' commands: `latchkey …`, or `python -m service …`.

Exit codes: 0 done, 1 not done (the reason is said), 2 wrong settings or usage, 75 a store is out of reach (try again).
"""

from __future__ import annotations

import sys

import typer

from service.cli import database, doctor, explain, jobs, keys, mail, sessions, transfer, users
from service.cli import serve as serving
from service.cli.common import EXIT_USAGE

app = typer.Typer(
    name="latchkey",
    help="Latchkey, an identity service. Settings come from the environment and from .env.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serving.serve)
app.command("worker")(jobs.work)
app.command("explain")(explain.explain)
app.command("doctor")(doctor.doctor)
app.command("settings")(serving.show_settings)
app.add_typer(database.app, name="db")
app.add_typer(explain.app, name="events")
app.add_typer(jobs.app, name="jobs")
app.add_typer(keys.app, name="keys")
app.add_typer(mail.app, name="mail")
users.app.command("import")(transfer.import_command)
users.app.command("export")(transfer.export_command)
app.add_typer(users.app, name="users")
app.add_typer(sessions.app, name="sessions")


def main() -> None:
    """Run the command line. An argument that isn't UTF-8 is a lone surrogate here, which no store or terminal takes."""
    try:
        "\0".join(sys.argv).encode()
    except UnicodeEncodeError:
        typer.echo("An argument is not valid UTF-8.", err=True)
        sys.exit(EXIT_USAGE)
    app()
