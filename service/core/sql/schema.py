"""A set of tables and the history of their migrations: Latchkey's own, and one for each feature that brings models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

OWN: Final = "models"


@dataclass(frozen=True, slots=True)
class Schema:
    """Models under one label, and the folder of their migrations: files `<number>_<what>.py`, in numerical order."""

    label: str
    modules: tuple[str, ...]
    migrations: Path

    def history(self) -> list[str]:
        """Return the names of the migrations that there are, oldest first."""
        names = [path.stem for path in self.migrations.glob("[0-9]*_*.py")]
        return sorted(names, key=lambda name: int(name.partition("_")[0]))

    def spelt(self, name: str) -> str:
        """Return a migration's name as it is shown: a feature's own begins with its label."""
        return name if self.label == OWN else f"{self.label}/{name}"


OURS: Final = Schema(OWN, ("models",), Path(__file__).parents[3] / "migrations" / "models")
