"""All of our commands, put together out of what features bring; for who asks which there are."""

from __future__ import annotations

from service.cli.running import application
from service.features import FEATURES

app = application(FEATURES)
