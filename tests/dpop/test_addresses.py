"""`htu`: the spellings of an address that are one, and those that aren't (RFC 3986 sections 6.2.2 and 6.2.3)."""

from __future__ import annotations

from typing import Any

import pytest

from service.core.clock import Clock
from service.core.dpop.addresses import normalised
from service.runtime import Runtime
from service.stores.dpop_proofs import DpopProofs

PATH = "/api/users/me"
HERE = "https://id.example.com/api/users/me"


@pytest.mark.parametrize(
    "spelling",
    [
        HERE,
        "HTTPS://ID.Example.COM/api/users/me",
        "https://id.example.com:443/api/users/me",
        "https://id.example.com:/api/users/me",
        "https://id.example.com/api/users/me/",
        "https://id.example.com/api/users/me?a=b",
        "https://id.example.com/api/users/me#part",
        "https://id.example.com/api/users/me?a=/../x#/y",
        "https://id.example.com/%61pi/users/m%65",
        "https://id.example.com/api/./users/me",
        "https://id.example.com/x/../api/users/me",
        "https://id.example.com/../api/users/me",
        "https://id.example.com/api/x/%2E%2e/users/me",
    ],
)
def test_one_address(spelling: str) -> None:
    """Without query and fragment, whatever the case of what has none, and the ordinary port."""
    assert normalised(spelling) == HERE


@pytest.mark.parametrize(
    "other",
    [
        "https://id.example.com/api/users/Me",
        "https://id.example.com:8443/api/users/me",
        "http://id.example.com/api/users/me",
        "http://id.example.com:443/api/users/me",
        "https://id.example.com./api/users/me",
        "https://id.example.com//api/users/me",
        "https://id.example.com/api/users/me;x",
        "https://id.example.com/api/users%2Fme",
        "https://evil.example/api/users/me",
        "https://id.example.com.evil.example/api/users/me",
    ],
)
def test_another_address(other: str) -> None:
    """What differs elsewhere is another."""
    assert normalised(other) not in (HERE, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/api/users/me",
        "//id.example.com/api/users/me",
        "id.example.com/api/users/me",
        "ftp://id.example.com/",
        "javascript:alert(1)",
        "https:///api/users/me",
        "https://ada@id.example.com/api/users/me",
        "https://id.example.com@evil.example/api/users/me",
        "https://evil.example\\@id.example.com/api/users/me",
        "https://id.example.com:port/",
        "https://id.example.com:99999/",
        "https://id%2Eexample.com/api/users/me",
        "https://[::1/",
        " https://id.example.com/api/users/me",
        "https://id.example.com/api/users/me\n",
        "https://id.example.com/api users/me",
        "https://id.exämple.com/",
        "https://id.example.com/" + "x" * 2048,
    ],
)
def test_no_address(text: str) -> None:
    """What is no address of a call is none of any."""
    assert normalised(text) is None


def test_the_least_of_an_address() -> None:
    """IPv6, ports, and the root."""
    assert normalised("http://[::1]:8000/") == "http://[::1]:8000"
    assert normalised("http://127.0.0.1:80") == "http://127.0.0.1"
    assert normalised("https://id.example.com/a%2fb%c3%a4") == "https://id.example.com/a%2Fb%C3%A4"


def of(runtime: Runtime, clock: Clock, **settings: Any) -> DpopProofs:
    """Proofs where the service is reached as these settings say."""
    base = {"ENVIRONMENT": "production", "FRONTEND_URL": None, "BACKEND_CORS_ORIGINS": ()}
    return DpopProofs(runtime.redis, runtime.settings.model_copy(update=base | settings), clock)


def test_below_public_url(runtime: Runtime, clock: Clock) -> None:
    """A proxy that serves the service below a path takes that away: its client signs the whole of it."""
    plain = of(runtime, clock, PUBLIC_URL="https://ID.example.com:443/")
    assert plain.is_for(HERE, PATH)
    assert plain.is_for(f"{HERE}/?x", f"{PATH}/")
    assert plain.is_for("https://id.example.com", "/")
    assert not plain.is_for(HERE, "/api/users")
    assert not plain.is_for("https://id.example.com", PATH)
    assert not plain.is_for("http://localhost:8000/api/users/me", PATH)
    below = of(runtime, clock, PUBLIC_URL="https://example.com/id/")
    assert below.is_for("https://example.com/id/api/users/me", PATH)
    assert not below.is_for("https://example.com/api/users/me", PATH)  # another service's, perhaps


def test_behind_a_front_end(runtime: Runtime, clock: Clock) -> None:
    """Its server passes calls on to us: what its pages call is an address of its own. Nobody else's is taken."""
    behind = of(
        runtime,
        clock,
        PUBLIC_URL="https://id.example.com",
        FRONTEND_URL="https://www.example.com/app",
        BACKEND_CORS_ORIGINS=("https://shop.example.com",),
    )
    assert behind.is_for(HERE, PATH)
    assert behind.is_for("https://www.example.com/api/users/me", PATH)
    assert behind.is_for("https://www.example.com/app/api/users/me", PATH)
    assert behind.is_for("https://shop.example.com/api/users/me", PATH)
    assert not behind.is_for("https://shop.example.com/x/api/users/me", PATH)
    assert not behind.is_for("https://evil.example/api/users/me", PATH)
    assert not behind.is_for("https://shop.example.com.evil.example/api/users/me", PATH)
    assert not behind.is_for("https://evil.example/https://shop.example.com/api/users/me", PATH)
