"""`latchkey doctor`."""

from __future__ import annotations

import asyncio
import os

import typer
from rich.text import Text

from service.console import EXIT_FAILED, Json, out, print_json, settings
from service.core.clock import Clock
from service.core.redis import client as redis
from service.core.sql import database
from service.core.text.printable import visible
from service.feature.doctor import Deployment, examine
from service.feature.findings import Finding, Level, error
from service.features import all_features
from service.runtime import schemas_of
from service.settings import Settings
from service.settings.checks import ConfigurationError

_MARKS = {Level.OK: ("ok     ", "green"), Level.WARNING: ("warning", "yellow"), Level.ERROR: ("error  ", "red")}


def doctor(json: Json = False) -> None:
    """Check settings and stores; say what is wrong and how to mend it. Exit with 1 for errors, 0 for less."""
    try:
        findings = asyncio.run(_examine(settings()))
    except ConfigurationError as refused:
        fix = "Set it right; `latchkey settings` lists every setting."
        findings = [error("settings", mistake, fix) for mistake in refused.mistakes]
    if json:
        print_json([{"check": f.check, "level": f.level, "says": f.says, "fix": f.fix} for f in findings])
    else:
        for finding in findings:
            out.print(Text.assemble(_MARKS[finding.level], visible(f" {finding.check}: {finding.says}")))
            if finding.fix:
                out.print(f"        {finding.fix}")
    if any(finding.level is Level.ERROR for finding in findings):
        raise typer.Exit(EXIT_FAILED)


async def _examine(loaded: Settings) -> list[Finding]:
    # Not the whole runtime: that would refuse to open where the check-up has something to say, and make a signing key.
    features = all_features(loaded.FEATURES)
    connection, clock = redis.connect(loaded), Clock()
    await database.open_database(loaded, schemas_of(features))
    try:
        return await examine(features, Deployment(loaded, connection, clock, os.environ))
    finally:
        await database.close_database()
        await connection.close()
