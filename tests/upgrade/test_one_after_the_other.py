"""The embedded stores have one service at a time: an upgrade, and the way back, on one file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.people import PASSWORD
from tests.support.process import serving
from tests.support.stores import Stores
from tests.upgrade.older import SECONDS, Both, Older, Side, unpack

pytestmark = [pytest.mark.embedded_only, pytest.mark.timeout(180)]
SECOND, THIRD = "a second one altogether", "a third one altogether"


@contextmanager
def alone(side: Side, older: Older, log: Path, settings: dict[str, str]) -> Iterator[Both]:
    """Serve by one version; it brings the file to where it wants it."""
    started = older.serving(log, **settings) if side == "old" else serving(log, **settings)
    with started as service, httpx.Client(base_url=service.url, timeout=SECONDS, trust_env=False) as client:
        yield Both({side: client}, older, settings)
        assert "Traceback" not in service.said(), service.said()


def test_there_and_back_and_there_again(stores: Stores, tmp_path: Path) -> None:
    """Passwords set by either version are good with the other: after the upgrade, after going back, and again."""
    older = Older(unpack(tmp_path / "older"))
    file, log = tmp_path / "latchkey.sqlite3", tmp_path / "log"
    settings = stores.environment(DATABASE_URL=f"sqlite://{file}")
    with alone("old", older, log, settings) as house:
        ada, grace = house.registered("old"), house.registered("old")
    with alone("new", older, log, settings) as house:
        token = house.tokens("new", ada)["access_token"]
        assert [one["kind"] for one in house.done("new", "GET", "/users/me/export", token)["credentials"]] == [
            "password"
        ]
        house.done("new", "PUT", "/users/me", token, json={"password": SECOND})
        joan = house.registered("new")
    with alone("old", older, log, settings) as house:
        house.refused("old", ada, PASSWORD)
        house.tokens("old", joan)
        token = house.tokens("old", ada, SECOND)["access_token"]
        house.done("old", "PUT", "/users/me", token, json={"password": THIRD})
        house.done("old", "DELETE", "/users/me", house.tokens("old", grace)["access_token"])
    with alone("new", older, log, settings) as house:
        house.refused("new", ada, SECOND)
        house.tokens("new", ada, THIRD)
        house.tokens("new", joan)
        house.refused("new", grace, PASSWORD)
