"""Microsoft: one provider with an issuer for every tenant.

Its documents: learn.microsoft.com/entra/identity-platform, "ID token claims reference", "Optional claims reference",
"Access tokens" (how issuers and keys are checked), "Migrate away from using email claims" (`xms_edov`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from service.core.clock import Clock
from service.core.openid.id_tokens import Expected, IdTokenRefused, claimed
from service.core.openid.provider import Provider, Tokens
from service.core.outward.client import Outward
from service.providers.given import TENANT, Given
from service.providers.kinds.openid import Claims, OpenId
from service.providers.parties import Reply
from service.runtime import Runtime

AUTHORITY: Final = "https://login.microsoftonline.com"
PERSONAL: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts."""

_GAP: Final = "{tenantid}"
_YES: Final = (True, 1, "1", "true", "True")


class Microsoft(OpenId):
    """Microsoft's accounts: anybody's, those of organizations, personal ones, or those of one tenant."""

    def made(self, outward: Outward, clock: Clock, *, plain: bool) -> Provider:
        """Return who is asked: for many tenants, one whose issuer has a gap where the tenant's id belongs."""
        tenant = self.given.tenant
        whose = {"common": _GAP, "organizations": _GAP, "consumers": PERSONAL}.get(tenant, tenant)
        authority = authority_of(self.given)
        at = f"{authority}/{tenant}/v2.0"
        return Provider(f"{authority}/{whose}/v2.0", outward, clock, at=at, plain=plain)

    @property
    def _pinned(self) -> bool:
        """Whether these are the accounts of one organization, whose addresses its administrator answers for."""
        return TENANT.fullmatch(self.given.tenant) is not None and self.given.tenant != PERSONAL

    def fits(self, issuer: str) -> bool:
        """Return whether it may be called that: with any tenant's id in the gap."""
        before, gap, behind = self.provider.issuer.partition(_GAP)
        if not gap:
            return issuer == self.provider.issuer
        inside = issuer.removeprefix(before).removesuffix(behind)
        return issuer == f"{before}{inside}{behind}" and self._admits(inside)

    def expected(self, runtime: Runtime, reply: Reply, tokens: Tokens) -> Expected:
        """Return what its ID token has to say: its own `tid` stands in its issuer, or it is refused.

        Keys say whose they are, too: nobody's for all tenants signs for another one than it says.
        """
        template = self.provider.issuer
        found = super().expected(runtime, reply, tokens)
        tenant = claimed(tokens.id_token).get("tid")
        if not isinstance(tenant, str) or not self._admits(tenant):
            raise IdTokenRefused("it is of no tenant that may log in")
        issuer = template.replace(_GAP, tenant)
        general = f"{authority_of(self.given)}/{_GAP}/v2.0"
        return replace(found, issuer=issuer, key_issuers=(issuer, general))

    async def beside(self, claims: Claims, _tokens: Tokens) -> Claims:
        """Return the ID token's claims: Microsoft's other answer has nothing to tell whose an address is."""
        return claims

    def vouches(self, claims: Claims, _said: Claims, _address: str) -> bool:
        """Return whether the domain's owner is the tenant, or the tenant is the one that the settings name.

        Anybody has a tenant, and writes into its users' addresses what they like. A guest of a tenant (`idp`) comes
        from another one.
        """
        at_home = claims.get("idp") in (None, claims["iss"])
        return claims.get("xms_edov") in _YES or (self._pinned and at_home)

    def _admits(self, tenant: str) -> bool:
        """Return whether accounts of a tenant may log in."""
        if self.given.tenant in ("common", "organizations"):
            personal = tenant == PERSONAL
            return TENANT.fullmatch(tenant) is not None and not (personal and self.given.tenant == "organizations")
        return tenant == (PERSONAL if self.given.tenant == "consumers" else self.given.tenant)


def authority_of(given: Given) -> str:
    """Return where tenants are: Microsoft's own, a national cloud, a stand-in."""
    return given.issuer.removesuffix("/v2.0").rpartition("/")[0] or AUTHORITY
