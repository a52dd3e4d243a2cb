"""What passes between this service and a provider: what is asked, what the browser brings back, who it says is there.

Each kind of provider is a file beside this one, behind `Party`; the flows know no kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from service.credentials.identities import External
from service.runtime import Runtime


class PartyFailed(Exception):
    """The provider is away, slow, or says what can't be used; the text is for the log, and holds no secret."""


class AnswerRefused(Exception):
    """What the browser brought isn't good: a spent code, another provider's answer, a token that isn't for us.

    The text is for the log, and holds no secret.
    """


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser is sent to a provider with. `fresh`: the log-in there has to be a new one."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    challenge: str = field(repr=False)
    """PKCE, S256 (RFC 7636)."""
    redirect_uri: str
    fresh: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the browser brings back, and what the question was."""

    code: str = field(repr=False)
    issuer: str | None
    """`iss` of RFC 9207, None where there was none."""
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    fresh: bool = False
    user: str | None = field(default=None, repr=False)
    """Apple's form has a member of that name, the first time; it is the user's own words."""


@dataclass(frozen=True, slots=True)
class Identified:
    """Who is there, by the provider's word.

    `vouched`: the provider is the authority for `external.email`, or has seen that it is this person's, now. `level` is
    2 where the provider says that it has asked for a second factor, and the settings believe it.
    """

    external: External
    vouched: bool
    full_name: str | None = field(default=None, repr=False)
    level: int = 1


class Party(Protocol):
    """One provider of those that the settings name."""

    @property
    def id(self) -> str:
        """What the settings and addresses call it: `google`, `corp`."""

    @property
    def name(self) -> str:
        """What people call it: `Google`."""

    @property
    def proves_fresh(self) -> bool:
        """Whether it can say that its user has logged in just now: else nobody steps up by it."""

    async def url(self, runtime: Runtime, question: Question) -> str:
        """Return where the browser is to go. Raises `PartyFailed`."""

    async def identify(self, runtime: Runtime, reply: Reply) -> Identified:
        """Return who is there. Raises `PartyFailed`, `AnswerRefused`."""
