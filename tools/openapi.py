"""Write docs/openapi.json, the published contract as a file: `make openapi`. With `--check`, only compare."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from service.app import create_app
from service.documents.openapi import build_document
from service.features import FEATURES
from service.runtime import settings_of
from service.settings import settings_with

TARGET = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def render() -> str:
    """Return the document of a service with default settings: neither the environment nor a .env file is read."""
    document = build_document(create_app(settings_with(settings_of(FEATURES)).model_construct()))
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file, or check it; return the exit status."""
    document = render()
    if "--check" in arguments:
        right = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == document
        print(f"{TARGET.name} {'is up to date.' if right else 'is out of date: run `make openapi` and commit it.'}")
        return 0 if right else 1
    TARGET.write_text(document, encoding="utf-8")
    print(f"{TARGET.name} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
