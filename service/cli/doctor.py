"""`latchkey doctor`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from service.console import EXIT_FAILED, Json, out, print_json, settings
from service.core.clock import Clock
from service.core.faults import why
from service.core.redis import client as redis
from service.core.sql import database
from service.core.text.printable import visible
from service.feature.doctor import Deployment, examine, examine_settings
from service.feature.findings import Finding, Level, error
from service.features import all_features
from service.runtime import schemas_of
from service.settings import Settings
from service.settings.checks import ConfigurationError

_MARKS = {Level.OK: ("ok     ", "green"), Level.WARNING: ("warning", "yellow"), Level.ERROR: ("error  ", "red")}


def doctor(
    *,
    only_settings: Annotated[
        bool, typer.Option("--settings", help="Look at the settings alone: no store is asked.")
    ] = False,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="SECRET_KEY is a new one, and opens none of the keys that there are.")
    ] = False,
    json: Json = False,
) -> None:
    """Check settings and stores; say what is wrong and how to mend it. Exit with 1 for errors, 0 for less."""
    try:
        loaded = settings(**({"NEW_SECRET": True} if new_secret else {}))
        findings = asyncio.run((_examine_settings if only_settings else _examine)(loaded))
    except ConfigurationError as refused:
        findings = _refused(refused.mistakes)
    except Exception as failure:  # noqa: BLE001 - whoever looks for what is wrong is told what is
        says = f"The check-up failed: {type(failure).__name__}: {why(failure)}."
        findings = [error("doctor", says, "Check DATABASE_URL and REDIS_URL, and what answers there.")]
    _tell(findings, json=json)


def refuse(mistakes: Sequence[str]) -> None:
    """Say what is wrong with settings that leave no command to be run, in the form that the command line asks for."""
    try:
        _tell(_refused(mistakes), json="--json" in sys.argv)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)


def _refused(mistakes: Sequence[str]) -> list[Finding]:
    fix = "Set it right; `latchkey settings --defaults` lists every setting."
    return [error("settings", mistake, fix) for mistake in mistakes]


def _tell(findings: Sequence[Finding], *, json: bool) -> None:
    if json:
        print_json([{"check": f.check, "level": f.level, "says": f.says, "fix": f.fix} for f in findings])
    else:
        for finding in findings:
            out.print(Text.assemble(_MARKS[finding.level], visible(f" {finding.check}: {finding.says}")))
            if finding.fix:
                out.print(f"        {finding.fix}")
    if any(finding.level is Level.ERROR for finding in findings):
        raise typer.Exit(EXIT_FAILED)


async def _examine_settings(loaded: Settings) -> list[Finding]:
    features = all_features(loaded.FEATURES)
    # Both raise `ConfigurationError` for what no driver takes.
    database.tortoise_config(loaded, schemas_of(features))
    await redis.connect(loaded).close()
    return examine_settings(features, loaded, os.environ)


async def _examine(loaded: Settings) -> list[Finding]:
    # Not the whole runtime: that would refuse to open where the check-up has something to say.
    features = all_features(loaded.FEATURES)
    connection, clock = redis.connect(loaded), Clock()
    await database.open_database(loaded, schemas_of(features))
    try:
        return await examine(features, Deployment(loaded, connection, clock, os.environ))
    finally:
        await database.close_database()
        await connection.close()
