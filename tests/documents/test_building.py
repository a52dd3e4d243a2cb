"""What the document says: "it validates" is no proof, a wrong document validates too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from itertools import count
from typing import Any

import orjson
import pytest
import sanic_ext
from openapi_spec_validator import validate
from pydantic import BaseModel
from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.response import empty

from service.core.http import openapi
from service.core.http.operations import answer, configure, header, json_body, query
from service.documents.openapi import build_document

_numbers = count()

MakeApp = Callable[[], Sanic[Any, Any]]


@pytest.fixture
def document(sample_app: MakeApp) -> dict[str, Any]:
    """The sample's document, as a client reads it."""
    read: dict[str, Any] = orjson.loads(orjson.dumps(build_document(sample_app())))
    return read


def values(tree: object) -> Iterator[tuple[object, object]]:
    """Every key and value, at any depth."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield key, value
        yield from values(value)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No $ref dangles, no component is unused, and nothing of our own bookkeeping is left."""
    used = {value for key, value in values(document) if key == "$ref"}
    for reference in used:
        node: Any = document
        for part in str(reference).removeprefix("#/").split("/"):
            node = node[part]
    there = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert there <= used
    assert not [key for key, _ in values(document) if str(key).startswith("x-latchkey")]


def test_request_model(document: dict[str, Any]) -> None:
    """Required and nullable fields, secrets, e-mail, enums and nested models keep their meaning."""
    body = document["paths"]["/api/people"]["post"]["requestBody"]
    assert body == {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/RegisterRequest"},
                "example": {"email": "ada@example.com", "password": "correct horse battery"},
            }
        },
    }
    schemas = document["components"]["schemas"]
    model = schemas["RegisterRequest"]
    assert model["required"] == ["email", "password"]
    assert model["additionalProperties"] is False
    assert model["properties"] == {
        "email": {"type": "string", "format": "email"},
        "password": {"type": "string", "format": "password", "writeOnly": True, "minLength": 8, "maxLength": 256},
        "full_name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "role": {"$ref": "#/components/schemas/Role"},
        "addresses": {"type": "array", "items": {"$ref": "#/components/schemas/Address-Input"}},
    }
    assert schemas["Role"] == {"type": "string", "enum": ["admin", "member"], "title": "Role"}


def test_answer_model(document: dict[str, Any]) -> None:
    """In an answer every field is required, those with a default too; a request may leave the same field out."""
    schemas = document["components"]["schemas"]
    assert schemas["TokenResponse"]["required"] == ["access_token", "token_type"]
    assert schemas["UserResponse"]["required"] == ["id", "full_name", "role", "created_at", "addresses"]
    assert schemas["UserResponse"]["properties"]["id"] == {"type": "string", "format": "uuid"}
    assert schemas["UserResponse"]["properties"]["created_at"] == {"type": "string", "format": "date-time"}
    assert schemas["Address-Input"]["required"] == ["street"]
    assert schemas["Address-Output"]["required"] == ["street", "city"]


def test_arrays_of_models_headers_and_query(document: dict[str, Any]) -> None:
    """A list answers with an array of references; its query parameters keep ranges, defaults and descriptions."""
    operation = document["paths"]["/api/people"]["get"]
    page = operation["responses"]["200"]
    assert page["content"]["application/json"]["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/UserResponse"},
    }
    assert page["headers"]["X-Total-Count"]["description"] == "How many there are in all"
    limit = next(parameter for parameter in operation["parameters"] if parameter["name"] == "limit")
    assert limit == {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "How many at most",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 100},
    }


def test_form_beside_json(document: dict[str, Any]) -> None:
    """The log-in takes both media types, the form last and in place: so every generator can read it."""
    content = document["paths"]["/api/people/login"]["post"]["requestBody"]["content"]
    assert list(content) == ["application/json", "application/x-www-form-urlencoded"]
    assert content["application/x-www-form-urlencoded"]["schema"]["required"] == ["username", "password"]
    assert content["application/json"]["example"] == {"username": "ada", "password": "secret"}


