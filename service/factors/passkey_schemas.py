"""Bodies and answers about passkeys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from models import Passkey
from service.core.http.messages import RequestModel, ResponseModel
from service.core.text import base64url
from service.core.text.printable import PLAIN_PATTERN, needed_name, seen_name
from service.core.webauthn.ceremonies import ALGORITHMS, Attestation
from service.factors.passkeys_set_up import LONGEST_NAME, Wanted
from service.factors.passkeys_shown import Asked
from service.settings import Settings
from service.signin.passkey_schemas import (
    TIMEOUT,
    BytesField,
    FromBrowser,
    IdField,
    KnownPasskey,
    PasskeyField,
    RequestOptionsResponse,
    ToBrowser,
)
from service.signin.schemas import RecoveryCodes

NameField = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_NAME, json_schema_extra={"pattern": PLAIN_PATTERN}),
    AfterValidator(seen_name),
]
"""What a passkey is called. A name in which nothing is seen is none: it is called after the device then."""


class PasskeyLoginRequest(RequestModel):
    """A passkey that is shown, and nothing else."""

    credential: PasskeyField


class ChallengeRequest(RequestModel):
    """A log-in that asks for a second step."""

    challenge: Annotated[str, Field(min_length=1, max_length=4096, description="From the answer of the first step.")]


class CredProps(FromBrowser):
    """Whether the passkey can be found without knowing whose it is."""

    rk: bool | None = None


class ExtensionsField(FromBrowser):
    """What the browser says of extensions."""

    cred_props: CredProps | None = None


class AttestationField(FromBrowser):
    """What the authenticator has made, and how it is reached."""

    client_data: Annotated[BytesField, Field(alias="clientDataJSON")]
    attestation_object: Annotated[str, Field(min_length=1, max_length=24576)]
    transports: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=10)] | None = None


class NewPasskeyField(FromBrowser):
    """A new passkey: what `navigator.credentials.create()` returns, as JSON."""

    raw_id: IdField
    type: Literal["public-key"]
    response: AttestationField
    client_extension_results: ExtensionsField | None = None

    def shown(self) -> Attestation:
        """Return it as what it is."""
        transports = [name for name in self.response.transports or () if re.fullmatch("[a-z-]{1,11}", name)]
        props = self.client_extension_results.cred_props if self.client_extension_results else None
        return Attestation(
            self.raw_id,
            self.response.client_data,
            self.response.attestation_object,
            tuple(dict.fromkeys(transports)),
            props.rk if props else None,
        )


class NewPasskeyRequest(RequestModel):
    """A new passkey, and what it is to be called: the device, if nothing is said."""

    credential: NewPasskeyField
    name: NameField | None = None
    end_other_sessions: bool = False


class RenameRequest(RequestModel):
    """What a passkey is to be called."""

    name: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_NAME, json_schema_extra={"pattern": PLAIN_PATTERN}),
        AfterValidator(needed_name),
    ]


class PasskeyResponse(ResponseModel):
    """A passkey. `synced`: it is on other devices of its owner's, too. `suspended_at`: it is good for nothing since."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    synced: bool
    suspended_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        """Return how a passkey looks from outside."""
        return cls.model_validate(details(passkey))


class NewPasskeyResponse(PasskeyResponse):
    """A passkey that was set up. Recovery codes come with the first factor."""

    recovery_codes: RecoveryCodes = None


class PartyResponse(ToBrowser):
    """Whose passkey it is to be bound to."""

    id: str
    name: str


class PersonResponse(ToBrowser):
    """Whose it is to be; the browser shows the names."""

    id: str
    name: str
    display_name: str


class AlgorithmResponse(ToBrowser):
    """A kind of key that is taken."""

    type: Literal["public-key"] = "public-key"
    alg: int


class SelectionResponse(ToBrowser):
    """What the passkey should be able to do."""

    resident_key: Literal["preferred"] = "preferred"
    user_verification: Literal["preferred"] = "preferred"


class AskedExtensions(ToBrowser):
    """What the browser is to say of it."""

    cred_props: Literal[True] = True


class CreationOptionsResponse(ToBrowser):
    """What `navigator.credentials.create()` is asked for: for `PublicKeyCredential.parseCreationOptionsFromJSON()`."""

    rp: PartyResponse
    user: PersonResponse
    challenge: str
    pub_key_cred_params: list[AlgorithmResponse]
    timeout: int = TIMEOUT
    exclude_credentials: list[KnownPasskey]
    authenticator_selection: SelectionResponse
    attestation: Literal["none"] = "none"
    extensions: AskedExtensions


