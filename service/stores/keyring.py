"""The signing keys: made on first need, private halves encrypted at rest, shared by all instances through the database.

Every key that isn't retired is published and accepted; the newest whose private half this instance can read signs.
So a new key, or a new SECRET_KEY, takes over without logging anyone out (SECURITY.md R43, R44). But a SECRET_KEY that
opens none of them is a wrong one, until somebody says that it is new: nothing is made under it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode

from models import SigningKey
from service.core.clock import Clock
from service.core.crypto.sealing import Sealer
from service.core.faults import is_well
from service.core.sql.transactions import after_commit, exclusive
from service.core.telemetry.logs import log_event
from service.errors import Misconfigured, Unavailable

ALGORITHM = "ES256"
RELOAD_SECONDS = 2.0  # how often unknown names may be looked up
FRESH_SECONDS = 3.0  # what is known is looked up anew after this, behind the scenes ...
STALE_SECONDS = 10.0  # ... and after this before it is used
_CREATE_LOCK = 0x4C6B6579
KEYS = "signing keys"
"""What is said to be out of order where SECRET_KEY is another one."""
FIX = (
    "Give the SECRET_KEY that belongs to this database, beside a new one if there is one (SECRET_KEY=new,old). If a "
    "new one alone is meant, run `latchkey keys rotate --new-secret` with it, or set NEW_SECRET=yes"
)


@dataclass(frozen=True, slots=True)
class SigningPair:
    """The key that signs."""

    kid: str
    private: EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """Since when the key signs that signs now, and when the next one takes over, if one waits."""

    since: datetime
    next_at: datetime | None


class Keyring:
    """The keys this instance knows. Reading the database raises `Unavailable` when that is out of reach.

    What is known is used while it is looked up anew, so that a key that another instance made, or retired, is noticed
    within seconds, and a database that is away fails nothing that is known already.
    """

    def __init__(self, secrets: tuple[str, ...], clock: Clock, *, new_secret: bool = False) -> None:
        """With `new_secret` a key is made also where there are others, and none opens under the secrets."""
        self._new_secret = new_secret
        self._sealer = Sealer(secrets, "signing key")
        self._clock = clock
        self._public: dict[str, EllipticCurvePublicKey] = {}
        self._jwks: list[dict[str, str]] = []
        self._pairs: dict[str, SigningPair | None] = {}  # None: sealed under a secret that isn't given
        self._signing: SigningPair | None = None
        self.times: KeyTimes | None = None  # as of the last time that the keys were read; None: none signs
        self._loaded_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    async def signing_pair(self) -> SigningPair:
        """Return the key that signs, made now if there is none yet. Raises what `demand_fit` does."""
        if self._signing is None:
            await self.demand_fit()
        if self._signing is None:
            await self._create()
        assert self._signing is not None  # noqa: S101 - load() after a create() finds what it stored
        await self._keep_up()
        return self._signing

    async def demand_fit(self) -> None:
        """Raise `Misconfigured` where there are keys, and the secrets open none: they are another database's.

        Not where that is meant. What is known of a key that signs is taken for good.
        """
        if self._signing is None:
            await self.load()
        if self._signing is None and self._public and not self._new_secret:
            says = f"SECRET_KEY opens none of the {len(self._public)} signing key(s) of this database"
            raise Misconfigured(KEYS, says, FIX, "secret")
        is_well(KEYS)

    async def signing_kid(self) -> str | None:
        """Return the name of the key that signs, as it is in the database now; None where there is none to us."""
        await self.load()
        return self._signing.kid if self._signing else None

    async def public_key(self, kid: str) -> EllipticCurvePublicKey | None:
        """Return the key named `kid`. An unknown name is looked up in the database, at most every two seconds."""
        await self._keep_up()
        found = self._public.get(kid)
        if found is None and time.monotonic() - self._loaded_at >= RELOAD_SECONDS:
            await asyncio.shield(self._look_again())
            found = self._public.get(kid)
        return found

    def knows(self, kid: str) -> bool:
        """Whether `public_key` would return one without waiting."""
        return kid in self._public and time.monotonic() - self._loaded_at < FRESH_SECONDS

    async def published(self) -> list[dict[str, str]]:
        """Return the public keys as JWKs (RFC 7517), the newest first."""
        await self.signing_pair()
        return self._jwks

    async def load(self) -> None:
        """Read the keys from the database."""
        rows = await SigningKey.filter(retired_at=None).order_by("-created_at", "kid")
        self._loaded_at = time.monotonic()
        self._public = {row.kid: self._public.get(row.kid) or _public_key(row.public_jwk) for row in rows}
        self._jwks = [row.public_jwk for row in rows]
        self._pairs = {row.kid: self._pairs.get(row.kid) or self._open(row) for row in rows}
        readable = [(row, pair) for row in rows if (pair := self._pairs[row.kid])]
        now = self._clock.now()
        active = [pair for row, pair in readable if row.active_from is None or row.active_from <= now]
        # A key that waits for its time signs only where there is no other: that is better than none.
        self._signing = next(iter(active or [pair for _, pair in readable]), None)
        since = next((row.active_from or row.created_at for row, pair in readable if pair is self._signing), None)
        later = [row.active_from for row, pair in readable if row.active_from and row.active_from > now]
        self.times = KeyTimes(since, min(later, default=None)) if since is not None else None

    async def add(self, active_from: datetime | None) -> str:
        """Make a key that signs from `active_from` on (None: at once), and return its name."""
        private = generate_private_key(SECP256R1())
        while (jwk := _jwk(private.public_key()))["kid"].startswith("-"):  # a command would take it for an option
            private = generate_private_key(SECP256R1())
        plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        await SigningKey.create(
            kid=jwk["kid"],
            algorithm=ALGORITHM,
            public_jwk=jwk,
            private_encrypted=self._sealer.seal(plain, jwk["kid"].encode()),
            created_at=self._clock.now(),
            active_from=active_from,
        )
        after_commit(lambda: log_event("signing_key.created", kid=jwk["kid"]))
        return jwk["kid"]

    async def replace(self) -> tuple[str, int]:
        """Make a key that signs at once, and retire all others; return its name, and how many those were.

        Part of the caller's transaction. Access tokens that the others signed are refused, and their clients refresh.
        """
        kid = await self.add(None)
        others = SigningKey.filter(retired_at=None).exclude(kid=kid)
        return kid, await others.update(retired_at=self._clock.now())

    async def count(self) -> tuple[int, int]:
        """Count the keys in use that the secrets open, and those sealed under another one. Raises `Unavailable`."""
        rows = await SigningKey.filter(retired_at=None)
        good = sum(self._sealer.open(row.private_encrypted, row.kid.encode()) is not None for row in rows)
        return good, len(rows) - good

    async def opens_any(self) -> bool:
        """Return whether a given secret opens one of the keys in use at least, or there is none yet."""
        rows = await SigningKey.filter(retired_at=None)
        return not rows or any(self._sealer.open(row.private_encrypted, row.kid.encode()) for row in rows)

    async def reseal(self) -> int:
        """Seal every key anew under the first secret; return how many. For when the others are to go."""
        count = 0
        for row in await SigningKey.filter(retired_at=None):
            context = row.kid.encode()
            plain = self._sealer.open(row.private_encrypted, context)
            if plain is not None:
                row.private_encrypted = self._sealer.seal(plain, context)
                await row.save(update_fields=["private_encrypted"])
                count += 1
        return count

    async def _keep_up(self) -> None:
        age = time.monotonic() - self._loaded_at
        if age < FRESH_SECONDS:
            return
        looking = self._look_again()
        if age >= STALE_SECONDS:  # nobody has asked for long: what is known may be long retired
            with suppress(Unavailable):
                await asyncio.shield(looking)

    def _look_again(self) -> asyncio.Task[None]:
        """Load once for all who ask meanwhile: made-up names must not become a flood of queries."""
        if self._looking is None:
            self._looking = asyncio.create_task(self.load(), context=Context())  # no part of the caller's transaction
            self._looking.add_done_callback(self._looked)
        return self._looking

    def _looked(self, looking: asyncio.Task[None]) -> None:
        self._looking = None
        if not looking.cancelled():
            looking.exception()  # whoever waits gets it; nobody may be left to

    async def _create(self) -> None:
        async with exclusive(_CREATE_LOCK):
            # Another instance may have made one while this one waited for the lock.
            await self.demand_fit()
            if self._signing is None:
                await self.add(None)
        await self.load()

    def _open(self, row: SigningKey) -> SigningPair | None:
        plain = self._sealer.open(row.private_encrypted, row.kid.encode())
        if plain is not None:
            private = load_der_private_key(plain, None)
            assert isinstance(private, EllipticCurvePrivateKey)  # noqa: S101 - we stored nothing else
            return SigningPair(row.kid, private)
        if row.kid not in self._pairs:
            # Made under a SECRET_KEY that isn't given (any more): still good for verifying, not for signing.
            log_event("signing_key.unreadable", logging.WARNING, kid=row.kid)
        return None


def _jwk(public: EllipticCurvePublicKey) -> dict[str, str]:
    members: Mapping[str, str] = ECAlgorithm.to_jwk(public, as_dict=True)
    key = {name: members[name] for name in ("crv", "kty", "x", "y")}
    # RFC 7638: the thumbprint of the required members in lexicographic order.
    digest = Hash(SHA256())
    digest.update(("{" + ",".join(f'"{name}":"{key[name]}"' for name in sorted(key)) + "}").encode())
    return {**key, "kid": base64url_encode(digest.finalize()).decode(), "use": "sig", "alg": ALGORITHM}


def _public_key(jwk: dict[str, str]) -> EllipticCurvePublicKey:
    key = ECAlgorithm.from_jwk(jwk)
    assert isinstance(key, EllipticCurvePublicKey)  # noqa: S101 - the column holds public keys only
    return key
