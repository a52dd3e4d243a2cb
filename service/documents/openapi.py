"""Builds the OpenAPI 3.1 document of an application from its routes and what they declared with sanic-ext.

sanic-ext's own builder is left switched off: it says 3.0.3 over 2020-12 schemas, knows one application per process,
and its start-up listener breaks when no page of its own is wanted. Its decorators are used as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, Final, cast

from sanic import Sanic
from sanic_ext.extensions.openapi.builders import OperationBuilder, OperationStore
from sanic_ext.extensions.openapi.definitions import Parameter
from sanic_ext.extensions.openapi.types import Definition

from service.core.openapi import ERRORS, HEADERS, RATE_LIMIT_HEADERS, is_secured, problems
from service.documents.components import resolve_shapes
from service.errors import (
    BadRequest,
    ExpectationFailed,
    InternalError,
    InvalidAccessToken,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    RequestTimedOut,
    ServiceError,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)

PUBLISHED: Final = ("/api/", "/.well-known/")
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")  # in the order they are shown; HEAD and OPTIONS go unsaid
TOKEN_URL: Final = "/api/auth/login"  # noqa: S105 - an address

# Headers that come with a status, whatever the operation.
_STATUS_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "401": {"WWW-Authenticate": "`Bearer`, with `error` when a token was given (RFC 6750)"},
    "429": RATE_LIMIT_HEADERS,
    "503": {"Retry-After": "Seconds to wait"},
}

# The component that describes a status which no route has to declare.
_SHARED: Final = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "413": "TooLarge",
    "415": "UnsupportedMediaType",
    "422": "ValidationFailed",
    "503": "Unavailable",
}

# What any call may answer, for reasons that are not its own; no operation names them.
_ANYWHERE: Final = (BadRequest, NotFound, MethodNotAllowed, RequestTimedOut, TooLarge, ExpectationFailed, InternalError)

_Object = dict[str, Any]  # a JSON object under construction


@dataclass(frozen=True, slots=True)
class _Endpoint:
    path: str
    method: str
    name: str  # of the route, without the application's: "auth.login"
    handler: Callable[..., object]
    parameters: Mapping[str, type]  # path parameter -> the type it is cast to


def configure(app: Sanic[Any, Any], *, title: str, version: str) -> None:
    """Prepare an application for `build_document`; call it right after `Sanic(...)`, before sanic-ext attaches itself.

    RuntimeError when that is too late.
    """
    # OAS=False rather than "both pages off": then sanic-ext registers no route and no listener at all, so that neither
    # its crash (URLBuildError for openapi.index) nor its prefix filter (drops /api without a word) can happen.
    if hasattr(app, "_ext"):
        raise RuntimeError("configure(app, ...) must run before sanic-ext is attached to the application")
    app.config.OAS = False
    app.config.API_TITLE = title
    app.config.API_VERSION = version


def build_document(app: Sanic[Any, Any]) -> dict[str, object]:
    """Build the whole document: the same for every application with the same routes, whatever else the process holds.

    ValueError when two operations end up with the same operationId.
    """
    ours = not app.router.finalized  # so that a script can have the document without a running server
    if ours:
        app.router.finalize()
    endpoints = sorted(_endpoints(app), key=lambda found: (found.path, METHODS.index(found.method)))
    if ours:
        app.router.reset()  # type: ignore[no-untyped-call] # sanic-routing
    paths: dict[str, _Object] = {}
    for endpoint in endpoints:
        builder = _builder(endpoint.handler)
        if not builder._exclude:  # sanic-ext offers no reader for what its decorator `exclude` sets
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, builder)
    _make_ids_unique(paths)
    tags = sorted({tag for item in paths.values() for operation in item.values() for tag in operation["tags"]})
    tree, schemas = resolve_shapes({"paths": paths, "responses": _shared_responses()})
    return {
        "openapi": "3.1.0",
        "info": {"title": app.config.API_TITLE, "version": app.config.API_VERSION, "description": _about_errors()},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": tree["paths"],
        "components": {
            "responses": tree["responses"],
            "schemas": schemas,
            "securitySchemes": _security_schemes(),
        },
    }


def _endpoints(app: Sanic[Any, Any]) -> Iterator[_Endpoint]:
    for group in app.router.groups.values():
        path = "/" + re.sub(r"<(\w+)[^>]*>", r"{\1}", group.path).rstrip("/")
        if not path.startswith(PUBLISHED):
            continue
        for route in group.routes:
            if getattr(route.extra, "static", False):
                continue
            name = route.name.partition(".")[2]
            parameters = {parameter.name: parameter.cast for parameter in route.params.values()}
            for method in set(METHODS) & set(route.methods):
                yield _Endpoint(path, method, name, route.handler, parameters)


def _builder(handler: Callable[..., object]) -> OperationBuilder:
    """Find what was declared about a handler, under however many decorators; an empty one if nothing was."""
    store: dict[object, OperationBuilder] = OperationStore()  # type: ignore[no-untyped-call] # sanic-ext
    seen: Callable[..., object] | None = handler
    while seen is not None:
        if seen in store:  # not store[seen]: a defaultdict, it would grow
            return store[seen]
        seen = getattr(seen, "__wrapped__", None)
    return OperationBuilder()  # type: ignore[no-untyped-call] # sanic-ext


def _operation(endpoint: _Endpoint, builder: OperationBuilder) -> _Object:
    built = _serialized(builder.build())  # type: ignore[no-untyped-call] # sanic-ext
    blueprint, _, function = endpoint.name.rpartition(".")
    summary, _, _ = (getdoc(endpoint.handler) or function.replace("_", " ").capitalize()).partition("\n")
    operation: _Object = {
        "operationId": built.get("operationId") or _snake(endpoint.name),
        "tags": built.get("tags") or [blueprint.rpartition(".")[2] or "default"],
        "summary": built.get("summary") or summary.rstrip("."),
    }
    security = built.get("security") or ([{"bearerAuth": []}] if is_secured(endpoint.handler) else [])
    parameters = _parameters(endpoint, built)
    for key in ("description", "deprecated", "externalDocs"):
        if built.get(key):
            operation[key] = built[key]
    if parameters:
        operation["parameters"] = parameters
    if "requestBody" in built:
        operation["requestBody"] = built["requestBody"]
    operation["responses"] = _responses(built["responses"], _implied(operation, needs_token=bool(security)))
    if security:
        operation["security"] = _either_scheme(security)
    return operation


def _parameters(endpoint: _Endpoint, built: _Object) -> list[_Object]:
    declared: list[_Object] = built.get("parameters", [])
    names = {parameter["name"] for parameter in declared}
    implicit = [
        _serialized(Parameter.make(name, kind, "path"))
        for name, kind in endpoint.parameters.items()
        if name not in names
    ]
    return implicit + declared


def _implied(operation: _Object, *, needs_token: bool) -> list[type[ServiceError]]:
    """Name the errors that follow from the shape of an operation, so that no route has to."""
    has_body = "requestBody" in operation
    has_query = any(parameter["in"] == "query" for parameter in operation.get("parameters", []))
    errors: list[type[ServiceError]] = []
    if has_body:
        errors += [BadRequest, TooLarge, UnsupportedMediaType]
    if has_body or has_query:
        errors += [ValidationFailed]
    if needs_token:
        errors += [NotAuthenticated, InvalidAccessToken]
    if has_body or needs_token:  # both mean that a store is asked
        errors += [Unavailable]
    return errors


def _responses(declared: _Object, implied: Iterable[type[ServiceError]]) -> _Object:
    """Join what the route declared with what is implied; a status that is only implied is a shared component."""
    responses: _Object = {str(status): dict(response) for status, response in declared.items()}
    extra: dict[str, list[type[ServiceError]]] = {}
    for error in implied:
        extra.setdefault(str(error.status), []).append(error)
    for status, response in responses.items():
        named: list[type[ServiceError]] = response.pop(ERRORS, [])
        if named:
            _tell_errors(response, [*named, *(error for error in extra.get(status, []) if error not in named)])
        headers = {**_STATUS_HEADERS.get(status, {}), **response.pop(HEADERS, {})}
        if headers:
            response["headers"] = _headers(headers)
        if not response["content"]:
            del response["content"]
    for status in extra.keys() - responses.keys():
        responses[status] = {"$ref": f"#/components/responses/{_SHARED[status]}"}
    return dict(sorted(responses.items()))


def _shared_responses() -> _Object:
    """Describe each status that may be implied, once."""
    everything: _Object = {"requestBody": {}}
    declared = {
        response.fields["status"]: _serialized(response)
        for response in problems(*_implied(everything, needs_token=True))
    }
    return {_SHARED[status]: response for status, response in _responses(declared, ()).items()}


def _about_errors() -> str:
    anywhere = "\n".join(f"- {error.status} `{error.code}`: {error.default_detail}" for error in _ANYWHERE)
    return (
        "Errors are `application/problem+json` (RFC 9457): switch on `code`, show `detail`.\n\n"
        f"Besides what each call names, any call may answer:\n\n{anywhere}\n"
    )


def _tell_errors(response: _Object, errors: list[type[ServiceError]]) -> None:
    response["description"] = " ".join(f"`{error.code}`: {error.default_detail.rstrip('.')}." for error in errors)
    for media in response["content"].values():
        media["examples"] = {error.__name__: {"summary": error.title, "value": _example(error)} for error in errors}


def _example(error: type[ServiceError]) -> _Object:
    return {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.default_detail,
        "request_id": "5f1c7f0e9a3b4c2d",
    }


def _headers(descriptions: Mapping[str, str]) -> _Object:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in sorted(descriptions.items())}


def _either_scheme(security: list[_Object]) -> list[_Object]:
    """Wherever a bearer token will do, let Swagger UI's password log-in obtain it."""
    alternatives: list[_Object] = [{"oauth2": []}] if {"bearerAuth": []} in security else []
    required = [item for item in security if item]
    optional = [item for item in security if not item][:1]
    return required + alternatives + optional


def _make_ids_unique(paths: dict[str, _Object]) -> None:
    """One handler may serve PUT and PATCH: then, and only then, the method becomes part of the id."""
    count = Counter(operation["operationId"] for item in paths.values() for operation in item.values())
    seen: set[str] = set()
    for path, item in paths.items():
        for method, operation in item.items():
            if count[operation["operationId"]] > 1:
                operation["operationId"] += f"_{method}"
            if operation["operationId"] in seen:
                raise ValueError(f"operationId {operation['operationId']} of {method} {path} is taken")
            seen.add(operation["operationId"])


def _serialized(definition: Definition) -> _Object:
    return cast(_Object, definition.serialize())  # type: ignore[no-untyped-call] # sanic-ext


def _snake(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")


def _security_schemes() -> _Object:
    return {
        "bearerAuth": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": f"An access token, as POST {TOKEN_URL} gives.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "Log in with e-mail and password; the client fields stay empty.",
            "flows": {"password": {"tokenUrl": TOKEN_URL, "scopes": {}}},
        },
    }
