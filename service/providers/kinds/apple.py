"""Apple: an OpenID provider whose client secret is signed anew each time, and whose answer is a form.

Its documents: developer.apple.com/documentation/signinwithapplerestapi, "Request an authorization to the Sign in with
Apple server", "Generate and validate tokens", "Creating a client secret", "Authenticating users with Sign in with
Apple".
"""

from __future__ import annotations

from typing import ClassVar, Final

import jwt

from service.core.clock import Clock
from service.core.openid.documents import Nonsense, read_object
from service.core.openid.provider import Provider, Registration
from service.core.outward.client import Outward
from service.providers.kinds.claims import name_in
from service.providers.kinds.openid import Claims, OpenId
from service.providers.parties import Question, Reply
from service.runtime import Runtime

ISSUER: Final = "https://appleid.apple.com"
_SECRET_SECONDS: Final = 300  # it may be half a year; nobody has to remember to make a new one then
_LONGEST: Final = 4096


class Apple(OpenId):
    """Apple. It doesn't say when a log-in was: nobody steps up by it."""

    scopes: ClassVar[tuple[str, ...]] = ("openid", "name", "email")
    proves_fresh: ClassVar[bool] = False

    def made(self, outward: Outward, clock: Clock, *, plain: bool) -> Provider:
        """Return who is asked: Apple, or its stand-in."""
        return Provider(self.given.issuer or ISSUER, outward, clock, plain=plain)

    def further(self, _question: Question) -> dict[str, str]:
        """Return what Apple demands of who asks for a name or an address."""
        return {"response_mode": "form_post"}

    def registration(self, runtime: Runtime) -> Registration:
        """Return how Apple knows us, with a secret that is good for this call."""
        now = int(runtime.clock.timestamp())
        claims = {
            "iss": self.given.team,
            "iat": now,
            "exp": now + _SECRET_SECONDS,
            "aud": ISSUER,
            "sub": self.given.client_id,
        }
        secret = jwt.encode(claims, self.given.key, "ES256", headers={"kid": self.given.key_id})
        return Registration(self.given.client_id, secret)

    async def beside(self, claims: Claims, _tokens: object) -> Claims:
        """Return the ID token's claims: all is there."""
        return claims

    def vouches(self, claims: Claims, _said: Claims, _address: str) -> bool:
        """Return whether Apple says so: it has had its user confirm the address, or the mailbox is Apple's relay."""
        said = claims.get("email_verified")
        return said is True or said == "true"

    def named(self, _said: Claims, reply: Reply) -> str | None:
        """Return the name that the browser brings, once: the user's own words, as anybody's name is."""
        if reply.user is None or len(reply.user) > _LONGEST:
            return None
        try:
            name = read_object(reply.user).get("name")
        except Nonsense:
            return None
        return name_in(name, None, "firstName", "lastName") if isinstance(name, dict) else None
