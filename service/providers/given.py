"""What is set of one provider: PROVIDER_<P>_*, a field for each, and what is wrong with a value."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Final, Literal, cast
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, Field, ValidationInfo
from pydantic.fields import FieldInfo

from service.core.http.networks import is_loopback
from service.settings import Settings

Kind = Literal["openid", "google", "microsoft", "apple", "github"]

ID: Final = re.compile(r"[a-z][a-z0-9]{0,30}", re.ASCII)
KNOWN: Final[tuple[Kind, ...]] = ("google", "github", "microsoft", "apple")
TENANTS: Final = ("common", "organizations", "consumers")
TENANT: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_VERSION: Final = "/v2.0"
_LONGEST: Final = 255  # an issuer is a column of the table of identities
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)  # RFC 6749 section 3.3
_NAMES: Final = {"google": "Google", "github": "GitHub", "microsoft": "Microsoft", "apple": "Apple"}
_ANY: Final[tuple[Kind, ...]] = ("openid", *KNOWN)
_WITH_SECRET: Final[tuple[Kind, ...]] = ("openid", "google", "github", "microsoft")


def kind_of(provider: str) -> Kind:
    """Return what kind of provider the settings mean by a name; a name that isn't known is an OpenID provider."""
    return next((known for known in KNOWN if known == provider), "openid")


@dataclass(frozen=True, slots=True)
class Given:
    """One provider as the settings have it. Empty: not set, or not of this kind."""

    id: str
    name: str
    client_id: str
    client_secret: str = field(repr=False)
    issuer: str
    tenant: str
    scopes: tuple[str, ...]
    emails_trusted: bool
    trusts_mfa: bool
    team: str
    key_id: str
    key: str = field(repr=False)

    @property
    def kind(self) -> Kind:
        """What kind of provider it is."""
        return kind_of(self.id)


def given(settings: Settings, provider: str) -> Given:
    """Return what is set of a provider that PROVIDERS names."""

    def text(suffix: str) -> str:
        return str(getattr(settings, name_of(provider, suffix), ""))

    return Given(
        id=provider,
        name=text("NAME") or _NAMES.get(provider) or provider.capitalize(),
        client_id=text("ID"),
        client_secret=text("SECRET"),
        issuer=text("ISSUER"),
        tenant=text("TENANT"),
        scopes=tuple(text("SCOPES").split()),
        emails_trusted=text("EMAILS") == "trusted",
        trusts_mfa=getattr(settings, name_of(provider, "TRUST_MFA"), False) is True,
        team=text("TEAM"),
        key_id=text("KEY_ID"),
        key=text("KEY"),
    )


def name_of(provider: str, suffix: str) -> str:
    """Return what a setting of a provider is called."""
    return f"PROVIDER_{provider.upper()}_{suffix}"


@dataclass(frozen=True, slots=True)
class Member:
    """A setting that each provider of some kinds has."""

    suffix: str
    kinds: tuple[Kind, ...]
    about: str
    type: object = str
    default: str | bool = ""
    check: Callable[[str, str, ValidationInfo], str] | None = None
    secret: bool = False

    def field(self, provider: str) -> tuple[object, FieldInfo]:
        """Return the field of a provider's setting, as pydantic takes it."""
        kind = self.type
        if self.check is not None:
            kind = Annotated[str, AfterValidator(partial(_checked, self.check, provider))]
        made = Field(default=self.default, validate_default=True, repr=not self.secret, description=self.about)
        return kind, cast(FieldInfo, made)


def _checked(check: Callable[[str, str, ValidationInfo], str], provider: str, value: str, info: ValidationInfo) -> str:
    return check(provider, value, info)


def _needed(provider: str, value: str, _info: ValidationInfo) -> str:
    if not value:
        raise ValueError(f"must be set, for PROVIDERS names {provider}")
    if not value.isascii() or not value.isprintable():
        raise ValueError("has characters that no provider gives out")
    return value


def _issuer(provider: str, value: str, info: ValidationInfo) -> str:
    kind = kind_of(provider)
    if not value:
        if kind == "openid":
            raise ValueError(f"must be set, for PROVIDERS names {provider}: what its metadata call `issuer`")
        return value
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http") or not value.isascii() or len(value) > _LONGEST:
        raise ValueError("must be an address, as its metadata write `issuer`, letter by letter: https://…")
    if parts.query or parts.fragment or parts.username is not None or value.endswith(("?", "#")):
        raise ValueError("an issuer has no ?, no # and no user in it (OpenID Connect Discovery, section 2)")
    here = parts.scheme == "http" and is_loopback(host) and info.data.get("ENVIRONMENT") != "production"
    if parts.scheme != "https" and not here:
        raise ValueError("must be https://…; while developing, http:// on this machine")
    if kind not in ("openid", "microsoft") and not here:
        raise ValueError(f"leave it out: {_NAMES[kind]} has one only (while developing, a stand-in on this machine)")
    if kind == "microsoft" and not _tenant_in(value):
        raise ValueError("must end with a tenant's id and /v2.0, or use the one for _TENANT")
    return value


