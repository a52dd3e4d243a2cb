"""Whether one can log in by mail, and how."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class MailLoginSettings(BaseSettings, defer_build=True):
    """Whether one can log in by mail, and how."""

    EMAIL_SIGN_IN: Literal["off", "code", "link", "both"] = Field(
        default="off", description="Log in with a code or a link from a letter; what the letter has. One factor."
    )
    REGISTER_BY_EMAIL: bool = Field(
        default=False, description="Who logs in by mail with an address that has no account gets one, without password."
    )

    @property
    def by_mail(self) -> bool:
        """Whether one can log in by mail."""
        return self.EMAIL_SIGN_IN != "off"

    @property
    def by_code(self) -> bool:
        """Whether letters have a code."""
        return self.EMAIL_SIGN_IN in ("code", "both")

    @property
    def by_link(self) -> bool:
        """Whether letters have a link."""
        return self.EMAIL_SIGN_IN in ("link", "both")
