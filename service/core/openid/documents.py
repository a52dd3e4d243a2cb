"""JSON that others write: an object, or nonsense."""

from __future__ import annotations

import orjson


class Nonsense(Exception):
    """What a provider says can't be used; the text says what is wrong with it, and holds no secret."""


def read_object(document: bytes | str) -> dict[str, object]:
    """Return the JSON object that a document is. Raises `Nonsense`."""
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError:
        raise Nonsense("it is not JSON") from None
    if not isinstance(found, dict):
        raise Nonsense("it is not a JSON object")
    return found
