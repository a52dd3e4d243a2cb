"""Bodies and answers of second factors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, computed_field, model_validator

from service.core.http.fields import CodeField, RecoveryCodeField
from service.core.http.messages import RequestModel, ResponseModel
from service.core.http.operations import never_null
from service.core.http.user_agents import device_name, device_parts
from service.core.text.printable import PLAIN_PATTERN, plain_text
from service.credentials.factor_resets import Overview, Receipt
from service.factors.passkey_schemas import (
    PASSKEY_RESPONSE_EXAMPLE,
    CreationOptionsResponse,
    NameField,
    NewPasskeyField,
    PasskeyResponse,
)
from service.signin.passkey_schemas import PasskeyField
from service.signin.schemas import RecoveryCodes

ChallengeField = Annotated[str, Field(min_length=1, max_length=4096, description="From the answer of the first step.")]
EnrolmentField = Annotated[str, Field(min_length=1, max_length=64, description="From the answer that had the secret.")]
Codes = Annotated[list[str], Field(description="Ten of them, each good once. They are never shown again.")]


class SecondFactorRequest(RequestModel):
    """The second step of a log-in: a code, a recovery code, or a passkey."""

    also_needed: ClassVar[str] = "`code`, `recovery_code` or `passkey`"

    challenge: ChallengeField
    code: CodeField | None = None
    recovery_code: RecoveryCodeField | None = None
    passkey: PasskeyField | None = None
    trust_device: Annotated[
        bool, Field(description="Don't ask on this device for `TRUST_DEVICE_DAYS`. Not after a recovery code.")
    ] = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if [self.code, self.recovery_code, self.passkey].count(None) != 2:
            raise ValueError("give one of code, recovery_code and passkey")
        return self


class EnrolRequest(RequestModel):
    """Which kind of factor is to be set up."""

    challenge: ChallengeField
    kind: Literal["totp", "passkey"]


class EnrolmentResponse(ResponseModel):
    """A secret for an app that shows codes: typed (`secret`), or as a QR code (`uri`). Confirm it with a code."""

    enrolment: UUID
    secret: str
    uri: str
    expires_at: datetime


class DoorEnrolmentResponse(EnrolmentResponse):
    """The same in a log-in. With `mail_code` a code is on its way to the mailbox, and is asked for as well."""

    mail_code: bool


class DoorPasskeyResponse(ResponseModel):
    """A passkey that the browser is to make, in a log-in. With `mail_code` a code is on its way to the mailbox, too."""

    options: CreationOptionsResponse
    mail_code: bool


class EnrolConfirmRequest(RequestModel):
    """A code of the app, or the passkey that was made; and the code from the letter, where one was announced."""

    also_needed: ClassVar[str] = "`enrolment` and `code`, or `passkey`"

    challenge: ChallengeField
    enrolment: Annotated[EnrolmentField | None, Field(json_schema_extra=never_null)] = None
    code: Annotated[CodeField | None, Field(json_schema_extra=never_null)] = None
    passkey: NewPasskeyField | None = None
    name: NameField | None = None
    mail_code: CodeField | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.enrolment is None) != (self.code is None) or (self.code is None) == (self.passkey is None):
            raise ValueError("give either enrolment and code, or passkey")
        return self


class ConfirmRequest(RequestModel):
    """A code of the app."""

    enrolment: EnrolmentField
    code: CodeField
    end_other_sessions: bool = False


class ConfirmedResponse(ResponseModel):
    """It is the second factor now. Recovery codes come with the first one."""

    recovery_codes: RecoveryCodes = None


class RecoveryCodesResponse(ResponseModel):
    """New recovery codes; the ones before are dead."""

    recovery_codes: Codes


class TotpResponse(ResponseModel):
    """An app that shows codes."""

    created_at: datetime
    last_used_at: datetime | None


class RecoveryCodesLeftResponse(ResponseModel):
    """How many recovery codes are good yet."""

    left: int
    created_at: datetime | None


class RecoveryResponse(ResponseModel):
    """That the second factors are taken away, and when: `DELETE /api/users/me/factors/recovery` lets them stay."""

    at: datetime


class RecoverRequest(RequestModel):
    """A log-in that owes a second factor."""

    challenge: ChallengeField


class LinkRequest(RequestModel):
    """The token of a link."""

    token: Annotated[str, Field(min_length=1, max_length=4096, description="From the link, after `#token=`.")]


class FactorsResponse(ResponseModel):
    """The second factors of an account; `required`: it has to have one."""

    totp: TotpResponse | None
    passkeys: list[PasskeyResponse]
    recovery_codes: RecoveryCodesLeftResponse
    required: bool
    recovery: Annotated[
        RecoveryResponse | None,
        Field(
            description="Only where somebody has asked, with password and mailbox, to have them taken away",
            exclude_if=lambda recovery: recovery is None,
            json_schema_extra=never_null,
        ),
    ] = None

    @classmethod
    def of(cls, found: Overview) -> Self:
        """Return how they look from outside."""
        return cls(
            totp=TotpResponse.model_validate(found.totp) if found.totp else None,
            passkeys=[PasskeyResponse.of(passkey) for passkey in found.passkeys],
            recovery_codes=RecoveryCodesLeftResponse(
                left=found.recovery_codes.number, created_at=found.recovery_codes.created_at
            ),
            required=found.required,
            recovery=RecoveryResponse(at=found.go_at) if found.go_at else None,
        )


class FactorResetRequest(RequestModel):
    """Why a user's second factors are taken away: for the record."""

    reason: Annotated[
        str,
        Field(min_length=1, max_length=200, json_schema_extra={"pattern": PLAIN_PATTERN}),
        AfterValidator(plain_text),
    ]


