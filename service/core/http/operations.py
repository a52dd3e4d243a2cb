"""What a route says about itself in the OpenAPI document, in one short line each.

    @blueprint.post("/login")
    @openapi.definition(
        body=json_body(LoginRequest, {"username": "ada@example.com", "password": "..."}, form=LoginForm),
        response=[answer(200, TokenPairResponse, "A new session."), *problems(InvalidGrant, InactiveUser)],
    )

The helpers return what is light: dicts as sanic-ext takes them, and in them a type where its schema will be. They
exist because sanic-ext reads pydantic models wrongly when handed the bare class (no `required`, secrets as objects,
dangling references) and names components once per process, first come first served. Here a `Shape` travels through
sanic-ext untouched; `service.documents` turns all shapes of one application into components together. Examples and
queries are looked at (`examine` of `openapi`) when the document is built, which most processes never do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, Field, JsonValue
from sanic import Sanic

from service.core.http.messages import FORM, JSON
from service.errors import Reason, ServiceError
from service.errors.end_reasons import EndReason

PROBLEM: Final = "application/problem+json"

BEARER: Final[dict[str, list[str]]] = {"bearerAuth": []}
"""For `secured=`: the operation needs an access token."""

RATE_LIMIT_HEADERS: Final = {
    "Retry-After": "Seconds to wait",
    "RateLimit-Policy": "The budget that is used up: name, quota `q`, window `w` in seconds",
    "RateLimit": "What is left, `r`, and in how many seconds there is more, `t`",
}
"""What comes with a 429."""

# sanic-ext drops every member it doesn't know, unless its name starts with "x-". These two travel under such a name;
# service.documents takes them out again, so they never reach a reader.
ERRORS: Final = "x-latchkey-errors"
HEADERS: Final = "x-latchkey-headers"
_SECURED: Final = "__latchkey_secured__"

# Where an application keeps what is said of its parts, for service.documents: which tag the calls of a blueprint stand
# under, and a sentence for each tag.
TAGS: Final = "tags"
ABOUT: Final = "about"

# What only an application as a whole knows all of: a field that has one of these says so, and service.documents makes
# an enum of it.
EVENT_TYPES: Final = "event types"
ONE_OF: Final = "x-latchkey-one-of"
VALUES: Final = "values"


def one_of(what: str) -> dict[str, JsonValue]:
    """Return what a field's schema says when its values are those that the application has under this name."""
    return {ONE_OF: what}


Handler = TypeVar("Handler", bound=Callable[..., object])


OAuthError = Literal[
    "invalid_request", "invalid_grant", "unsupported_grant_type", "temporarily_unavailable", "server_error",
    "invalid_dpop_proof", "use_dpop_nonce",
]  # fmt: skip


def configure(app: Sanic[Any, Any], *, title: str, version: str) -> None:
    """Prepare an application for its documents; call it right after `Sanic(...)`, before sanic-ext attaches itself.

    RuntimeError when that is too late.
    """
    # Wherever sanic-ext is installed Sanic attaches it by itself, with all that it brings.
    app.config.AUTO_EXTEND = False
    # And where somebody attaches it: OAS=False rather than "both pages off". Then it registers no route and no listener
    # at all, so that neither its crash (URLBuildError for openapi.index) nor its prefix filter (drops /api without a
    # word) can happen.
    if hasattr(app, "_ext"):
        raise RuntimeError("configure(app, ...) must run before sanic-ext is attached to the application")
    app.config.OAS = False
    app.config.API_TITLE = title
    app.config.API_VERSION = version


def error_codes() -> list[str]:
    """Return the codes of all errors."""

    def of(error: type[ServiceError]) -> set[str]:
        return {error.code}.union(*map(of, error.__subclasses__()))

    return sorted(of(ServiceError))


def known_codes(schema: dict[str, Any]) -> None:
    """Say of a member that it is one of the codes of all errors."""
    # When the document is built, not when this is read: features bring errors of their own.
    schema["enum"] = error_codes()


def never_null(schema: dict[str, Any]) -> None:
    """Say of a member that it is there or it isn't: it has no default, and is never null."""
    schema.pop("default", None)
    if (choices := schema.get("anyOf")) and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        del schema["anyOf"]
        schema.update(left[0] if len(left) == 1 else {"anyOf": left})


def of_a_form(schema: dict[str, Any]) -> None:
    """Say of a form's fields that none is null: as `json_schema_extra` of its model."""
    for field in schema["properties"].values():
        never_null(field)


def _only(description: str) -> Any:
    """Return a member that isn't in every problem."""
    return Field(default=None, description=description, json_schema_extra=never_null)


class ProblemFault(BaseModel, defer_build=True):
    """One place in the request that isn't acceptable."""

    pointer: str = Field(description="RFC 6901 JSON pointer into the request")
    detail: str


