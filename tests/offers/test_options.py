"""GET /api/auth/options: what the service says of itself to whoever asks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.errors import Unavailable
from service.feature import Feature
from service.feature.ways import Way, misnamed, registration, ways_in
from service.offers.routes import options
from service.runtime import Runtime
from service.settings import Settings
from tests.http.support import another, hold_headers

WHERE = "/api/auth/options"
FRONT_END = "http://localhost:3000"
PASSWORD, PASSKEY = {"kind": "password"}, {"kind": "passkey"}
PLAIN: dict[str, Any] = {
    "name": "Latchkey",
    "registration": "open",
    "confirm_email": False,
    "password": {"min_length": 8, "max_length": 256},
    "ways": [{"kind": "password"}, {"kind": "passkey"}],
    "second_factor": {"set_up": True, "trust_device": True},
    "languages": ["en", "de"],
}


async def test_what_is_said(client: httpx.AsyncClient) -> None:
    """Everything a log-in page has to know, without logging in; log-in by mail as it is said alone."""
    answer = await client.get(WHERE)
    assert answer.status_code == 200
    hold_headers(answer)
    mail = {"code": True, "link": True, "registers": False}
    providers = [
        {"kind": "provider", **one, "registers": True} for one in (await client.get("/api/auth/providers")).json()
    ]
    assert [one["id"] for one in providers] == ["corp", "google", "github", "microsoft", "apple"]
    assert answer.json() == PLAIN | {"ways": [PASSWORD, {"kind": "mail", **mail}, *providers, PASSKEY]}
    assert (await client.get("/api/auth/email")).json() == mail


@pytest.mark.embedded_only
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, {}),
        ({"PROJECT_NAME": "Söhne & Co"}, {"name": "Söhne & Co"}),
        ({"REQUIRE_EMAIL_VERIFICATION": True}, {"confirm_email": True}),
        ({"PASSWORD_MIN_LENGTH": 15}, {"password": {"min_length": 15, "max_length": 256}}),
        (
            {"EMAIL_SIGN_IN": "code", "REGISTER_BY_EMAIL": True},
            {"ways": [{"kind": "password"}, {"kind": "mail", "code": True, "link": False, "registers": True}, PASSKEY]},
        ),
        (
            {"EMAIL_SIGN_IN": "link"},
            {
                "ways": [
                    {"kind": "password"},
                    {"kind": "mail", "code": False, "link": True, "registers": False},
                    PASSKEY,
                ]
            },
        ),
        (
            {"SECOND_FACTOR": "off"},  # nobody can set one up
            {"ways": [{"kind": "password"}], "second_factor": {"set_up": False, "trust_device": True}},
        ),
        ({"TRUST_DEVICE_DAYS": 0}, {"second_factor": {"set_up": True, "trust_device": False}}),
        ({"REGISTER_BY_EMAIL": True}, {}),  # of no effect by itself
        (
            {"PROVIDERS": ("google",), "REGISTER_BY_PROVIDER": False},
            {
                "ways": [
                    PASSWORD,
                    {"kind": "provider", "id": "google", "name": "Google", "brand": "google", "registers": False},
                    PASSKEY,
                ]
            },
        ),
    ],
)
async def test_each_setting(runtime: Runtime, changed: dict[str, Any], said: dict[str, Any]) -> None:
    """It goes by the settings, and the tag goes with it."""
    async with (
        another(runtime, **{"EMAIL_SIGN_IN": "off", "PROVIDERS": (), **changed}) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        answer = await client.get(WHERE)
    assert answer.json() == PLAIN | said


@pytest.mark.embedded_only
async def test_it_is_kept_for_a_minute(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """Caches may have it, and ask with its tag whether it is still so; HEAD says the same; new settings, new tag."""
    first = await client.get(WHERE)
    assert first.headers["cache-control"] == "public, max-age=60"
    assert first.headers["vary"] == "Origin"
    tag = first.headers["etag"]
    again = await client.get(WHERE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == "public, max-age=60"
    hold_headers(again)
    assert (await client.get(WHERE, headers={"If-None-Match": '"another"'})).status_code == 200
    head = await client.head(WHERE)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    async with another(runtime, PROJECT_NAME="Another") as url, httpx.AsyncClient(base_url=url) as other:
        assert (await other.get(WHERE, headers={"If-None-Match": tag})).status_code == 200


@pytest.mark.embedded_only
async def test_from_another_origin(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """A front end that is listed may read it, and any other page may not, as with every call."""
    answer = await client.get(WHERE, headers={"Origin": FRONT_END})
    assert answer.headers["access-control-allow-origin"] == FRONT_END
    stranger = await client.get(WHERE, headers={"Origin": "https://elsewhere.example"})
    assert stranger.status_code == 200
    assert "access-control-allow-origin" not in stranger.headers


@pytest.mark.embedded_only
async def test_while_the_stores_are_away(
    client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that can't let anybody in at the moment can still be shown: neither store is asked."""

    async def fail(*_: object) -> None:
        raise Unavailable("redis")

    async def fail_too(*_: object) -> None:
        raise Unavailable("database")

    monkeypatch.setattr(type(runtime.redis), "run", fail)
    monkeypatch.setattr("tortoise.queryset.QuerySet._execute", fail_too)
    log_in = {"email": "ada@example.com", "password": "correct horse battery"}
    assert (await client.post("/api/auth/login", json=log_in)).status_code == 503
    assert (await client.get(WHERE)).status_code == 200


OTHERS = (
    Feature(name="badges", ways=lambda _: (Way("badges", {"reader": "usb"}), Way("badges.gate", registers="open"))),
    Feature(name="notes"),
)


def test_features_of_others(settings: Settings) -> None:
    """They bring ways in as ours do, under their own names: of ours there may be more."""
    assert [way.kind for way in ways_in(settings, OTHERS)] == ["badges", "badges.gate"]
    assert not [*misnamed(settings, OTHERS)]
    said = options(settings, ways_in(settings, OTHERS)).model_dump(mode="json")
    assert said["ways"] == [{"kind": "badges", "reader": "usb"}, {"kind": "badges.gate"}]
    assert said["registration"] == "open"
    wrong = Feature(name="badges", ways=lambda _: (Way("passkey"), Way("badgesgate")))
    assert [*misnamed(settings, [wrong])] == [
        "badges brings a way in passkey: call it badges.passkey",
        "badges brings a way in badgesgate: call it badges.badgesgate",
    ]


def test_who_gets_an_account() -> None:
    """Whoever may by the way that is open to most; nobody where there is no such way."""
    nobody, by_mail, anybody = Way("a"), Way("b", registers="by_mail"), Way("c", registers="open")
    assert registration(()) == registration((nobody,)) == "closed"
    assert registration((nobody, by_mail)) == "by_mail"
    assert registration((by_mail, anybody, nobody)) == "open"