class AloneResponse(ToBrowser):
    """What a passkey has to be able to do that opens an account alone."""

    resident_key: Literal["required"] = "required"
    user_verification: Literal["required"] = "required"


class FirstOptionsResponse(ToBrowser):
    """The same for the passkey of a new account: it has to verify its user, and be found without the account."""

    rp: PartyResponse
    user: PersonResponse
    challenge: str
    pub_key_cred_params: list[AlgorithmResponse]
    timeout: int = TIMEOUT
    exclude_credentials: list[KnownPasskey]
    authenticator_selection: AloneResponse
    attestation: Literal["none"] = "none"
    extensions: AskedExtensions


class RelatedOriginsResponse(ResponseModel):
    """Which other sites' pages may ask for these passkeys (WebAuthn L3, 5.11)."""

    origins: list[str]


def details(passkey: Passkey) -> dict[str, object]:
    """Return what is shown of a passkey, in answers and exports."""
    credential = passkey.credential
    return {
        "id": credential.id,
        "name": credential.label or "",
        "created_at": credential.created_at,
        "last_used_at": credential.last_used_at,
        "synced": passkey.backed_up,
        "suspended_at": passkey.suspended_at,
    }


def first_of(settings: Settings, wanted: Wanted) -> FirstOptionsResponse:
    """Return what a browser is to make for an account that isn't there yet."""
    plain = wanting(settings, wanted)
    return FirstOptionsResponse(
        rp=plain.rp,
        user=plain.user,
        challenge=plain.challenge,
        pub_key_cred_params=plain.pub_key_cred_params,
        exclude_credentials=[],
        authenticator_selection=AloneResponse(),
        extensions=plain.extensions,
    )


def known(passkeys: Sequence[tuple[str, list[str]]]) -> list[KnownPasskey]:
    """Return passkeys as browsers are told of them."""
    return [KnownPasskey(id=raw_id, transports=transports) for raw_id, transports in passkeys]


def asking(settings: Settings, asked: Asked) -> RequestOptionsResponse:
    """Return what a browser is asked for."""
    return RequestOptionsResponse(
        challenge=asked.challenge,
        rp_id=settings.passkey_rp_id,
        allow_credentials=None if asked.known is None else known(asked.known),
        user_verification=asked.verification,
    )


def wanting(settings: Settings, wanted: Wanted) -> CreationOptionsResponse:
    """Return what a browser is to make."""
    user = wanted.user
    handle, shown = base64url.encode(user.id.bytes), user.full_name or user.email
    return CreationOptionsResponse(
        rp=PartyResponse(id=settings.passkey_rp_id, name=settings.PROJECT_NAME),
        user=PersonResponse(id=handle, name=user.email, display_name=shown),
        challenge=wanted.challenge,
        pub_key_cred_params=[AlgorithmResponse(alg=number) for number in ALGORITHMS],
        exclude_credentials=known(wanted.known),
        authenticator_selection=SelectionResponse(),
        extensions=AskedExtensions(),
    )


PASSKEY_RESPONSE_EXAMPLE = {
    "id": "0d3f7a5e-3f0a-5b0e-9d6b-6f7d1c2b3a4f",
    "name": "Safari on iPhone",
    "created_at": "2026-11-23T09:00:00Z",
    "last_used_at": "2026-11-26T08:00:00Z",
    "synced": True,
    "suspended_at": None,
}
NEW_PASSKEY_EXAMPLE = {
    "rawId": "mZ4l8s2u0m1Qk7nq3cR9rA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwi...",
        "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViU...",
        "transports": ["internal", "hybrid"],
    },
    "clientExtensionResults": {"credProps": {"rk": True}},
}
CREATION_OPTIONS_EXAMPLE = {
    "rp": {"id": "example.com", "name": "Latchkey"},
    "user": {"id": "nAqo5VpMQo2m7e6Uf3rS2w", "name": "ada@example.com", "displayName": "Ada Lovelace"},
    "challenge": "gq3kqv2hT2m2b0l8wVnZVwAAAZq...",
    "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
    "timeout": TIMEOUT,
    "excludeCredentials": [],
    "authenticatorSelection": {"residentKey": "preferred", "userVerification": "preferred"},
    "attestation": "none",
    "extensions": {"credProps": True},
}