def test_declared_and_implied_errors(document: dict[str, Any]) -> None:
    """Declared codes and those that follow from the shape of the operation are told together, with an example each."""
    responses = document["paths"]["/api/people/login"]["post"]["responses"]
    assert list(responses) == ["200", "400", "413", "415", "422", "503"]
    bad = responses["400"]
    assert list(bad["content"]) == ["application/problem+json"]
    media = bad["content"]["application/problem+json"]
    assert media["schema"] == {"$ref": "#/components/schemas/Problem"}
    codes = [example["value"]["code"] for example in media["examples"].values()]
    assert codes == ["invalid_grant", "inactive_user", "bad_request"]
    assert all(f"`{code}`" in bad["description"] for code in codes)
    assert responses["503"] == {"$ref": "#/components/responses/Unavailable"}
    shared = document["components"]["responses"]
    assert list(shared["Unavailable"]["headers"]) == ["Retry-After"]
    assert list(shared["Unauthorized"]["headers"]) == ["WWW-Authenticate"]
    required = document["components"]["schemas"]["Problem"]["required"]
    assert required == ["type", "title", "status", "code", "detail", "request_id"]


def test_no_content_and_free_words(document: dict[str, Any]) -> None:
    """204 has no content at all, and an error may be described in free words."""
    responses = document["paths"]["/api/people/{person}"]["delete"]["responses"]
    assert responses["204"] == {"description": "Gone."}
    assert responses["409"] == {
        "description": "Not this one.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def test_security(document: dict[str, Any]) -> None:
    """A guard's mark is enough, wherever it stands; a bound token or a password will do; an optional one stays so."""
    either: list[dict[str, list[str]]] = [{"bearerAuth": []}, {"dpop": []}, {"oauth2": []}]
    person = document["paths"]["/api/people/{person}"]
    assert document["paths"]["/api/people"]["get"]["security"] == either
    assert person["put"]["security"] == person["patch"]["security"] == either
    assert person["delete"]["security"] == [*either, {}]
    assert document["paths"]["/api/people"]["post"]["security"] == []
    assert "401" in person["put"]["responses"]
    schemes = document["components"]["securitySchemes"]
    assert schemes["oauth2"]["flows"] == {"password": {"tokenUrl": "/oauth/token", "scopes": {}}}
    assert (schemes["bearerAuth"]["scheme"], schemes["bearerAuth"]["bearerFormat"]) == ("bearer", "JWT")
    assert (schemes["dpop"]["type"], schemes["dpop"]["scheme"]) == ("http", "DPoP")


def test_names_and_summaries(document: dict[str, Any]) -> None:
    """Ids are unique and in snake case; the docstring's first line is the summary, the rest stays in the code."""
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert sorted(operation["operationId"] for operation in operations) == [
        "change_patch",
        "change_put",
        "keys",
        "list_people",
        "log_in",
        "openapi_json",
        "register",
        "remove",
    ]
    login = document["paths"]["/api/people/login"]["post"]
    assert (login["summary"], login["tags"]) == ("Log in with e-mail and password", ["auth"])
    assert "only a reader" not in str(document)
    assert [tag["name"] for tag in document["tags"]] == ["auth", "default", "operations", "people"]
    assert (document["info"]["title"], document["info"]["version"]) == ("Sample & Sons", "1.2.3")
    assert "`method_not_allowed`" in document["info"]["description"]
    assert document["servers"] == [{"url": "/"}]


def test_path_parameters(document: dict[str, Any]) -> None:
    """A path parameter has the type of its route."""
    (parameter,) = document["paths"]["/api/people/{person}"]["put"]["parameters"]
    assert parameter == {
        "name": "person",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }


def test_same_bytes_for_every_application(sample_app: MakeApp) -> None:
    """Applications in one process have the same document, in any order and however often it is built."""
    first, second = sample_app(), sample_app()
    later = orjson.dumps(build_document(second))
    assert orjson.dumps(build_document(first)) == later == orjson.dumps(build_document(second))


def test_models_of_the_same_name_are_kept_apart() -> None:
    """Each operation refers to its own model, although both classes are called alike."""

    def model(**fields: Any) -> type[BaseModel]:  # field types
        return type("Same", (BaseModel,), {"__annotations__": fields, "__module__": f"m{len(fields)}"})

    app = _bare_app("documents-same-name")
    for number, given in enumerate([model(a=int), model(a=int, b=str)]):
        _add(app, f"/api/{number}", f"route_{number}", given)
    document: dict[str, Any] = build_document(app)
    validate(document)
    found = []
    for number in range(2):
        content = document["paths"][f"/api/{number}"]["post"]["requestBody"]["content"]
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        found.append(list(document["components"]["schemas"][name]["properties"]))
    assert found == [["a"], ["a", "b"]]


def test_operation_id_taken_twice_is_refused() -> None:
    """Two operations under one id would make one method in a generated client."""
    app = _bare_app("documents-same-id")
    for number in range(2):
        _add(app, f"/api/{number}", f"route_{number}", BaseModel, operation="same")
    with pytest.raises(ValueError, match="operationId same_post"):
        build_document(app)


def test_configure_says_when_it_comes_too_late() -> None:
    """Once sanic-ext is attached, its own publishing can't be stopped any more."""
    app: Sanic[Any, Any] = Sanic("documents-too-late")
    app.extend()
    with pytest.raises(RuntimeError, match="before sanic-ext"):
        configure(app, title="x", version="1")


class Strict(BaseModel):
    number: int


class Nested(BaseModel):
    inner: Strict


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ({"body": json_body(Strict, {"number": "many"})}, "number"),
        ({"response": answer(200, list[Strict], "Some.", [{}])}, "number"),
        ({"response": [answer(204, None, "Done."), answer(200, Strict, "One.", {"number": None})]}, "number"),
        ({"parameter": query(Nested)}, "flat"),
        ({"parameter": [header("X-Here", {"type": "string"}, "Where."), *query(Nested)]}, "flat"),
    ],
)
def test_what_is_wrong_is_said(words: dict[str, Any], refused: str) -> None:
    """An example can't rot, and a query string is flat: whoever asks for the document is told."""
    app = _bare_app(f"documents-wrong-{next(_numbers)}")

    @app.post("/api/wrong")
    @openapi.definition(**words)
    async def handler(_: Request) -> HTTPResponse:
        return empty()

    with pytest.raises(ValueError, match=refused):  # pydantic's is one, too
        build_document(app)


