"""What can be set."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class NotesSettings(BaseSettings):
    """Read, checked and listed with all others; `runtime.settings.of(NotesSettings)` has them."""

    NOTES_KEPT_DAYS: int = Field(default=365, ge=1, description="For how many days notes are kept.")
