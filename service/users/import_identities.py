"""Accounts at other providers in files: what each system calls a provider and a person there, in our words.

What opens an account is believed by issuer and subject alone: so only those come along whose subject is, for certain,
what the provider will say here as well. The others stay behind, each named, and whoever has one links it anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from service.core.text.printable import plain_text
from service.credentials.identities import External
from service.settings import Settings
from service.users.import_records import Record
from service.users.import_values import is_nothing

MOST: Final = 20
"""Accounts at providers of one account here."""

_LONGEST: Final = 255
_LONGEST_ADDRESS: Final = 320
_OURS: Final = frozenset({"provider", "issuer", "subject", "email"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A provider that is known: what a subject of its looks like."""

    issuer: str
    subject: re.Pattern[str]


KINDS: Final[Mapping[str, Kind]] = {
    "google": Kind("https://accounts.google.com", re.compile(r"[0-9]{1,64}")),
    "github": Kind("https://github.com", re.compile(r"[1-9][0-9]{0,18}")),
    # Of one team: the same team's here as there.
    "apple": Kind("https://appleid.apple.com", re.compile(r"[0-9]{6}\.[0-9a-f]{32}\.[0-9]{4}")),
}
_KNOWN_BY_NAME: Final = frozenset({*KINDS, "microsoft"})
_ID: Final = re.compile(r"[a-z][a-z0-9]{0,30}")
_ANY: Final = re.compile(r"[\x20-\x7e]{1,255}")  # OpenID Connect Core 1.0, section 2: ASCII, at most 255
_TENANT: Final = re.compile(r"https://login\.microsoftonline\.com/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/v2\.0")

_CALLED: Final[Mapping[str, str]] = {
    "google": "google", "google-oauth2": "google", "google.com": "google",
    "github": "github", "github.com": "github", "apple": "apple", "apple.com": "apple",
}  # fmt: skip
_MICROSOFTS: Final = frozenset({
    "microsoft", "microsoft.com", "azure", "azuread", "azure-ad", "azureadv2", "waad", "windowslive", "live", "entra",
})  # fmt: skip
_OF_ITS_OWN: Final = frozenset({
    "auth0", "email", "password", "phone", "sms", "emaillink", "anonymous", "credential", "credentials",
})  # fmt: skip
"""What systems list beside providers: their own passwords, and what they send."""

_MICROSOFT: Final = (
    "Microsoft names a person differently to each application, and what the file has is another one's name for them"
)
_UNKNOWN: Final = "no provider of that name is known: say which issuer it is with --provider"
_NO_ISSUER: Final = "no provider of that issuer is known: say what you call it with --provider"
_NO_SUBJECT: Final = "that is no subject which this provider gives"
_TWICE: Final = "it opens another account here"
_UNCONFIRMED: Final = "nobody has confirmed the address (email_verified)"


@dataclass(frozen=True, slots=True)
class Claimed:
    """An account at a provider as a file has it: by the system's name of the provider, or by its issuer."""

    name: str
    subject: object = field(repr=False)
    email: object = field(default=None, repr=False)
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """One that whoever imports has named: what the settings call it, what the file calls it, which issuer it is."""

    id: str
    called: str
    issuer: str


class NoIdentities(ValueError):
    """What should be a list of accounts at providers is none; the text says so, without repeating it."""


def settle(
    claims: Iterable[Claimed], named: Iterable[Provider], *, confirmed: bool
) -> tuple[tuple[External, ...], tuple[str, ...]]:
    """Return the accounts at providers that come along, and of the others what they are and why they don't.

    None do on an account whose mailbox may be somebody else's (`confirmed`): they would be a stranger's way in.
    """
    found, left = list[External](), list[str]()
    named = tuple(named)
    for claim in claims:
        name = claim.name.strip().lower()
        if name in _OF_ITS_OWN and claim.issuer is None:
            continue
        said = _settled(claim, name, named) if confirmed else _UNCONFIRMED
        if len(found) == MOST:
            said = f"there are more than {MOST}"
        if isinstance(said, str):
            left.append(stays_behind(plain(claim.name or claim.issuer or "a provider"), said))
        elif all((said.issuer, said.subject) != (one.issuer, one.subject) for one in found):
            found.append(said)
    return tuple(found), tuple(dict.fromkeys(left))