class FactorResetResponse(ResponseModel):
    """What was taken away."""

    factors: list[str]
    recovery_codes: int
    trusted_devices: int
    sessions: int

    @classmethod
    def of(cls, done: Receipt) -> Self:
        """Return how a receipt looks from outside."""
        return cls(
            factors=list(done.factors),
            recovery_codes=done.recovery_codes,
            trusted_devices=done.trusted_devices,
            sessions=done.sessions,
        )


class TrustedDeviceResponse(ResponseModel):
    """A device that isn't asked for the second factor at log-in."""

    id: UUID
    since: datetime
    until: datetime
    network: str
    user_agent: str
    name: str | None

    @computed_field(  # type: ignore[prop-decorator]  # mypy knows nothing above a property; pydantic wants it so
        description="What a person calls the device: the same name as in the list of sessions."
    )
    @property
    def device(self) -> str:
        """Return the device's name."""
        return device_name(self.user_agent)

    @computed_field(description="The program of `device`, to be put into words.")  # type: ignore[prop-decorator]
    @property
    def browser(self) -> str | None:
        """Return the program's name; None where it isn't known."""
        return device_parts(self.user_agent).browser

    @computed_field(description="The system of `device`.")  # type: ignore[prop-decorator]
    @property
    def system(self) -> str | None:
        """Return the system's name; None where it isn't known."""
        return device_parts(self.user_agent).system


FACTORS_EXAMPLE = {
    "totp": {"created_at": "2026-11-23T09:00:00Z", "last_used_at": "2026-11-26T08:00:00Z"},
    "passkeys": [PASSKEY_RESPONSE_EXAMPLE],
    "recovery_codes": {"left": 9, "created_at": "2026-11-23T09:00:00Z"},
    "required": False,
}
CODES_EXAMPLE = ["4K7QX-93VZ-T8MR", "..."]
ENROLMENT_EXAMPLE = {
    "enrolment": "5f0c1f5e-9c5e-4d52-8a57-2c3b8a1f0d11",
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/Latchkey:ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Latchkey",
    "expires_at": "2026-11-23T09:15:00Z",
}
TRUSTED_EXAMPLE = {
    "id": "9a4b8f0e-5a0c-4b62-8f6c-0d0f7f0f6c55",
    "since": "2026-11-23T09:00:00Z",
    "until": "2026-12-23T09:00:00Z",
    "network": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",
    "name": None,
    "device": "Unknown browser on macOS",
    "browser": None,
    "system": "macOS",
}
