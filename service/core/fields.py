"""Fields that several request models share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from service.core.passwords import MAX_LENGTH
from service.core.text import plain_text

PasswordField = Annotated[SecretStr, Field(min_length=1, max_length=MAX_LENGTH)]
"""A password as typed. Whether it may be *chosen* is decided later: a wrong one is no validation error."""

FullNameField = Annotated[str, Field(max_length=200), AfterValidator(plain_text)]