def named(text: str) -> Provider:
    """Read `OURS=ISSUER`, or `OURS:THEIRS=ISSUER`. Raises ValueError with what is wrong, in words."""
    names, parted, issuer = text.partition("=")
    ours_, _, theirs = names.partition(":")
    if not parted or not _ID.fullmatch(ours_):
        raise ValueError("write what PROVIDERS calls it, = and its issuer: corp=https://id.example.com")
    if not issuer.isascii() or not issuer.startswith("https://") or len(issuer) > _LONGEST:
        raise ValueError("an issuer is an address with https://")
    known = KINDS.get(ours_)
    if (known and known.issuer != issuer) or (ours_ == "microsoft" and not _TENANT.fullmatch(issuer)):
        raise ValueError(f"that is no issuer of {ours_}'s")
    return Provider(ours_, theirs or ours_, issuer)


def configured(settings: Settings) -> tuple[Provider, ...]:
    """Return the providers of an operator's choice that the settings name, with their issuers.

    By the settings' names: the feature that brings them may have been taken out.
    """
    named_ = [str(name) for name in getattr(settings, "PROVIDERS", ())]
    issuers = {name: str(getattr(settings, f"PROVIDER_{name.upper()}_ISSUER", "")) for name in named_}
    return tuple(
        Provider(name, name, issuer) for name, issuer in issuers.items() if issuer and name not in _KNOWN_BY_NAME
    )


def stays_behind(name: str, why: str) -> str:
    """Return the note about an account at a provider that doesn't come along."""
    return f"its account at {name} stays behind: {why}"


def taken(external: External) -> str:
    """Return the note about an account at a provider that opens another account here."""
    return stays_behind(external.provider, _TWICE)


def plain(name: str) -> str:
    """Return what a file calls a provider, fit to be said."""
    return re.sub(r"[^\w.:/@ -]", "?", name)[:60]


def _settled(claim: Claimed, name: str, named: tuple[Provider, ...]) -> External | str:
    """Return an account at a provider in our words, or why there is none."""
    subject = _text(claim.subject)
    if claim.issuer is None and name in _MICROSOFTS and not any(one.called.lower() == name for one in named):
        return _MICROSOFT
    who = _provider(claim, name, named)
    if isinstance(who, str):
        return who
    known = KINDS.get(who.id)
    shape = known.subject if known and known.issuer == who.issuer else _ANY
    if subject is None or not shape.fullmatch(subject):
        return _NO_SUBJECT
    return External(who.id, who.issuer, subject, _address(claim.email))


def _provider(claim: Claimed, name: str, named: tuple[Provider, ...]) -> Provider | str:
    for one in named:
        if claim.issuer == one.issuer or (claim.issuer is None and one.called.lower() == name):
            return one
    if claim.issuer is None:
        kind = _CALLED.get(name)
        return Provider(kind, name, KINDS[kind].issuer) if kind else _UNKNOWN
    for kind, known in KINDS.items():
        if known.issuer == claim.issuer:
            return Provider(kind, name, known.issuer)
    # Whoever keeps the application at Microsoft, and has what it called people, can say so.
    return Provider("microsoft", name, claim.issuer) if _TENANT.fullmatch(claim.issuer) else _NO_ISSUER


def _text(value: object) -> str | None:
    """Return a subject: GitHub's are numbers in some exports."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _address(value: object) -> str | None:
    """Return what the provider called the user's address, where that can be shown: nothing depends on it."""
    if not isinstance(value, str) or is_nothing(value) or len(value) > _LONGEST_ADDRESS:
        return None
    try:
        return plain_text(value.strip())
    except ValueError:
        return None


