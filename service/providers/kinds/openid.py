"""An OpenID provider of the operator's choice; what the known ones do otherwise is in their own files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final
from urllib.parse import urlencode

from service.core.clock import Clock
from service.core.openid.id_tokens import Expected, IdTokenRefused
from service.core.openid.metadata import Metadata
from service.core.openid.provider import (
    GrantRefused,
    Provider,
    ProviderAway,
    ProviderFailed,
    Registration,
    Tokens,
)
from service.core.outward.client import Outward
from service.credentials.identities import External
from service.providers.given import Given
from service.providers.kinds.claims import address_in, name_in, says_multi_factor
from service.providers.parties import AnswerRefused, Identified, PartyFailed, Question, Reply
from service.runtime import Runtime

FRESH_SECONDS: Final = 60
"""How long a new log-in at the provider may be over when its answer comes: beside the leeway of clocks."""

Claims = Mapping[str, object]


def with_query(address: str, asked: Mapping[str, str]) -> str:
    """Return an address with parameters behind those that it has already."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


class OpenId:
    """A provider by OpenID Connect Core 1.0, with PKCE, `state`, `nonce` and, where there is one, `iss` (RFC 9207)."""

    scopes: ClassVar[tuple[str, ...]] = ("openid", "email", "profile")
    proves_fresh: ClassVar[bool] = True

    def __init__(self, given: Given, outward: Outward, clock: Clock, *, plain: bool) -> None:
        """Take what is set. `plain`: in development, on this machine, it may do without TLS."""
        self.id: Final = given.id
        self.name: Final = given.name
        self.given: Final = given
        self.provider: Final = self.made(outward, clock, plain=plain)

    def made(self, outward: Outward, clock: Clock, *, plain: bool) -> Provider:
        """Return who is asked."""
        return Provider(self.given.issuer, outward, clock, plain=plain)

    async def url(self, _runtime: Runtime, question: Question) -> str:
        """Return where the browser is to go. Raises `PartyFailed`."""
        metadata = await self._metadata()
        asked = {
            "response_type": "code",
            "client_id": self.given.client_id,
            "redirect_uri": question.redirect_uri,
            "scope": " ".join(dict.fromkeys((*self.scopes, *self.given.scopes))),
            "state": question.state,
            "nonce": question.nonce,
            "code_challenge": question.challenge,
            "code_challenge_method": "S256",
        }
        return with_query(metadata.authorization_endpoint, asked | self.further(question))

    async def identify(self, runtime: Runtime, reply: Reply) -> Identified:
        """Return who is there. Raises `PartyFailed`, `AnswerRefused`."""
        metadata = await self._metadata()
        # Before anything is sent: the code of another provider is nothing for this one to see (RFC 9207 section 2.4).
        if reply.issuer is None and metadata.says_iss:
            raise AnswerRefused("it doesn't say whose answer it is, which this provider always does")
        if reply.issuer is not None and not self.fits(reply.issuer):
            raise AnswerRefused("it is another provider's answer")
        try:
            registration = self.registration(runtime)
            tokens = await self.provider.exchange(registration, reply.code, reply.verifier, reply.redirect_uri)
            claims = await self.provider.verify(tokens.id_token, self.expected(runtime, reply, tokens))
            said = await self.beside(claims, tokens)
        except GrantRefused:
            raise AnswerRefused("the provider doesn't take the code: spent, too old, or not its own") from None
        except IdTokenRefused as refused:
            raise AnswerRefused(f"its ID token: {refused}") from None
        except ProviderFailed as failed:
            raise PartyFailed(str(failed)) from None
        if reply.issuer not in (None, claims["iss"]):
            raise AnswerRefused("it is another tenant's answer")
        return self.identified(claims, said, reply)

    async def look(self) -> str:
        """Return what is wrong with its metadata and keys, nothing where they will do. Raises `PartyFailed`: away."""
        try:
            await self.provider.metadata()
            keys = await self.provider.keys()
        except ProviderAway as away:
            raise PartyFailed(str(away)) from None
        except ProviderFailed as failed:
            return str(failed)
        return "" if keys else "it has no key that signs by RS256, ES256 or EdDSA"

    def further(self, question: Question) -> dict[str, str]:
        """Return what is asked besides: for a new log-in, in the user's language (Core, section 3.1.2.1)."""
        asked = {"prompt": "login", "max_age": "0"} if question.fresh else {}
        return asked | ({"ui_locales": question.language} if question.language else {})

    def registration(self, _runtime: Runtime) -> Registration:
        """Return how it knows us."""
        return Registration(self.given.client_id, self.given.client_secret)

    def fits(self, issuer: str) -> bool:
        """Return whether it may be called that."""
        return issuer == self.provider.issuer

    def expected(self, runtime: Runtime, reply: Reply, tokens: Tokens) -> Expected:
        """Return what its ID token has to say. Raises `IdTokenRefused`."""
        return Expected(
            issuer=self.provider.issuer,
            client_id=self.given.client_id,
            nonce=reply.nonce,
            now=runtime.clock.timestamp(),
            max_age=FRESH_SECONDS if reply.fresh else None,
            access_token=tokens.access_token,
        )

    async def beside(self, claims: Claims, tokens: Tokens) -> Claims:
        """Return what it says of the user: some say no more in the ID token than who it is. Raises `ProviderFailed`."""
        if "email" in claims:
            return claims
        return {**await self.provider.userinfo(tokens.access_token, str(claims["sub"])), **claims}

    def vouches(self, _claims: Claims, said: Claims, _address: str) -> bool:
        """Return whether the address is this person's, by the word of somebody who knows."""
        return self.given.emails_trusted and said.get("email_verified") is True

    def identified(self, claims: Claims, said: Claims, reply: Reply) -> Identified:
        """Return who is there, by claims that are genuine."""
        address = address_in(said)
        return Identified(
            external=External(self.id, str(claims["iss"]), str(claims["sub"]), address),
            vouched=address is not None and self.vouches(claims, said, address),
            full_name=self.named(said, reply),
            level=2 if self.given.trusts_mfa and says_multi_factor(claims) else 1,
        )

    def named(self, said: Claims, _reply: Reply) -> str | None:
        """Return what the user is called."""
        return name_in(said, "name", "given_name", "family_name")

    async def _metadata(self) -> Metadata:
        try:
            return await self.provider.metadata()
        except ProviderFailed as failed:
            raise PartyFailed(str(failed)) from None
