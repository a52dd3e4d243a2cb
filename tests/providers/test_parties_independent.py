"""A provider that others have written: what it says is understood, and nothing of it was made for our tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from service.features import read_settings
from service.providers import registry
from service.providers.parties import AnswerRefused
from service.runtime import Runtime
from tests.providers.parties_support import Trip
from tests.servers.providers.mock import Mock, mock

pytestmark = pytest.mark.embedded_only


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    with mock(tmp_path_factory.mktemp("mock") / "log") as found:
        found.set_user("grace", email="grace@example.com", email_verified=True, name="Grace Hopper")
        yield found


@pytest.fixture
def ours(runtime: Runtime, theirs: Mock) -> Runtime:
    given: dict[str, Any] = {
        "PROVIDERS": "mock", "PROVIDER_MOCK_ID": "us", "PROVIDER_MOCK_SECRET": "any", "PROVIDER_MOCK_EMAILS": "trusted",
        "PROVIDER_MOCK_ISSUER": theirs.issuer,
    }  # fmt: skip
    return replace(runtime, settings=read_settings(_env_file=None, **given))


class _Fake:
    id = "mock"


async def test_who_is_there(ours: Runtime, theirs: Mock) -> None:
    """From its metadata to the user's name."""
    assert list(registry.parties(ours)) == ["mock"]
    trip = Trip(ours, _Fake)
    back = await theirs.visit(await trip.url(), "grace")
    assert (back.target, back.state) == ("http://localhost:8000/login/callback/mock", trip.question.state)
    reply = trip.reply(back)
    found = await trip.party.identify(ours, reply)
    assert (found.external.issuer, found.external.subject) == (theirs.issuer, "grace")
    assert (found.external.email, found.vouched, found.full_name) == ("grace@example.com", True, "Grace Hopper")
    with pytest.raises(AnswerRefused):
        await trip.party.identify(ours, reply)


async def test_another_question(ours: Runtime, theirs: Mock) -> None:
    """Its nonce is the one that was asked with."""
    trip = Trip(ours, _Fake)
    back = await theirs.visit(await trip.url(), "grace")
    with pytest.raises(AnswerRefused, match="another question"):
        await trip.party.identify(ours, trip.reply(back, nonce="another"))
