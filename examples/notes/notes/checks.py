"""What `latchkey doctor` says of notebooks."""

from __future__ import annotations

from tortoise.functions import Count

from latchkey.doctor import Deployment, Finding, ok, warning
from notes.models import Note

MANY = 10_000


async def long_notebooks(deployment: Deployment) -> list[Finding]:
    """Nobody has so many notes that a page of them takes long."""
    longest = await Note.annotate(number=Count("id")).group_by("user_id").order_by("-number").first().values("number")
    if longest is not None and longest["number"] > MANY:
        return [warning("notes", f"A notebook has {longest['number']} notes.", "Think of a limit.")]
    return [ok("notes", "No notebook is very long.")]
