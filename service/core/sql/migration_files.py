"""The files of migrations, as an upgrade reads them: what they would run, and which versions they leave behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any, cast

from aerich.models import Aerich

from service.core.sql.schema import Schema
from service.core.sql.standing import oldest_row


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """What one file says: `upgrade` returns its last script, and runs what comes before that."""

    in_transaction: bool
    oldest: int | None
    upgrade: Callable[[Any], Awaitable[str]]


def read(schema: Schema, name: str) -> MigrationFile:
    """Return what a migration's file says. Raises what importing it raises."""
    path = schema.migrations / f"{name}.py"
    spec = spec_from_file_location(f"migration_{schema.label}_{name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be read")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return MigrationFile(
        in_transaction=bool(getattr(module, "RUN_IN_TRANSACTION", True)),
        oldest=getattr(module, "OLDEST_CODE", None),
        upgrade=cast(Callable[[Any], Awaitable[str]], module.upgrade),
    )


async def note_oldest(schema: Schema, names: Iterable[str]) -> None:
    """Write down which versions can go on beside these migrations, for those to find that can't.

    Before they are applied: it counts once they are. The migration tool has to be open.
    """
    for name in names:
        oldest = read(schema, name).oldest
        if oldest is None:
            continue
        app, version = oldest_row(schema, name, oldest)
        if not await Aerich.exists(app=app, version=version):
            await Aerich.create(app=app, version=version, content={})
