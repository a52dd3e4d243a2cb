"""Builds the OpenAPI 3.1 document of an application from its routes and what they declared with sanic-ext.

sanic-ext's own builder is left switched off: it says 3.0.3 over 2020-12 schemas, knows one application per process,
and its start-up listener breaks when no page of its own is wanted. What its decorators make is used as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, Final

from sanic import Sanic
from sanic_ext.extensions.openapi.builders import OperationBuilder
from sanic_ext.extensions.openapi.definitions import Parameter

from service.core.http.oauth_errors import is_oauth
from service.core.http.operations import ABOUT, TAGS, VALUES, is_secured
from service.documents.components import resolve_shapes
from service.documents.declared import declared_of
from service.documents.oauth_responses import join_oauth_responses
from service.documents.responses import about_errors, implied_by, join_responses, serialized, shared_responses

PUBLISHED: Final = ("/api/", "/oauth/", "/.well-known/")
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")  # in the order they are shown; HEAD and OPTIONS go unsaid
TOKEN_URL: Final = "/oauth/token"  # noqa: S105 - an address

_Object = dict[str, Any]  # a JSON object under construction


@dataclass(frozen=True, slots=True)
class _Endpoint:
    path: str
    method: str
    name: str  # of the route, without the application's: "auth.login"
    handler: Callable[..., object]
    parameters: Mapping[str, type]  # path parameter -> the type it is cast to


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
    tag_of, told = getattr(app.ctx, TAGS, {}), getattr(app.ctx, ABOUT, {})
    functions = Counter(name.rpartition(".")[2] for name in {endpoint.name for endpoint in endpoints})
    for endpoint in endpoints:
        builder = declared_of(endpoint.handler)
        if not builder._exclude:  # sanic-ext offers no reader for what its decorator `exclude` sets
            operation = _operation(endpoint, builder, tag_of)
            operation.setdefault("operationId", _id(endpoint.name, functions))
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    _make_ids_unique(paths)
    tags = sorted({tag for item in paths.values() for operation in item.values() for tag in operation["tags"]})
    values = getattr(app.ctx, VALUES, {})
    tree, schemas = resolve_shapes({"paths": paths, "responses": shared_responses()}, values)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": app.config.API_TITLE,
            "version": app.config.API_VERSION,
            "description": about_errors(),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} | ({"description": told[tag]} if tag in told else {}) for tag in tags],
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


def _operation(endpoint: _Endpoint, builder: OperationBuilder, tag_of: Mapping[str, str]) -> _Object:
    built = serialized(builder.build())  # type: ignore[no-untyped-call] # sanic-ext
    blueprint, _, function = endpoint.name.rpartition(".")
    summary, _, _ = (getdoc(endpoint.handler) or function.replace("_", " ").capitalize()).partition("\n")
    operation: _Object = {
        "tags": built.get("tags") or [tag_of.get(blueprint, blueprint.rpartition(".")[2] or "default")],
        "summary": built.get("summary") or summary.rstrip("."),
    }
    security = built.get("security") or ([{"bearerAuth": []}] if is_secured(endpoint.handler) else [])
    parameters = _parameters(endpoint, built)
    for key in ("operationId", "description", "deprecated", "externalDocs"):
        if built.get(key):
            operation[key] = built[key]
    if parameters:
        operation["parameters"] = parameters
    if "requestBody" in built:
        operation["requestBody"] = built["requestBody"]
    join = join_oauth_responses if is_oauth(endpoint.path) else join_responses
    operation["responses"] = join(built["responses"], implied_by(operation, needs_token=bool(security)))
    operation["security"] = _either_scheme(security) if security else []  # said of what is public, too
    return operation


def _parameters(endpoint: _Endpoint, built: _Object) -> list[_Object]:
    declared: list[_Object] = built.get("parameters", [])
    names = {parameter["name"] for parameter in declared}
    implicit = [_path_parameter(name, kind) for name, kind in endpoint.parameters.items() if name not in names]
    return implicit + declared


def _path_parameter(name: str, kind: type) -> _Object:
    parameter = serialized(Parameter.make(name, kind, "path"))
    if name.endswith("_id"):
        parameter["schema"]["format"] = "uuid"  # not the route's type: whatever else is given is 404, from the handler
    return parameter


def _either_scheme(security: list[_Object]) -> list[_Object]:
    """Wherever a bearer token will do, so does a bound one with a proof; Swagger UI's password log-in obtains one."""
    alternatives: list[_Object] = [{"dpop": []}, {"oauth2": []}] if {"bearerAuth": []} in security else []
    required = [item for item in security if item]
    optional = [item for item in security if not item][:1]
    return required + alternatives + optional


def _id(name: str, functions: Counter[str]) -> str:
    """Return the function's name: generated clients put the tag before it, and would stutter with `users_list_users`.

    Where several routes have functions of that name, it takes the blueprint's before it.
    """
    function = name.rpartition(".")[2]
    return _snake(function if functions[function] == 1 else name)


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
        "dpop": {
            "type": "http",
            "scheme": "DPoP",
            "description": "An access token that is bound to a key (`token_type` is `DPoP`), with a proof of that key "
            "for this call in the header `DPoP` (RFC 9449). As `Bearer` it is refused.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "Log in with e-mail and password; the client fields stay empty.",
            "flows": {"password": {"tokenUrl": TOKEN_URL, "scopes": {}}},
        },
    }