def _tenant_in(issuer: str) -> str:
    tenant = issuer.removesuffix(_VERSION).rpartition("/")[2]
    fits = issuer.endswith(_VERSION) and (tenant in TENANTS or TENANT.fullmatch(tenant))
    return tenant if fits else ""


def _tenant(provider: str, value: str, info: ValidationInfo) -> str:
    value = value.lower()
    issuer = str(info.data.get(name_of(provider, "ISSUER"), ""))
    if value and issuer:
        raise ValueError(f"{name_of(provider, 'ISSUER')} says it already: leave out one of them")
    if value and value not in TENANTS and not TENANT.fullmatch(value):
        raise ValueError(f"must be {', '.join(TENANTS)}, or the id of a tenant: 8 digits, - and so on, not its domain")
    return value or _tenant_in(issuer) or "common"


def _shown_name(_provider: str, value: str, _info: ValidationInfo) -> str:
    if not value.isprintable() or len(value) > 50:
        raise ValueError("must be a name of at most 50 characters, to be read on a button")
    return value


def _scopes(_provider: str, value: str, _info: ValidationInfo) -> str:
    found = value.replace(",", " ").split()
    if not all(map(_SCOPE.fullmatch, found)):
        raise ValueError("must be names of scopes with blanks between them")
    return " ".join(found)


def _apple_key(provider: str, value: str, _info: ValidationInfo) -> str:
    if not value:
        return _needed(provider, value, _info)
    text = value.replace("\\n", "\n")
    if "-----BEGIN" not in text:
        try:
            text = b64decode(text, validate=True).decode("ascii")
        except (NotBase64, ValueError):
            text = ""
    if not is_signing_key(text):
        raise ValueError("is no key as Apple gives it: the text of AuthKey_….p8, or base64 of that")
    return text


def is_signing_key(text: str) -> bool:
    """Return whether a text is a private key that signs by ES256, in PEM without a password."""
    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)


def _ten(provider: str, value: str, info: ValidationInfo) -> str:
    if not re.fullmatch(r"[A-Z0-9]{10}", _needed(provider, value, info), re.ASCII):
        raise ValueError("is ten capitals and digits, as Apple shows it")
    return value


MEMBERS: Final = (
    Member("ID", _ANY, "The client id that the provider has given you; Apple calls it Services ID.", check=_needed),
    Member("SECRET", _WITH_SECRET, "The client secret that goes with it. Apple gives a key.", check=_needed,
           secret=True),
    Member(
        "ISSUER", _ANY, "Whose accounts these are, of a provider of your choice: `issuer` in its metadata, letter by "
        "letter. Of the known ones only Microsoft's may be set, for one tenant; while developing, each may be a "
        "stand-in on this machine.", check=_issuer,
    ),
    Member(
        "TENANT", ("microsoft",), "Microsoft: whose accounts. `common` (anybody's; the default), `organizations`, "
        "`consumers`, or the id of a tenant, which then answers for its users' addresses.", check=_tenant,
    ),
    Member("NAME", _ANY, "What people read on the button. Empty: its own, or what PROVIDERS calls it.",
           check=_shown_name),
    Member(
        "EMAILS", ("openid",), "A provider of your choice: `trusted` believes its `email_verified`. Whoever runs it "
        "then says whose addresses are whose.", type=Literal["untrusted", "trusted"], default="untrusted",
    ),
    Member(
        "TRUST_MFA", ("openid", "google", "microsoft"), "Where it says that it has asked for a second factor (`amr`, "
        "`acr`), the log-in has one here, too. GitHub and Apple say no such thing.", type=bool, default=False,
    ),
    Member("SCOPES", _WITH_SECRET, "Scopes to ask for besides, with blanks between them; not of Apple.", check=_scopes),
    Member("TEAM", ("apple",), "Apple: the id of your team.", check=_ten),
    Member("KEY_ID", ("apple",), "Apple: the id of the key.", check=_ten),
    Member(
        "KEY", ("apple",), "Apple: the key that signs the client's secret, anew for each call: the text of "
        "`AuthKey_….p8`, or base64 of that.", check=_apple_key, secret=True,
    ),
)  # fmt: skip
SUFFIXES: Final = frozenset(member.suffix for member in MEMBERS)


def fields_of(provider: str) -> Iterator[tuple[str, tuple[object, FieldInfo]]]:
    """Yield the settings of one provider: name, type, field."""
    for member in MEMBERS:
        if kind_of(provider) in member.kinds:
            yield name_of(provider, member.suffix), member.field(provider)