def test_sanic_exts_own_decorators() -> None:
    """They may be used beside ours, or instead: what ours leaves is what they take."""
    app = _bare_app("documents-theirs")

    @app.get("/api/ours")
    @openapi.definition(response=answer(200, Strict, "One."), tag="a", summary="Get one")
    async def ours(_: Request) -> HTTPResponse:
        return empty()

    @app.get("/api/theirs")
    @sanic_ext.openapi.definition(response=answer(200, Strict, "One."), tag="a", summary="Get one")
    async def theirs(_: Request) -> HTTPResponse:
        return empty()

    @app.get("/api/both")
    @sanic_ext.openapi.tag("a")
    @openapi.definition(response=answer(200, Strict, "One."), summary="Get one")
    async def both(_: Request) -> HTTPResponse:
        return empty()

    found: dict[str, Any] = build_document(app)
    ours_, theirs_, both_ = (found["paths"][f"/api/{name}"]["get"] for name in ("ours", "theirs", "both"))
    assert ours_["tags"] == ["a"]
    assert theirs_ == ours_ | {"operationId": "theirs"}
    assert both_ == ours_ | {"operationId": "both"}
    assert found == build_document(app)  # and nothing was used up


def test_nothing_stands_before_a_handler() -> None:
    """What is said of a handler is said beside it: it goes on as it is, and so do others that are made of it."""

    async def handler(_: Request) -> HTTPResponse:
        return empty()

    said = openapi.definition(body=json_body(Strict), response=answer(204, None, "Done."))(handler)
    assert said is handler
    (note,) = openapi.notes_of(handler)

    @openapi.secured({})
    @wraps(handler)
    async def public(request: Request) -> HTTPResponse:
        return await handler(request)

    assert openapi.notes_of(handler) == (note,)
    assert [one.name for one in openapi.notes_of(public)] == ["definition", "secured"]


def _bare_app(name: str) -> Sanic[Any, Any]:
    app: Sanic[Any, Any] = Sanic(name)
    configure(app, title="x", version="1")
    return app


def _add(app: Sanic[Any, Any], path: str, name: str, model: type[BaseModel], **declared: Any) -> None:
    routes = Blueprint(name)

    @routes.post(path)
    @openapi.definition(body=json_body(model), response=answer(204, None, "Done."), **declared)
    async def handler(_: Request) -> HTTPResponse:
        return empty()

    app.blueprint(routes)