def ours(given: object) -> Iterator[Claimed]:
    """Read our own form, a list of `{"provider" or "issuer", "subject", "email"}`; in a table it is a cell with JSON.

    Raises `NoIdentities`.
    """
    for one in _list(given):
        if not isinstance(one, Mapping) or not set(one) <= _OURS:
            raise NoIdentities("identities: each is an object with provider or issuer, subject and email")
        name, issuer = one.get("provider"), one.get("issuer")
        if is_nothing(name) and is_nothing(issuer):
            raise NoIdentities("identities: each has a provider or an issuer")
        yield Claimed(
            str(name) if not is_nothing(name) else "",
            one.get("subject"),
            one.get("email"),
            None if is_nothing(issuer) else str(issuer),
        )


def auth0(given: Record) -> Iterator[Claimed]:
    """Read `identities` of a user; where there are none, the one in `user_id`: `google-oauth2|1150…`."""
    found = [one for one in _leniently(given.get("identities")) if isinstance(one, Mapping)]
    if not found and isinstance(whole := given.get("user_id"), str) and "|" in whole:
        provider, _, rest = whole.partition("|")
        found = [{"provider": provider, "user_id": rest, "connection": rest.partition("|")[0]}]
    for one in found:
        name, subject, data = str(one.get("provider") or ""), one.get("user_id"), one.get("profileData")
        if name in _GENERIC:  # one of several: what it is called is the connection's
            name = str(one.get("connection") or name)
            subject = subject.removeprefix(f"{name}|") if isinstance(subject, str) else subject
        # The first is what the user's own members are of.
        yield Claimed(name, subject, (data if isinstance(data, Mapping) else given).get("email"))


_GENERIC: Final = frozenset({"oidc", "oauth2", "okta", "custom"})


def keycloak(given: Record) -> Iterator[Claimed]:
    """Read `federatedIdentities` of a user: the provider by its alias."""
    for one in _leniently(given.get("federatedidentities")):
        if isinstance(one, Mapping):
            name = one.get("userName")
            email = name if isinstance(name, str) and "@" in name else None
            yield Claimed(str(one.get("identityProvider") or ""), one.get("userId"), email)


def supabase(given: Record) -> Iterator[Claimed]:
    """Read rows of `auth.identities`, which are put beside their user: docs/moving-in.md has the query."""
    for one in _leniently(given.get("identities")):
        if not isinstance(one, Mapping):
            continue
        data = one.get("identity_data")
        data = data if isinstance(data, Mapping) else {}
        # Before there was `provider_id`, `id` was the provider's.
        subject = next((told for told in (one.get("provider_id"), data.get("sub"), one.get("id")) if told), None)
        provider = str(one.get("provider") or "").removeprefix("custom:")
        yield Claimed(provider, subject, one.get("email") or data.get("email"))


def firebase(given: Record) -> Iterator[Claimed]:
    """Read `providerUserInfo`, and what the columns of CSV have of Google and GitHub."""
    for one in _leniently(given.get("provideruserinfo")):
        if isinstance(one, Mapping):
            provider = str(one.get("providerId") or "")
            yield Claimed(provider.removeprefix("oidc."), one.get("rawId"), one.get("email"))
    for name in ("google.com", "facebook.com", "twitter.com", "github.com"):
        if not is_nothing(given.get(f"{name} id")):
            yield Claimed(name, given.get(f"{name} id"), given.get(f"{name} email"))


def _list(given: object) -> list[object]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            raise NoIdentities("identities: that is no JSON") from None
    if not isinstance(given, list):
        raise NoIdentities("identities: that is no list")
    return given


def _leniently(given: object) -> list[object]:
    """Return a list of another system's; none where it is something else."""
    try:
        return [] if is_nothing(given) else _list(given)
    except NoIdentities:
        return []
