"""Microsoft, by learn.microsoft.com/entra/identity-platform: "ID token claims reference", "Optional claims reference".

For all tenants its metadata call it `…/{tenantid}/v2.0`, and so do its keys in a member `issuer`; a token names the
user's own tenant in `iss` and `tid`. There is no `email_verified`; `xms_edov` only where an application asks for it.
"""

from __future__ import annotations

from typing import Any

from .base import Account, Call, Granted, Said
from .google import rsa_key
from .openid import WELL_KNOWN, OpenId

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


class Microsoft(OpenId):
    """Microsoft. `tenant` is whose user comes; `set_to` what our settings say."""

    id = "microsoft"
    algorithm = "RS256"
    client_id = "6731de76-14a6-49ae-97bc-6eba6914391e"

    def __init__(self, set_to: str = "common") -> None:
        self.set_to = set_to
        super().__init__()

    def reset(self) -> None:
        super().reset()
        self.account = Account("AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "ada@contoso.com", None, "Ada Lovelace")
        self.tenant = TENANT if self.set_to in ("common", "organizations", "consumers") else self.set_to
        self.says_iss = False
        self.claims = {"auth_time": ...}

    @property
    def base(self) -> str:  # type: ignore[override]
        return f"/{self.set_to}/v2.0"

    @property
    def issuer(self) -> str:
        return f"{self.url}/{self.set_to}/v2.0"

    def new_key(self) -> Any:
        return rsa_key()

    def published(self, name: str) -> dict[str, Any]:
        return {**super().published(name), "issuer": self._template}

    @property
    def _template(self) -> str:
        whose = {"common": "{tenantid}", "organizations": "{tenantid}", "consumers": PERSONAL}
        return f"{self.url}/{whose.get(self.set_to, self.set_to)}/v2.0"

    def about(self) -> dict[str, Any]:
        return {**super().about(), "issuer": self._template}

    def id_token(self, granted: Granted) -> str:
        own = {"iss": f"{self.url}/{self.tenant}/v2.0", "tid": self.tenant, "ver": "2.0", "oid": "00000000-0000-0000"}
        said = {**own, "preferred_username": granted.account.email, **self.claims}
        before, self.claims = self.claims, said
        try:
            return super().id_token(granted)
        finally:
            self.claims = before

    def answer(self, call: Call) -> Said:
        if call.path.endswith(WELL_KNOWN) and call.path != f"{self.base}{WELL_KNOWN}":
            return Said(400, {"error": "invalid_tenant"})
        return super().answer(call)
