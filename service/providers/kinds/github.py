"""GitHub: plain OAuth 2.0 (RFC 6749), and an API that says whose the access token is.

Its documents: docs.github.com, "Authorizing OAuth apps", "Troubleshooting OAuth app access token request errors", "Get
the authenticated user", "List email addresses for the authenticated user".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final
from urllib.parse import urlencode

import orjson

from service.core.openid.documents import Nonsense, read_object
from service.core.openid.provider import is_bearer, word
from service.core.outward.calls import Answer, Method, OutwardFailed
from service.core.outward.client import Outward
from service.credentials.identities import External
from service.providers.given import Given
from service.providers.kinds.claims import address_in, name_in
from service.providers.kinds.openid import with_query
from service.providers.parties import AnswerRefused, Identified, PartyFailed, Question, Reply
from service.runtime import Runtime

ISSUER: Final = "https://github.com"
_API: Final = "https://api.github.com"
_MOST_ID: Final = 2**63


class GitHub:
    """GitHub. It doesn't say when a log-in was: nobody steps up by it."""

    proves_fresh: ClassVar[bool] = False

    def __init__(self, given: Given, outward: Outward, *, plain: bool) -> None:
        """Take what is set. `plain`: in development, on this machine, a stand-in may do without TLS."""
        self.id: Final = given.id
        self.name: Final = given.name
        self.given: Final = given
        self._outward = outward
        self._plain = plain
        self._site = given.issuer or ISSUER
        self._api = f"{given.issuer}/api/v3" if given.issuer else _API

    async def url(self, _runtime: Runtime, question: Question) -> str:
        """Return where the browser is to go."""
        asked = {
            "client_id": self.given.client_id,
            "redirect_uri": question.redirect_uri,
            "scope": " ".join(dict.fromkeys(("read:user", "user:email", *self.given.scopes))),
            "state": question.state,
            "code_challenge": question.challenge,
            "code_challenge_method": "S256",
        }
        return with_query(f"{self._site}/login/oauth/authorize", asked)

    async def identify(self, _runtime: Runtime, reply: Reply) -> Identified:
        """Return who is there. Raises `PartyFailed`, `AnswerRefused`."""
        if reply.issuer not in (None, f"{self._site}/login/oauth"):  # RFC 9207, before the code goes anywhere
            raise AnswerRefused("it is another provider's answer")
        token = await self._exchange(reply)
        user = await self._user(token)
        number = user.get("id")
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < _MOST_ID:
            raise PartyFailed("its user has no id")
        address = await self._address(token)
        return Identified(
            External(self.id, self._site, str(number), address), address is not None, name_in(user, "name")
        )

    async def look(self) -> str:
        """Look whether its API answers. Raises `PartyFailed`."""
        answer = await self._call("GET", f"{self._api}/")
        if answer.status not in (200, 401, 403, 429):  # it is there, whatever it thinks of so many questions
            raise PartyFailed(f"its API answers {answer.status}")
        return ""

    async def _exchange(self, reply: Reply) -> str:
        """Exchange the code. A refusal is 200 there, with `error` (its "Troubleshooting")."""
        form = {
            "client_id": self.given.client_id,
            "client_secret": self.given.client_secret,
            "code": reply.code,
            "redirect_uri": reply.redirect_uri,
            "code_verifier": reply.verifier,
        }
        url = f"{self._site}/login/oauth/access_token"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = await self._call("POST", url, headers, urlencode(form).encode())
        found = _object(answer, "its answer to a code")
        error = found.get("error")
        if error in ("bad_verification_code", "invalid_grant"):
            raise AnswerRefused("the provider doesn't take the code: spent, too old, or not its own")
        token = found.get("access_token")
        if answer.status != 200 or error is not None:
            raise PartyFailed(f"it answers a code with {answer.status} {word(error)}")
        if not is_bearer(token):
            raise PartyFailed("its answer to a code has no token in it")
        return token

    async def _user(self, token: str) -> dict[str, object]:
        answer = await self._ask("/user", token)
        if answer.status != 200:
            raise PartyFailed(f"its user: {answer.status}")
        return _object(answer, "its user")

    async def _address(self, token: str) -> str | None:
        """Return the address that its user has made the main one, and confirmed; None where they don't show it."""
        answer = await self._ask("/user/emails", token)
        if answer.status in (403, 404):  # they have taken `user:email` off what they allow
            return None
        try:
            listed = orjson.loads(answer.body) if answer.status == 200 else None
        except orjson.JSONDecodeError:
            listed = None
        if not isinstance(listed, list):
            raise PartyFailed(f"its user's addresses: {answer.status}, and no list")
        for each in listed:
            if isinstance(each, dict) and each.get("primary") is True and each.get("verified") is True:
                return address_in(each)
        return None

    async def _ask(self, path: str, token: str) -> Answer:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        return await self._call("GET", f"{self._api}{path}", headers)

    async def _call(
        self, method: Method, url: str, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Answer:
        """Call, as whom its log knows: a question without `User-Agent` it refuses, and the client has one."""
        try:
            return await self._outward.call(method, url, headers=headers, content=content, named=self._plain)
        except OutwardFailed as failed:
            raise PartyFailed(f"{failed.why}: {failed}") from None


def _object(answer: Answer, what: str) -> dict[str, object]:
    try:
        return read_object(answer.body)
    except Nonsense as nonsense:
        raise PartyFailed(f"{what} ({answer.status}): {nonsense}") from None
