"""The published contract: docs/openapi.json, what the service serves and the error table say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import validate
from sanic import Sanic

from service import errors
from service.app import create_app
from service.core.http.messages import FORM, JSON
from service.core.http.oauth_errors import is_oauth
from service.core.http.operations import PROBLEM
from service.documents.openapi import METHODS
from service.errors.end_reasons import EndReason
from tests.http.support import logging_kept
from tests.support.brought import EVENTS, SETTINGS
from tools import openapi

PAGES = {
    "/api/docs",
    "/api/redoc",
    "/api/docs/assets/{name}",
    "/api/dev/mail",
    "/api/dev/mail/{number}",
    "/.well-known/change-password",
    "/api/auth/providers/{provider}/callback",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/{path}",
    "/.well-known/openid-configuration/{path}",
}

# The contract's tables. A call that is in neither list is one that clients were not promised.
PROMISED = """
GET /auth/options
POST /auth/register
POST /auth/login
POST /auth/refresh
POST /auth/device
POST /auth/device/proof
GET /auth/cookie
POST /auth/logout
POST /auth/logout-all
POST /auth/test-token
GET /auth/check
POST /auth/reauthenticate
POST /auth/second-factor
POST /auth/second-factor/options
POST /auth/second-factor/enrol
POST /auth/second-factor/enrol/confirm
GET /users/me/factors
POST /users/me/factors/totp
POST /users/me/factors/totp/confirm
DELETE /users/me/factors/totp
POST /auth/second-factor/recovery
POST /auth/second-factor/recovery/confirm
POST /auth/second-factor/recovery/cancel
DELETE /users/me/factors/recovery
POST /auth/passkeys/register/options
POST /auth/passkeys/register
POST /auth/passkeys/options
POST /auth/passkeys
POST /auth/reauthenticate/options
POST /users/me/factors/passkeys/options
POST /users/me/factors/passkeys
PATCH /users/me/factors/passkeys/{passkey_id}
DELETE /users/me/factors/passkeys/{passkey_id}
POST /users/me/recovery-codes
GET /users/me/trusted-devices
DELETE /users/me/trusted-devices
DELETE /users/me/trusted-devices/{device_id}
GET /users/{user_id}/factors
DELETE /users/{user_id}/factors
GET /users/{user_id}/identities
DELETE /users/{user_id}/identities/{identity_id}
GET /auth/email
POST /auth/email/start
POST /auth/email/look
POST /auth/email/finish
GET /auth/providers
POST /auth/providers/{provider}/start
POST /auth/providers/{provider}/finish
POST /auth/providers/link
POST /auth/providers/link/mail
POST /auth/providers/link/options
GET /users/me/identities
DELETE /users/me/identities/{identity_id}
POST /auth/password/forgot
POST /auth/password/reset
POST /auth/email/verify
POST /auth/email/verify/resend
POST /auth/email/confirm
POST /users/me/email
POST /auth/email/undo
GET /users/me
PUT /users/me
PATCH /users/me
DELETE /users/me
GET /users/me/export
GET /users/me/events
GET /users
POST /users
GET /users/{user_id}
PUT /users/{user_id}
PATCH /users/{user_id}
DELETE /users/{user_id}
GET /users/{user_id}/sessions
DELETE /users/{user_id}/sessions
GET /users/{user_id}/explanation
POST /users/{user_id}/letter
GET /users.csv
GET /admin/events.csv
GET /sessions
GET /sessions/stream
DELETE /sessions/{session_id}
PATCH /sessions/{session_id}
DELETE /sessions
GET /admin/events
GET /admin/statistics
GET /health
GET /health/ready
GET /openapi.json
"""

# OAuth 2's own, at the root.
OAUTH = {
    ("POST", "/oauth/token"), ("POST", "/oauth/revoke"), ("POST", "/oauth/introspect"), ("GET", "/oauth/revocations"),
}  # fmt: skip

# In the contract, and still to come.
PLANNED = ""

# Raised by no call of its own: about the request line, the framing, the path, or us. The introduction has them.
ANYWHERE = {"bad_request", "not_found", "method_not_allowed", "request_timeout", "too_large", "uri_too_long",
            "head_too_large", "expectation_failed", "internal_error"}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with logging_kept():
        read: dict[str, Any] = json.loads(openapi.render())
    return read


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def resolved(document: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    """A response, or the shared one it refers to."""
    if "$ref" in response:
        found: dict[str, Any] = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        return found
    return response


def test_the_committed_document_is_the_generated_one(document: dict[str, Any]) -> None:
    """A change of the contract is seen in review, and not only by its users."""
    committed = json.loads(openapi.TARGET.read_text(encoding="utf-8"))
    for part in sorted({*committed["paths"], *document["paths"]}):
        assert committed["paths"].get(part) == document["paths"].get(part), f"{part} has changed: run `make openapi`"
    assert committed == document, "the document has changed: run `make openapi` and commit docs/openapi.json"
    with logging_kept():
        assert openapi.TARGET.read_text(encoding="utf-8") == openapi.render(), (
            "the form has changed: run `make openapi`"
        )


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]) -> None:
    """The file is the same on every machine."""
    for name, value in {"PROJECT_NAME": "Other", "DOCS_ENABLED": "false", "SECRET_KEY": "x", "PORT": "nine"}.items():
        monkeypatch.setenv(name, value)
    with logging_kept():
        assert json.loads(openapi.render()) == document


@pytest.mark.embedded_only
async def test_the_service_serves_it(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    """What is committed is what a client gets."""
    response = await client.get("/api/openapi.json")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == document


def test_it_is_valid(document: dict[str, Any]) -> None:
    """OpenAPI 3.1, by the validator of the specification's readers."""
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    """A summary, a tag, an id, a success, and errors as problem documents only (R62)."""
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["summary"][0].isupper(), where
        assert len(operation["tags"]) == 1, where
        assert re.fullmatch(r"[a-z][a-z0-9_]+", operation["operationId"]), where
        statuses = list(operation["responses"])
        assert [status for status in statuses if status.startswith("2")], where
        for status in statuses:
            response = resolved(document, operation["responses"][status])
            assert response["description"], where
            if int(status) >= 400 and not path.startswith("/api/health"):
                assert list(response["content"]) == [JSON if is_oauth(path) else PROBLEM], f"{where} {status}"
            if status in ("429", "503"):
                assert "Retry-After" in response["headers"], f"{where} {status}"
            if status == "401":
                assert "WWW-Authenticate" in response["headers"], f"{where} {status}"
        if "requestBody" in operation:
            refused = {"400", "413", "415"} if is_oauth(path) else {"400", "413", "415", "422"}
            assert refused <= set(statuses), where
            assert "example" in operation["requestBody"]["content"][FORM if is_oauth(path) else JSON], where


