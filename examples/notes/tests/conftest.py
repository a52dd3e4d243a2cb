"""The service of Latchkey's own tests, with the notebook in it."""

from __future__ import annotations

import pytest

from service.settings import Settings
from tests.conftest import *  # noqa: F403 - every fixture of Latchkey's own tests
from tests.support.stores import Stores


@pytest.fixture(scope="session")  # type: ignore[no-redef]
def settings(stores: Stores) -> Settings:
    return stores.settings(PASSWORD_MIN_LENGTH=8, FEATURES="notes.features")
