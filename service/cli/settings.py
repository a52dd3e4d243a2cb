"""`latchkey settings`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from service.console import Json, features, plain_errors, print_json, print_table
from service.features import read_settings
from service.runtime import settings_of
from service.settings import settings_table, settings_with
from service.settings.shown import shown


def show_settings(
    defaults: Annotated[
        bool, typer.Option("--defaults", help="The table of the README instead: names, defaults, what they are for.")
    ] = False,
    json: Json = False,
) -> None:
    """Print every setting as it is in force here, without what is secret."""
    if defaults:
        sys.stdout.write(settings_table(settings_with(settings_of(features.get()))) + "\n")
        return
    with plain_errors():
        found = list(shown(read_settings()))
    if json:
        print_json({one.name: {"value": one.value, "set": one.is_set, "about": one.about} for one in found})
    else:
        print_table(("setting", "value", ""), [(one.name, one.value, "" if one.is_set else "default") for one in found])
