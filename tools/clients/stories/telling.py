"""What the stories of OAuth 2's libraries have in common, as in telling.ts: what they are given, how they tell."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

given: dict[str, Any] = json.loads(sys.argv[1])


def cell(name: str, work: Callable[[], str]) -> None:
    """Tell what `work` saw: it raises where that isn't right."""
    try:
        told = {"cell": name, "saw": work(), "right": True}
    except Exception as error:  # noqa: BLE001 - whatever it is, the table shows it
        told = {"cell": name, "saw": f"{type(error).__name__}: {error}", "right": False}
    print(json.dumps(told), flush=True)


def hold(truth: object, what: object) -> None:
    """Raise where something isn't as it should be."""
    if not truth:
        raise ValueError(f"{what} is not as it should be")


def refused(work: Callable[[], object], kind: type[Exception] | tuple[type[Exception], ...]) -> Any:
    """Return the library's own error with which `work` is refused."""
    try:
        answer = work()
    except kind as error:
        return error
    raise ValueError(f"it was let through: {str(answer)[:200]}")
