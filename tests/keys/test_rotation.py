"""Changing the signing key and the secret: nobody is logged out, and everybody notices."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from models import SecurityEvent, SigningKey
from service.core.clock import Clock
from service.errors import NotFound
from service.jwks import rotation
from service.runtime import Runtime
from service.stores.keyring import STALE_SECONDS, Keyring
from tests.keys.conftest import SECRETS
from tests.support.people import Person, assert_problem


async def kids(client: httpx.AsyncClient) -> list[str]:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    return [key["kid"] for key in answer.json()["keys"]]


def kid_of(token: str) -> str:
    import jwt as pyjwt

    return str(pyjwt.get_unverified_header(token)["kid"])


async def states(runtime: Runtime) -> dict[str, str]:
    return {key.kid: key.state for key in await rotation.list_keys(runtime)}


async def taken_over(runtime: Runtime, clock: Clock) -> str:
    """Rotate at once, and let every instance hear of it."""
    new = await rotation.rotate(runtime, at_once=True)
    assert (await states(runtime))[new] == "waiting"
    clock.advance(rotation.SETTLE_SECONDS + 1)
    await runtime.keyring.load()
    return new


async def test_new_key_is_published_before_it_signs(
    client: httpx.AsyncClient, ada: Person, runtime: Runtime, clock: Clock, no_keys: None
) -> None:
    """R44: verifiers elsewhere may keep the key set for five minutes: only then the new key signs."""
    session = await ada.log_in()
    old = kid_of(session.access_token)
    new = await rotation.rotate(runtime, at_once=False)
    assert await kids(client) == [new, old]
    assert await states(runtime) == {new: "waiting", old: "signing"}
    await session.advance()
    assert kid_of(session.access_token) == old
    clock.advance(300 + rotation.SETTLE_SECONDS + 1)
    await runtime.keyring.load()
    before = session.access_token
    await session.advance()
    assert kid_of(session.access_token) == new
    # The token of the old key still works here, and with an independent library and nothing but the key set.
    session.access_token, new_token = before, session.access_token
    assert (await session.me()).status_code == 200
    published = KeySet.import_key_set((await client.get("/.well-known/jwks.json")).json())
    for token in (before, new_token):
        assert jwt.decode(token, published, algorithms=["ES256"]).claims["sub"] == str(ada.id)


async def test_when_a_key_is_free(ada: Person, runtime: Runtime, clock: Clock, no_keys: None) -> None:
    """R44: when the last token that any instance may have signed with it has run out: no sooner, and not never."""
    old = kid_of((await ada.log_in()).access_token)
    new = await taken_over(runtime, clock)
    waiting = await rotation.rotate(runtime, at_once=False)
    keys = {key.kid: key for key in await rotation.list_keys(runtime)}
    assert (keys[waiting].state, keys[waiting].free_at) == ("waiting", None)
    assert (keys[new].state, keys[new].free_at) == ("signing", None)
    free_at = keys[old].free_at
    assert free_at == keys[new].active_from + runtime.settings.access_token_life + timedelta(seconds=STALE_SECONDS)
    clock.advance((free_at - clock.now()).total_seconds() - 1)
    assert isinstance(await rotation.retire(runtime, old, force=False), rotation.StillNeeded)
    clock.advance(2)
    assert await rotation.retire(runtime, old, force=False) is None
    with pytest.raises(NotFound):
        await rotation.retire(runtime, old, force=False)


async def test_retiring_waits_for_the_last_token(
    client: httpx.AsyncClient, ada: Person, runtime: Runtime, clock: Clock, no_keys: None
) -> None:
    """A key goes when its last token has run out; sooner only by force, and then clients refresh."""
    session = await ada.log_in()
    old = kid_of(session.access_token)
    assert isinstance(await rotation.retire(runtime, old, force=True), rotation.StillNeeded)
    new = await taken_over(runtime, clock)
    refusal = await rotation.retire(runtime, old, force=False)
    assert isinstance(refusal, rotation.StillNeeded)
    assert "may live until" in refusal.reason
    assert await rotation.retire(runtime, old, force=True) is None
    assert await kids(client) == [new]
    assert_problem(await session.me(), 401, "invalid_token")
    await session.advance()
    assert (await session.me()).status_code == 200
    newest = await taken_over(runtime, clock)
    clock.advance(16 * 60)
    assert await rotation.retire(runtime, new, force=False) is None
    assert await states(runtime) == {newest: "signing", new: "retired", old: "retired"}
    recorded = [event for event in await SecurityEvent.all().order_by("created_at") if "signing_key" in event.type]
    assert [(event.type, event.detail) for event in recorded] == [
        ("signing_key.rotated", {"kid": new, "at_once": True}),
        ("signing_key.retired", {"kid": old, "forced": True}),
        ("signing_key.rotated", {"kid": newest, "at_once": True}),
        ("signing_key.retired", {"kid": new, "forced": False}),
    ]


async def test_other_instances_notice(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, no_keys: None) -> None:
    """Within seconds, without a restart: memory serves meanwhile; after a long silence the keys are looked up first."""
    ring = Keyring(SECRETS, runtime.clock)
    old = await ring.signing_pair()
    await Keyring(SECRETS, runtime.clock).add(runtime.clock.now())
    assert await ring.signing_pair() == old
    monkeypatch.setattr("service.stores.keyring.FRESH_SECONDS", 0)
    assert await ring.signing_pair() == old  # answered from memory, while it looks
    assert ring._looking is not None
    await ring._looking
    assert (await ring.signing_pair()).kid != old.kid
    await ring._look_again()  # the look that this has begun could be joined below, and have read the row before
    await SigningKey.filter(kid=old.kid).update(retired_at=runtime.clock.now())
    monkeypatch.setattr("service.stores.keyring.STALE_SECONDS", 0)
    assert await ring.public_key(old.kid) is None


async def test_database_away_fails_no_known_key(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, no_keys: None
) -> None:
    """R73: a key in memory goes on verifying while the database is away."""
    from service.errors import Unavailable

    ring = Keyring(SECRETS, runtime.clock)
    pair = await ring.signing_pair()

    async def away() -> None:
        raise Unavailable("database")

    monkeypatch.setattr(ring, "load", away)
    monkeypatch.setattr("service.stores.keyring.FRESH_SECONDS", 0)
    monkeypatch.setattr("service.stores.keyring.STALE_SECONDS", 0)
    assert await ring.public_key(pair.kid) is not None
    assert await ring.signing_pair() == pair


async def test_sealing_anew(runtime: Runtime, no_keys: None) -> None:
    """R44: once sealed under the new secret, the old one can go, and the same key signs on."""
    pair = await Keyring(SECRETS[:1], runtime.clock).signing_pair()
    both = Keyring((SECRETS[1], SECRETS[0]), runtime.clock)
    assert await both.reseal() == 1
    assert (await Keyring(SECRETS[1:], runtime.clock).signing_pair()).kid == pair.kid
