"""One OpenID provider, asked: its metadata and keys are kept for a while, its tokens are checked.

All answers of a provider are somebody else's text: read strictly, within five seconds and 64 KiB, from where its
metadata say, which is public unless it is the very host that the settings name.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeGuard, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

from service.core.clock import Clock
from service.core.openid.documents import Nonsense, read_object
from service.core.openid.id_tokens import Expected, UnknownKey, verify_id_token
from service.core.openid.keys import Key, read_keys
from service.core.openid.metadata import Metadata, address_of, read_metadata
from service.core.outward.calls import Answer, Method, OutwardFailed
from service.core.outward.client import Outward

KEPT_SECONDS: Final = 3600.0
AGAIN_SECONDS: Final = 60.0
"""How often at most keys are asked for because a token names one that nobody knows: anybody can make up a name."""

_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
_WORD: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)

T = TypeVar("T")


class ProviderFailed(Exception):
    """The provider is away, or says what can't be used; the text is for the log, and holds no secret."""


class ProviderAway(ProviderFailed):
    """It doesn't answer, or says that it can't just now: a while later it may."""


class GrantRefused(Exception):
    """The provider doesn't take the code: spent, too old, or another's."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for. Used once, and never stored."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registration:
    """How a provider knows us."""

    client_id: str
    client_secret: str = field(repr=False)


class _Kept(Generic[T]):
    """Something asked for when it is wanted, by one for all, and kept for an hour; the old one while that fails.

    Where there is no old one, it has failed for all who were waiting meanwhile: nobody waits once more in their turn.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._value: T | None = None
        self._asked_at = float("-inf")
        self._failure: ProviderFailed | None = None
        self._failures = 0
        self._lock = asyncio.Lock()

    async def get(self, *, newer_than: float = KEPT_SECONDS) -> T:
        """Return it, asked for anew where it is older than so many seconds. Raises `ProviderFailed`."""
        failures = self._failures
        async with self._lock:
            if self._value is None and self._failure is not None and self._failures != failures:
                raise type(self._failure)(str(self._failure))
            if self._value is None or self._clock.timestamp() - self._asked_at >= newer_than:
                try:
                    self._value = await self._ask()
                except ProviderFailed as failure:
                    if self._value is None:
                        self._failure, self._failures = failure, self._failures + 1
                        raise
                self._asked_at = self._clock.timestamp()
            return self._value


class Provider:
    """A provider by its issuer. `plain`: in development, on this machine, it may do without TLS.

    `at` is where its metadata are, if that isn't below its issuer.
    """

    def __init__(
        self, issuer: str, outward: Outward, clock: Clock, *, at: str | None = None, plain: bool = False
    ) -> None:
        """Take who it is; nothing is asked before something is wanted."""
        self.issuer: Final = issuer
        self._at = address_of(at or issuer)
        self._outward = outward
        self._plain = plain
        self._host = urlsplit(at or issuer).hostname
        self._metadata = _Kept(self._ask_metadata, clock)
        self._keys = _Kept(self._ask_keys, clock)

    async def metadata(self) -> Metadata:
        """Return what it says of itself. Raises `ProviderFailed`."""
        return await self._metadata.get()

    async def keys(self) -> tuple[Key, ...]:
        """Return the keys that its signatures can be checked with. Raises `ProviderFailed`."""
        return await self._keys.get()

    async def exchange(self, registration: Registration, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Exchange a code (RFC 6749 section 4.1.3, RFC 7636). Raises `GrantRefused`; `ProviderFailed`."""
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if "client_secret_basic" in metadata.auth_methods or "client_secret_post" not in metadata.auth_methods:
            headers["Authorization"] = _basic(registration)
        else:
            form |= {"client_id": registration.client_id, "client_secret": registration.client_secret}
        content = urlencode(form).encode()
        answer = await self._call("POST", metadata.token_endpoint, headers=headers, content=content)
        found = _object(answer, "its answer to a code")
        if answer.status != 200:
            error = word(found.get("error"))
            if error == "invalid_grant":
                raise GrantRefused
            raise ProviderFailed(f"it answers a code with {answer.status} {error}")
        id_token, access_token = found.get("id_token"), found.get("access_token")
        if not isinstance(id_token, str) or not is_bearer(access_token):
            raise ProviderFailed("its answer to a code has no tokens in it")
        return Tokens(id_token, access_token)

    async def verify(self, token: str, expected: Expected) -> dict[str, object]:
        """Return the claims of a genuine ID token. Raises `IdTokenRefused`; `ProviderFailed`."""
        try:
            return verify_id_token(token, await self._keys.get(), expected)
        except UnknownKey:
            return verify_id_token(token, await self._keys.get(newer_than=AGAIN_SECONDS), expected)

    async def userinfo(self, access_token: str, subject: str) -> dict[str, object]:
        """Return what it says of a user beside the ID token; nothing where it says nothing there (Core, section 5.3).

        Raises `ProviderFailed`, also where it speaks of somebody else.
        """
        metadata = await self.metadata()
        if metadata.userinfo_endpoint is None:
            return {}
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        answer = await self._call("GET", metadata.userinfo_endpoint, headers=headers)
        if answer.status != 200:
            raise ProviderFailed(f"its userinfo: {answer.status}")
        found = _object(answer, "its userinfo")
        if found.get("sub") != subject:
            raise ProviderFailed("its userinfo is about somebody else")
        return found

    async def _ask_metadata(self) -> Metadata:
        answer = await self._call("GET", self._at, headers={"Accept": "application/json"})
        return self._read(answer, "its metadata", lambda body: read_metadata(body, self.issuer, plain=self._plain))

    async def _ask_keys(self) -> tuple[Key, ...]:
        metadata = await self.metadata()
        answer = await self._call("GET", metadata.jwks_uri, headers={"Accept": "application/json"})
        return self._read(answer, "its keys", read_keys)

    async def _call(self, method: Method, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        named = urlsplit(url).hostname == self._host
        try:
            return await self._outward.call(method, url, headers=headers, content=content, named=named or self._plain)
        except OutwardFailed as error:
            raise ProviderAway(f"{error.why}: {error}") from None

    @staticmethod
    def _read(answer: Answer, what: str, read: Callable[[bytes], T]) -> T:
        if answer.status != 200:
            busy = answer.status >= 500 or answer.status == 429
            raise (ProviderAway if busy else ProviderFailed)(f"{what}: {answer.status}")
        try:
            return read(answer.body)
        except Nonsense as error:
            raise ProviderFailed(f"{what}: {error}") from None


def word(said: object) -> str:
    """Return a word of a provider's for the log: whatever is longer than one may be what we have told it."""
    return said if isinstance(said, str) and _WORD.fullmatch(said) else "(no word)"


def is_bearer(token: object) -> TypeGuard[str]:
    """Return whether that can be an access token in a header (RFC 6750 section 2.1)."""
    return isinstance(token, str) and _BEARER.fullmatch(token) is not None


def _object(answer: Answer, what: str) -> dict[str, object]:
    try:
        return read_object(answer.body)
    except Nonsense as error:
        raise ProviderFailed(f"{what} ({answer.status}): {error}") from None


def _basic(registration: Registration) -> str:
    """Return who we are, each half form-encoded first (RFC 6749 section 2.3.1)."""
    pair = f"{quote_plus(registration.client_id)}:{quote_plus(registration.client_secret)}"
    return f"Basic {b64encode(pair.encode()).decode()}"
