"""Passkeys as browsers take and hand them in: the JSON of WebAuthn L3, 5.1 (`toJSON`, `parseRequestOptionsFromJSON`).

Browsers send more than is looked at, and later ones will: what isn't named here is passed by.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from service.core.http.messages import RequestModel, ResponseModel
from service.core.http.operations import never_null
from service.core.webauthn.ceremonies import Assertion

TIMEOUT: Final = 300_000  # ms: as long as a challenge is good
IdField = Annotated[str, Field(min_length=1, max_length=1400, description="In base64url.")]
BytesField = Annotated[str, Field(min_length=1, max_length=8192, description="In base64url.")]


class FromBrowser(RequestModel):
    """A part of what `PublicKeyCredential.toJSON()` returns."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


class AssertionField(FromBrowser):
    """What the authenticator has said and signed."""

    client_data: Annotated[BytesField, Field(alias="clientDataJSON")]
    authenticator_data: BytesField
    signature: BytesField
    user_handle: Annotated[str, Field(max_length=128, description="In base64url.")] | None = None


class PasskeyField(FromBrowser):
    """A passkey that is shown: what `navigator.credentials.get()` returns, as JSON."""

    raw_id: IdField
    type: Literal["public-key"]
    response: AssertionField

    def shown(self) -> Assertion:
        """Return it as what it is."""
        said = self.response
        return Assertion(self.raw_id, said.client_data, said.authenticator_data, said.signature, said.user_handle)


class ToBrowser(ResponseModel):
    """A part of what browsers are asked for."""

    model_config = ConfigDict(alias_generator=to_camel, serialize_by_alias=True, validate_by_name=True)


class KnownPasskey(ToBrowser):
    """A passkey that there is already."""

    type: Literal["public-key"] = "public-key"
    id: str
    transports: list[str]


class RequestOptionsResponse(ToBrowser):
    """What `navigator.credentials.get()` is asked for: for `PublicKeyCredential.parseRequestOptionsFromJSON()`."""

    challenge: str
    timeout: int = TIMEOUT
    rp_id: str
    allow_credentials: Annotated[
        list[KnownPasskey] | None,
        Field(
            description="Those that may be shown; left out where the browser offers what it has.",
            exclude_if=lambda known: known is None,
            json_schema_extra=never_null,
        ),
    ] = None
    user_verification: Literal["required", "preferred"]


PASSKEY_EXAMPLE = {
    "id": "mZ4l8s2u0m1Qk7nq3cR9rA",
    "rawId": "mZ4l8s2u0m1Qk7nq3cR9rA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0Iiwi...",
        "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MdAAAAAA",
        "signature": "MEUCIQDk...",
        "userHandle": "nAqo5VpMQo2m7e6Uf3rS2w",
    },
    "clientExtensionResults": {},
}
REQUEST_OPTIONS_EXAMPLE = {
    "challenge": "gq3kqv2hT2m2b0l8wVnZVwAAAZq...",
    "timeout": 300000,
    "rpId": "example.com",
    "userVerification": "required",
}
