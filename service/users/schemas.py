"""Bodies, queries and answers of /api/users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from service.accounts.views import USER_EXAMPLE, UserResponse
from service.audit.views import EVENT_EXAMPLE, EventResponse
from service.core.http.fields import After, AfterInOrder, FullNameField, NewPasswordField, PasswordField
from service.core.http.messages import RequestModel, ResponseModel
from service.core.text.email_address import EmailField
from service.core.text.printable import PLAIN_PATTERN, plain_text
from service.sessions.schemas import SESSION_EXAMPLE, SessionResponse
from service.users.finding import UserFilter
from service.users.orders import Sort
from service.users.profile import Export


class UpdateProfileRequest(RequestModel):
    """What users may change about themselves. A field left out stays as it is."""

    full_name: FullNameField | None = None
    password: NewPasswordField | None = None
    current_password: PasswordField | None = None


class CreateUserRequest(RequestModel):
    """A new account, made by an administrator; without a password nobody can log in to it yet."""

    email: EmailField
    password: NewPasswordField | None = None
    full_name: FullNameField | None = None
    is_active: Annotated[bool, Field(description="Left out: true.")] = True
    is_superuser: Annotated[bool, Field(description="Left out: false.")] = False


class UpdateUserRequest(RequestModel):
    """What administrators may change. A field left out stays as it is."""

    email: EmailField | None = None
    full_name: FullNameField | None = None
    password: NewPasswordField | None = None
    is_active: bool | None = None
    is_superuser: bool | None = None


class ListQuery(RequestModel):
    """Which users, and in which order."""

    q: Annotated[
        Annotated[str, Field(max_length=254, json_schema_extra={"pattern": PLAIN_PATTERN}), AfterValidator(plain_text)]
        | None,
        Field(description="A part of the e-mail address or the full name."),
    ] = None
    is_active: Annotated[bool | None, Field(description="Only those who may, or may not, log in.")] = None
    is_superuser: Annotated[bool | None, Field(description="Only administrators, or only everybody else.")] = None
    email_verified: Annotated[
        bool | None, Field(description="Only those who have, or have not, confirmed their address.")
    ] = None
    sort: Annotated[
        Sort,
        Field(
            description="With `-` in front the other way round, the newest first. Who has never logged in counts as "
            "longest ago; the last log-in is a minute or two behind."
        ),
    ] = "created_at"

    @property
    def wanted(self) -> UserFilter:
        """Which users."""
        return UserFilter(self.q, self.is_active, self.is_superuser, self.email_verified)


class UserQuery(ListQuery):
    """Which page of a list of users."""

    skip: Annotated[int, Field(ge=0, le=1_000_000_000, description="How many to leave out.")] = 0
    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 100
    after: AfterInOrder | None = None


class SentLetterResponse(ResponseModel):
    """Which letter is on its way."""

    letter: Annotated[
        str, Field(description="`set_password`, `verify_address` or `reset_password`; later versions may have more.")
    ]


class PageQuery(RequestModel):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 100
    after: After | None = None


class DeviceResponse(ResponseModel):
    """A device that the user has logged in on. Since `forgotten_at` it counts as new again."""

    id: UUID
    network: str
    user_agent: str
    first_seen_at: datetime
    last_seen_at: datetime
    forgotten_at: datetime | None
    name: str | None


class ExportedUser(UserResponse):
    """The whole row of a user but for the hash of the password."""

    last_login_at: datetime | None
    language: str | None
    sessions_valid_after: datetime | None


class CredentialResponse(ResponseModel):
    """Something that proves the account: which kind, and since when. Never what it is checked against."""

    kind: str
    label: str | None
    created_at: datetime
    last_used_at: datetime | None


class LinkResponse(ResponseModel):
    """A link that was sent and can be used: what for, and for which address. Never its token."""

    purpose: str
    subject: str | None
    created_at: datetime
    expires_at: datetime


class LetterResponse(ResponseModel):
    """A letter to the user, or about the account. What it said is not kept."""

    letter: str
    recipient: str
    language: str
    state: str
    created_at: datetime
    sent_at: datetime | None


class ExportedEvent(EventResponse):
    """A security event, with the name of the request that it happened in."""

    request_id: str | None


class RegistrationResponse(ResponseModel):
    """A later registration of the address, before anybody confirmed it. Whose name it holds isn't known until then."""

    created_at: datetime
    expires_at: datetime


class ExportResponse(ResponseModel):
    """Everything stored about a user."""

    user: ExportedUser
    credentials: list[CredentialResponse]
    sessions: list[SessionResponse]
    devices: list[DeviceResponse]
    events: list[ExportedEvent]
    links: list[LinkResponse]
    letters: list[LetterResponse]
    registrations: list[RegistrationResponse]
    features: Annotated[
        dict[str, Any],
        Field(
            description="What features that were added to this service keep of you, by their names; only where some do",
            default_factory=dict,
            exclude_if=lambda kept: not kept,
        ),
    ]

    @classmethod
    def of(cls, found: Export, current: UUID | None) -> Self:
        """Show all of it; `current` is the caller's own session."""
        return cls(
            user=ExportedUser.model_validate(found.user),
            credentials=[CredentialResponse.model_validate(credential) for credential in found.credentials],
            sessions=[SessionResponse.of(session, current) for session in found.sessions],
            devices=[DeviceResponse.model_validate(device) for device in found.devices],
            events=[ExportedEvent.model_validate(event) for event in found.events],
            links=[LinkResponse.model_validate(link) for link in found.links],
            letters=[LetterResponse.model_validate(letter) for letter in found.letters],
            registrations=[RegistrationResponse.model_validate(made) for made in found.registrations],
            features=dict(found.features),
        )


DEVICE_EXAMPLE = {
    "id": "9a4b8f0e-5a0c-4b62-8f6c-0d0f7f0f6c55",
    "network": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",
    "first_seen_at": "2026-11-23T09:00:00Z",
    "last_seen_at": "2026-11-24T08:30:00Z",
    "forgotten_at": None,
    "name": "Work laptop",
}

CREDENTIAL_EXAMPLE = {
    "kind": "password",
    "label": None,
    "created_at": "2026-11-23T09:00:00Z",
    "last_used_at": None,
}

LINK_EXAMPLE = {
    "purpose": "address",
    "subject": "ada@example.org",
    "created_at": "2026-11-23T09:00:00Z",
    "expires_at": "2026-11-24T09:00:00Z",
}

LETTER_EXAMPLE = {
    "letter": "confirm_new_address",
    "recipient": "ada@example.org",
    "language": "en",
    "state": "sent",
    "created_at": "2026-11-23T09:00:00Z",
    "sent_at": "2026-11-23T09:00:01Z",
}

EXPORT_EXAMPLE = {
    "user": {**USER_EXAMPLE, "last_login_at": "2026-11-24T08:30:00Z", "language": "en", "sessions_valid_after": None},
    "credentials": [CREDENTIAL_EXAMPLE],
    "sessions": [SESSION_EXAMPLE],
    "devices": [DEVICE_EXAMPLE],
    "events": [{**EVENT_EXAMPLE, "request_id": "b1f4a9c27d6e4e0f8a3c5d7e9f1a2b3c"}],
    "links": [LINK_EXAMPLE],
    "letters": [LETTER_EXAMPLE],
    "registrations": [],
}