def test_everything_promised_is_there(document: dict[str, Any]) -> None:
    """The contract: every call of its tables, and no other."""
    promised, planned = (
        {(line.split()[0], f"/api{line.split()[1]}") for line in table.strip().splitlines()}
        for table in (PROMISED, PLANNED)
    )
    promised |= {("GET", "/.well-known/jwks.json"), ("GET", "/.well-known/webauthn"), *OAUTH}
    found = {(method, path) for method, path, _ in operations(document)}
    assert found >= promised, f"missing: {promised - found}"
    assert found <= promised | planned, f"not in the contract's tables (add it there, then here): {found - promised}"


def test_every_route_is_documented(document: dict[str, Any]) -> None:
    """No route is left out, but for the pages."""
    with logging_kept():
        app: Sanic[Any, Any] = create_app(SETTINGS.model_construct())
    app.router.finalize()
    for route in app.router.routes:
        path = "/" + re.sub(r"<(\w+)[^>]*>", r"{\1}", route.path).rstrip("/")
        if path in PAGES:
            continue
        for method in set(route.methods) & set(METHODS):
            assert method.lower() in document["paths"].get(path, {}), f"{method} {path} is not in the document"


def every_error() -> Iterator[type[errors.ServiceError]]:
    waiting = [errors.ServiceError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.__module__.startswith(f"{errors.__name__}."):
            yield error


def test_every_error_is_explained(document: dict[str, Any]) -> None:
    """The error table is complete: each code stands with the calls that answer it, or in the introduction."""
    introduction = document["info"]["description"]
    codes = {error.code for error in every_error()}
    shown = {
        example["value"]["code"]
        for _, _, operation in operations(document)
        for response in operation["responses"].values()
        for media in resolved(document, response).get("content", {}).values()
        for example in media.get("examples", {}).values()
    }
    assert codes - shown - ANYWHERE == set()
    assert {code for code in ANYWHERE if f"`{code}`" not in introduction} == set()
    assert shown <= codes


def test_errors_have_one_meaning() -> None:
    """RFC 9457: a code has one status, and details are sentences for people, without any internal name.

    `invalid_token` has two: 401 is RFC 6750's for an access token, 400 is that of a link. And so have the two words of
    RFC 9449: 401 where an access token comes along.
    """
    by_code: dict[str, int] = {}
    for error in every_error():
        if error not in (errors.InvalidToken, errors.InvalidDpopProofHere, errors.UseDpopNonceHere):
            assert by_code.setdefault(error.code, error.status) == error.status
        assert re.fullmatch(r"[a-z_]+", error.code)
        assert not re.search(r"redis|postgres|sql|sanic|tortoise|python|exception", error.default_detail, re.IGNORECASE)


def test_examples_are_what_their_schemas_say(document: dict[str, Any]) -> None:
    """A reader copies the example: it has to be one. All of them, of bodies, answers and problems."""
    counted = 0
    for method, path, operation in operations(document):
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [resolved(document, response).get("content", {}) for response in operation["responses"].values()]
        for content in contents:
            for media in content.values():
                schema = {**media["schema"], "components": document["components"]}
                shown = [media["example"]] if "example" in media else []
                for example in [*shown, *(named["value"] for named in media.get("examples", {}).values())]:
                    OAS31Validator(schema, format_checker=oas31_format_checker).validate(example)
                    counted += 1
                    assert method, path
    assert counted > 100


def test_public_and_secured(document: dict[str, Any]) -> None:
    """Each call says which it is: `security: []` is no token, silence would be whatever the reader assumes."""
    for method, path, operation in operations(document):
        assert "security" in operation, f"{method} {path}"
        if not is_oauth(path):  # there 401 is about the client, which may have no secret to show
            assert ("401" in operation["responses"]) == bool(operation["security"]), f"{method} {path}"
    assert document["info"]["license"] == {"name": "MIT", "identifier": "MIT"}


def test_a_header_that_may_be_refused(document: dict[str, Any]) -> None:
    """Where a header has a few values, another one is 400."""
    found = 0
    for method, path, operation in operations(document):
        if any(given["in"] == "header" and "enum" in given["schema"] for given in operation.get("parameters", ())):
            found += 1
            assert "400" in operation["responses"], f"{method} {path}"
    assert found == 12


def test_nothing_optional_has_a_default(document: dict[str, Any]) -> None:
    """Generators make a member that has a default required: `register` with address and password wouldn't compile."""

    def hold(tree: object, where: str) -> None:
        if isinstance(tree, dict):
            assert "default" not in tree, where
            for key, value in tree.items():
                hold(value, f"{where}/{key}")
        elif isinstance(tree, list):
            for value in tree:
                hold(value, where)

    hold(document["components"]["schemas"], "")
    for method, path, operation in operations(document):
        for given in operation.get("parameters", ()):
            assert {"type": "null"} not in given["schema"].get("anyOf", ()), f"{method} {path}: a query knows no null"
            assert given["schema"].get("default", 0) is not None, f"{method} {path}"
    content = document["paths"]["/api/auth/login"]["post"]["requestBody"]["content"]
    form = content["application/x-www-form-urlencoded"]["schema"]["properties"]
    assert not [name for name, field in form.items() if "anyOf" in field], "nor does a form"


def test_forms_can_be_read_by_generators(document: dict[str, Any]) -> None:
    """What only a form has stands in its place, all of it: of what has a name some make no class, and import it."""
    forms = 0
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        for media, told in content.items():
            if media != "application/json":
                assert "$ref" not in json.dumps(told), f"{method} {path}: {media}"
                forms += 1
        assert not content or is_oauth(path) or next(iter(content)) == "application/json", f"{method} {path}"
    assert forms


def test_calls_and_bodies_are_not_confused(document: dict[str, Any]) -> None:
    """Generators call what a call takes by the call's name: `token` would take a TokenRequest, which is another's."""
    for method, path, operation in operations(document):
        name = "".join(part.capitalize() for part in operation["operationId"].split("_")) + "Request"
        if name in document["components"]["schemas"]:
            assert f'/{name}"' in json.dumps(operation.get("requestBody")), f"{method} {path}: {name} is another's"


def test_closed_lists(document: dict[str, Any]) -> None:
    """Codes and types are enums, and numbers in headers are numbers."""
    schemas = document["components"]["schemas"]
    assert set(schemas["Problem"]["properties"]["code"]["enum"]) == {error.code for error in every_error()}
    types = set(EVENTS)
    assert schemas["EndReason"]["enum"] == list(EndReason)
    assert schemas["Problem"]["properties"]["cause"]["$ref"] == "#/components/schemas/EndReason"
    for name in ("EventResponse", "AdminEventResponse", "ExportedEvent"):
        assert set(schemas[name]["properties"]["type"]["enum"]) == types
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            for name, header in resolved(document, response).get("headers", {}).items():
                wanted = "integer" if name in ("X-Total-Count", "Retry-After") else "string"
                assert header["schema"]["type"] == wanted


def test_names_of_calls(document: dict[str, Any]) -> None:
    """Generated clients write the tag before the id: none says it again."""
    seen = set()
    for _, path, operation in operations(document):
        (tag,) = operation["tags"]
        name = operation["operationId"]
        seen.add(name)
        assert not name.startswith(f"{tag}_"), path
        words = name.split("_")
        assert len(words) == len(set(words)), path
        assert tag in {given["name"] for given in document["tags"]}
    assert len(seen) == len(list(operations(document)))
    assert all(given["description"] for given in document["tags"])