class Problem(BaseModel, defer_build=True):
    """An error answer (RFC 9457)."""

    type: str = Field(description="`about:blank`, or a URI that documents this kind of problem")
    title: str
    status: int = Field(ge=400, le=599)
    code: str = Field(
        description="Stable; what a client switches on. Later versions may have more of them",
        json_schema_extra=known_codes,
    )
    detail: str = Field(description="One sentence a person can read")
    request_id: str = Field(description="The same as in `X-Request-ID`; quote it when reporting a fault")
    reason: Reason | None = _only("Only for a refresh token this service really issued")
    cause: EndReason | None = _only("With `reason`: what ended the session. Later versions may have more of them")
    challenge: str | None = _only("Only for a log-in that still owes something")
    methods: list[str] | None = _only(
        "In which ways what is asked for can be given; later versions may have more of them"
    )
    level: int | None = _only("Only with `reauthentication_required`: 1 for one factor, 2 for a second one")
    expires_at: datetime | None = _only("When the `challenge` is over")
    attempts_left: int | None = _only("Of `invalid_code`")
    unknown_credential: bool | None = _only("Of a passkey")
    provider: str | None = _only("Of another provider: which")
    email: str | None = Field(
        default=None, description="Of `account_not_linked`: the address that is to be shown; null where it is asked for"
    )
    error: OAuthError | None = _only(
        "OAuth 2's own word (RFC 6749 section 5.2): only from log-in and refresh. Later versions may have more of them"
    )
    errors: list[ProblemFault] | None = _only("Only with status 422")


@dataclass(frozen=True, slots=True)
class Shape:
    """A pydantic-readable type standing where its JSON schema will be; `mode` as in pydantic."""

    of: Any  # whatever TypeAdapter takes: there is no narrower name for it before Python 3.15
    mode: Literal["validation", "serialization"]


@dataclass(frozen=True, slots=True)
class Form:
    """A form's model, standing where its schema will be: in its place, and without a name."""

    of: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Query:
    """A model, standing where its fields will be as query parameters."""

    of: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Header:
    """A request header that may be sent, and its JSON schema."""

    name: str
    schema: Mapping[str, object]
    description: str


def _media(of: Any, mode: Literal["validation", "serialization"], example: object) -> dict[str, object]:
    media: dict[str, object] = {"schema": Shape(of, mode)}
    return media if example is None else media | {"example": example}


def form_body(model: type[BaseModel], example: Mapping[str, str]) -> dict[str, Any]:
    """Describe a body that is a form and nothing else."""
    return {"content": {FORM: {"schema": Form(model), "example": dict(example)}}, "required": True}


def json_body(
    model: type[BaseModel],
    example: object = None,
    *,
    form: type[BaseModel] | None = None,
    required: bool = True,
) -> dict[str, Any]:
    """Describe a JSON body; `form` adds the urlencoded alternative.

    An `example` that doesn't satisfy `model` is a ValidationError when the document is built.
    """
    content: dict[str, object] = {JSON: _media(model, "validation", example)}
    if form is not None:
        # Behind the JSON, in its place and without a name: openapi-generator makes no class of what only a form has,
        # and yet imports it by its name; with the form in front it calls two things alike.
        content[FORM] = {"schema": Form(form)}
    return {"content": content, "required": required}


def answer(
    status: int,
    of: Any,
    description: str,
    example: object = None,
    *,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Describe a success. `of` is a model, any type pydantic reads (`list[UserResponse]`), or None for no content.

    Schemas are those of serialization: a field with a default is always there in an answer, so it is `required`.
    (So don't dump an answer with `exclude_none` or `exclude_unset`.)
    `headers` maps a header's name to its description.
    """
    content = {} if of is None else {media: _media(of, "serialization", example)}
    return {"content": content, "status": status, "description": description, HEADERS: dict(headers or {})}


def problem(status: int, description: str) -> dict[str, Any]:
    """Describe one error answer in free words; prefer `problems`, which knows the codes."""
    return {"content": {PROBLEM: _media(Problem, "validation", None)}, "status": status, "description": description}


def problems(*errors: type[ServiceError]) -> list[dict[str, Any]]:
    """Describe the errors an operation raises, one response per status, with codes and examples from their classes.

    What follows from the shape of the operation is added by itself and need not be named: 401 where a token is needed,
    400/413/415/422 for a body, 422 for query parameters, 503 for both. Call it once per operation.
    """
    by_status: dict[int, list[type[ServiceError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return [
        problem(status, ", ".join(error.code for error in group)) | {ERRORS: group}
        for status, group in by_status.items()
    ]


def query(model: type[BaseModel]) -> list[Query | Header]:
    """Describe the fields of `model` as query parameters.

    A query string is flat: nested models are a ValueError when the document is built.
    """
    return [Query(model)]


def header(name: str, schema: dict[str, object], description: str) -> Header:
    """Describe a request header that may be sent."""
    return Header(name, schema, description)


def secured(handler: Handler) -> Handler:
    """Mark a handler as needing an access token. For guards: the document then can't forget what the guard demands.

    Decorators above must use `functools.wraps`, which carries the mark outwards.
    """
    setattr(handler, _SECURED, True)
    return handler


def is_secured(handler: Callable[..., object]) -> bool:
    """Say whether a guard marked this handler with `secured`."""
    return bool(getattr(handler, _SECURED, False))
