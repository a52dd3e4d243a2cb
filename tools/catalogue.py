"""Write what is made of the catalogue of events: `python -m tools.catalogue`, or `--check` to only compare.

The tables of events (docs/operations.md) and of reasons (docs/api.md), the sentences of the client, and the names of
events in the parts of React. That nothing is missing there, TypeScript's compiler sees as well: the types are made of
the OpenAPI document, whose enums are of the catalogue too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from service.audit.catalogue import composed
from service.audit.catalogue.reasons import REASONS, UNKNOWN, UNPROVEN
from service.features import FEATURES
from service.stores.event_kinds import Event, Language

ROOT: Final = Path(__file__).parents[1]
EVENTS: Final[Mapping[str, Event]] = composed(FEATURES)
MADE: Final = '// Made from the service\'s catalogue of events by "make catalogue". Do not edit.\n'


def events_table(text: str) -> str:
    """Return docs/operations.md with the table of events."""
    rows = ["| event | when | written |", "| --- | --- | --- |"]
    for event in EVENTS.values():
        written = "with the change" if event.with_change else "best effort"
        rows.append(f"| `{event.name}` | {event.when} | {written} |")
    return _between(text, "events", rows)


def reasons_table(text: str) -> str:
    """Return docs/api.md with the table of reasons."""
    rows = ["| `reason` | what has happened | what to tell your user |", "| --- | --- | --- |"]
    rows += [f"| `{name}` | {reason.when} | {reason.told.en} |" for name, reason in REASONS.items()]
    return _between(text, "reasons", rows)


def sentences(name: str, language: Language) -> Callable[[str], str]:
    """Return what writes a module with the sentences of one language under `name`."""

    def write(_: str) -> str:
        told = {reason.value: found.told.of(language) for reason, found in REASONS.items()}
        told |= {"unproven": UNPROVEN.of(language), "unknown": UNKNOWN.of(language)}
        lines = [f"  {key}: {_quoted(words)},\n" for key, words in told.items()]
        return (
            f'{MADE}import type {{ Sentences }} from "./reasons.js";\n\n'
            f"export const {name}: Sentences = {{\n{''.join(lines)}}};\n"
        )

    return write


def event_names(_: str) -> str:
    """Return the application's names of events."""
    lines = [
        f"  {_quoted(event.name)}: [{_quoted(event.title)}, {_quoted(event.tone)}],\n" for event in EVENTS.values()
    ]
    return (
        f'{MADE}import type {{ components }} from "@latchkey/client";\n\n'
        'export type Tone = "neutral" | "good" | "warning";\n\n'
        'type Type = components["schemas"]["EventResponse"]["type"];\n\n'
        "/** What each event is called, and how it sounds. */\n"
        f"export const EVENTS: Record<Type, readonly [string, Tone]> = {{\n{''.join(lines)}}};\n"
    )


TARGETS: Final[Mapping[str, Callable[[str], str]]] = {
    "docs/operations.md": events_table,
    "docs/api.md": reasons_table,
    "frontend/packages/client/src/en.ts": sentences("en", "en"),
    "frontend/packages/client/src/de.ts": sentences("de", "de"),
    "frontend/packages/react/src/messages/events.ts": event_names,
}


def outdated() -> dict[str, str]:
    """Return the files that aren't what they should be, with what they should be."""
    found = {}
    for name, render in TARGETS.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if (wanted := render(text)) != text:
            found[name] = wanted
    return found


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _between(text: str, name: str, rows: list[str]) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"there has to be {begin} and, after it, {end}")
    return "\n".join([f"{before}{begin}", *rows, f"{end}{after}"])


def main(arguments: list[str]) -> int:
    """Do it; return the exit code: 0 when all is up to date now, 1 when `--check` found something old, 2 for usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.catalogue [--check]", file=sys.stderr)
        return 2
    found = outdated()
    for name, text in found.items():
        if arguments:
            print(f"{name} is out of date: run `make catalogue`.", file=sys.stderr)
        else:
            (ROOT / name).write_text(text, encoding="utf-8")
    return 1 if found and arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
