"""Google: an OpenID provider that knows which addresses are its own.

Its documents: developers.google.com/identity/openid-connect/openid-connect.
"""

from __future__ import annotations

from typing import ClassVar, Final

from service.core.clock import Clock
from service.core.openid.provider import Provider
from service.core.outward.client import Outward
from service.providers.kinds.claims import domain_of
from service.providers.kinds.openid import Claims, OpenId
from service.providers.parties import Question

ISSUER: Final = "https://accounts.google.com"
_OWN: Final = ("gmail.com", "googlemail.com")


class Google(OpenId):
    """Google. It takes `prompt=login` for none of its values and tells nobody unasked when a log-in was: no proof."""

    proves_fresh: ClassVar[bool] = False

    def made(self, outward: Outward, clock: Clock, *, plain: bool) -> Provider:
        """Return who is asked: Google, or its stand-in."""
        return Provider(self.given.issuer or ISSUER, outward, clock, plain=plain)

    def further(self, _question: Question) -> dict[str, str]:
        """Let people choose among their accounts: most are logged in there with one that isn't for this."""
        return {"prompt": "select_account"}

    async def beside(self, claims: Claims, _tokens: object) -> Claims:
        """Return the ID token's claims: all is there."""
        return claims

    def vouches(self, claims: Claims, _said: Claims, address: str) -> bool:
        """Return whether Google runs the mailbox.

        `email_verified` alone tells of a letter that somebody once got: such a mailbox may be another's by now.
        """
        domain = domain_of(address)
        hosted = claims.get("hd")
        runs = domain in _OWN or (isinstance(hosted, str) and hosted.lower() == domain)
        return runs and claims.get("email_verified") is True
