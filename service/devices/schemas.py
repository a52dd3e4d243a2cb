"""What is said of a device."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from service.core.http.messages import RequestModel
from service.core.text.printable import PLAIN_PATTERN, seen_name


def _trimmed(name: object) -> object:
    """Return the text without the spaces around it: they don't count."""
    return name.strip() if isinstance(name, str) else name


class NameRequest(RequestModel):
    """What the caller calls the device of one of their sessions; null or empty: nothing any more."""

    name: Annotated[
        Annotated[str, Field(max_length=64, json_schema_extra={"pattern": PLAIN_PATTERN}), AfterValidator(seen_name)]
        | None,
        BeforeValidator(_trimmed),
    ]
