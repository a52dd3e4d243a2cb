"""Signing keys: made once, encrypted at rest, shared."""

from __future__ import annotations

import asyncio

import pytest

from models import SigningKey
from service.errors import Misconfigured
from service.runtime import Runtime
from service.stores.keyring import Keyring
from tests.keys.conftest import SECRETS
from tests.support.waiting import unless_away


@pytest.mark.usefixtures("no_keys")
async def test_instances_starting_at_once_agree(runtime: Runtime) -> None:
    """Race: ten instances make one key between them."""
    rings = [Keyring(SECRETS, runtime.clock) for _ in range(10)]
    pairs = await asyncio.gather(*(unless_away(ring.signing_pair) for ring in rings))
    assert len({pair.kid for pair in pairs}) == 1
    assert await SigningKey.all().count() == 1


@pytest.mark.usefixtures("no_keys")
async def test_a_key_that_is_damaged(runtime: Runtime) -> None:
    """However little is left of it: it is one that can't be opened, and nothing fails."""
    pair = await Keyring(SECRETS, runtime.clock).signing_pair()
    for damaged in (b"", b"\0", pair.kid.encode()):
        await SigningKey.filter(kid=pair.kid).update(private_encrypted=damaged)
        ring = Keyring(SECRETS, runtime.clock)
        assert await ring.count() == (0, 1)
        with pytest.raises(Misconfigured):
            await ring.signing_pair()


@pytest.mark.usefixtures("no_keys")
async def test_private_half_is_encrypted(runtime: Runtime) -> None:
    """R42, R66: a dump of the database gives nobody the key; it is bound to its row."""
    ring = Keyring(SECRETS, runtime.clock)
    pair = await ring.signing_pair()
    row = await SigningKey.get(kid=pair.kid)
    number = pair.private.private_numbers().private_value.to_bytes(32, "big")
    assert number not in row.private_encrypted
    assert "d" not in row.public_jwk
    stranger = Keyring(("a secret that has never been used by anyone",), runtime.clock, new_secret=True)
    await stranger.load()
    assert (await stranger.signing_pair()).kid != pair.kid


@pytest.mark.usefixtures("no_keys")
async def test_a_wrong_secret_makes_no_key(runtime: Runtime) -> None:
    """R42: a SECRET_KEY that opens no key is taken for a mistake until somebody says that it is new; beside a right one
    it is none. A database without keys has a first one made under any.
    """
    right, wrong = SECRETS[0], "a secret that has never been used by anyone"
    pair = await Keyring((right,), runtime.clock).signing_pair()
    ring = Keyring((wrong,), runtime.clock)
    for ask in (ring.signing_pair, ring.published, ring.demand_fit):
        with pytest.raises(Misconfigured) as refused:
            await ask()
        assert "SECRET_KEY opens none of the 1 signing key(s)" in refused.value.says
    assert await ring.signing_kid() is None
    assert await ring.public_key(pair.kid) is not None  # who it let in is let in
    assert await ring.count() == (0, 1)
    assert [key.kid for key in await SigningKey.all()] == [pair.kid]
    assert (await Keyring((wrong, right), runtime.clock).signing_pair()).kid == pair.kid
    new = await Keyring((wrong,), runtime.clock, new_secret=True).signing_pair()
    assert (await ring.signing_pair()).kid == new.kid  # said once, by whomever, it holds for all
    await SigningKey.all().update(retired_at=runtime.clock.now())
    assert (await Keyring((SECRETS[1],), runtime.clock).signing_pair()).kid not in (pair.kid, new.kid)


@pytest.mark.usefixtures("no_keys")
async def test_secret_rotation_keeps_the_key(runtime: Runtime) -> None:
    """R44: with the new secret in front and the old one behind, the same key goes on signing."""
    before = await Keyring(SECRETS[:1], runtime.clock).signing_pair()
    after = await Keyring((SECRETS[1], SECRETS[0]), runtime.clock).signing_pair()
    assert before.kid == after.kid


@pytest.mark.usefixtures("no_keys")
async def test_a_key_that_cannot_be_opened(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    """R44: sealed under a secret that is gone, it verifies still and signs no more; the log says so, once for each."""
    old = await Keyring(SECRETS[:1], runtime.clock).signing_pair()
    ring = Keyring(SECRETS[1:2], runtime.clock, new_secret=True)
    caplog.clear()
    assert (await ring.signing_pair()).kid != old.kid
    assert await ring.public_key(old.kid) is not None
    await ring.load()
    said = [record for record in caplog.records if record.getMessage() == "signing_key.unreadable"]
    assert [(record.levelname, vars(record)["latchkey_fields"]["kid"]) for record in said] == [("WARNING", old.kid)]


@pytest.mark.usefixtures("no_keys")
async def test_kid_is_the_thumbprint(runtime: Runtime) -> None:
    """RFC 7638, as an independent library computes it."""
    from joserfc.jwk import ECKey

    published = (await Keyring(SECRETS, runtime.clock).published())[0]
    assert (
        ECKey.import_key({name: published[name] for name in ("kty", "crv", "x", "y")}).thumbprint() == published["kid"]
    )


@pytest.mark.usefixtures("no_keys")
async def test_new_and_retired_keys(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R44: an unknown kid is looked up; a retired key is neither published nor accepted after the next look."""
    ring = Keyring(SECRETS, runtime.clock)
    old = await ring.signing_pair()
    newcomer = Keyring(SECRETS, runtime.clock)
    new = await newcomer.add(None)
    assert await ring.public_key(new) is None  # looked up at most every two seconds
    monkeypatch.setattr("service.stores.keyring.RELOAD_SECONDS", 0)
    assert await ring.public_key(new) is not None
    await SigningKey.filter(kid=old.kid).update(retired_at=runtime.clock.now())
    await ring.load()
    assert await ring.public_key(old.kid) is None
    assert [key["kid"] for key in await ring.published()] == [new]


async def test_made_up_names_are_no_flood(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many unknown names at once cost one look at the database, and none for the next two seconds."""
    ring = Keyring(SECRETS, runtime.clock)
    looks = 0
    original = ring.load

    async def counted() -> None:
        nonlocal looks
        looks += 1
        await original()

    monkeypatch.setattr(ring, "load", counted)
    assert await asyncio.gather(*(ring.public_key(f"made-up-{number}") for number in range(50))) == [None] * 50
    assert await ring.public_key("another") is None
    assert looks == 1


async def test_database_away(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: while the keys can't be read, a token isn't bad: the answer is 503, and the next try looks again."""
    from service.errors import Unavailable

    ring = Keyring(SECRETS, runtime.clock)

    async def away() -> None:
        raise Unavailable("database")

    with monkeypatch.context() as patched:
        patched.setattr(ring, "load", away)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await ring.public_key("some")
    kid = (await runtime.keyring.signing_pair()).kid
    assert await ring.public_key(kid) is not None
