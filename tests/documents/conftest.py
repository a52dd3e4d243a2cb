"""A small application with the awkward kinds of declaration, and a real server for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from enum import Enum
from functools import wraps
from itertools import count
from typing import Any, Literal
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from pydantic import BaseModel, ConfigDict, EmailStr, Field, SecretStr
from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.response import empty, json

from service.core.http import openapi
from service.core.http.operations import BEARER, answer, configure, json_body, problem, problems, query, secured
from service.core.process.sockets import listen
from service.documents.routes import blueprint as documents
from service.errors import EmailTaken, Forbidden, InactiveUser, InvalidGrant, NotFound, ServiceError

EXAMPLE = {"email": "ada@example.com", "password": "correct horse battery"}
_numbers = count()


class Role(Enum):
    ADMIN = "admin"
    MEMBER = "member"


class Address(BaseModel):
    street: str
    city: str | None = None


class RegisterRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: EmailStr
    password: SecretStr = Field(min_length=8, max_length=256)
    full_name: str | None = None
    role: Role = Role.MEMBER
    addresses: list[Address] = []


class LoginForm(BaseModel):
    username: str
    password: SecretStr


class TokenResponse(BaseModel):
    access_token: str
    token_type: Literal["bearer"] = "bearer"


class UserResponse(BaseModel):
    """A user."""

    id: UUID
    full_name: str | None
    role: Role
    created_at: datetime
    addresses: list[Address]


class ListQuery(BaseModel):
    skip: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=1, le=100, description="How many at most")
    q: str | None = None


Handler = Callable[..., Awaitable[HTTPResponse]]


def guarded(handler: Handler) -> Handler:
    @wraps(handler)
    async def guard(request: Request, *args: object, **kwargs: object) -> HTTPResponse:
        return await handler(request, *args, **kwargs)

    return secured(guard)


def _blueprint() -> Blueprint:
    routes = Blueprint("people", url_prefix="/api/people")

    @routes.post("/login")
    @openapi.definition(
        operation="log_in",
        tag="auth",
        body=json_body(LoginForm, {"username": "ada", "password": "secret"}, form=LoginForm),
        response=[answer(200, TokenResponse, "A new session."), *problems(InvalidGrant, InactiveUser)],
    )
    async def login(_: Request) -> HTTPResponse:
        """Log in with e-mail and password.

        What only a reader of the code should see.
        """
        return empty()

    @routes.post("/")
    @openapi.definition(
        body=json_body(RegisterRequest, EXAMPLE),
        response=[answer(200, UserResponse, "The new user."), *problems(EmailTaken)],
    )
    async def register(_: Request) -> HTTPResponse:
        return empty()

    @routes.get("/")
    @guarded  # outside of the declaration: the order must not matter
    @openapi.definition(
        parameter=query(ListQuery),
        response=[
            answer(200, list[UserResponse], "One page.", headers={"X-Total-Count": "How many there are in all"}),
            *problems(Forbidden),
        ],
    )
    async def listPeople(_: Request) -> HTTPResponse:  # the id must be in snake case nevertheless
        return empty()

    @routes.route("/<person:uuid>", methods=["PUT", "PATCH"])  # type: ignore[untyped-decorator] # Sanic
    @openapi.definition(body=json_body(Address), response=[answer(200, UserResponse, "Changed."), *problems(NotFound)])
    @guarded
    async def change(_: Request, person: UUID) -> HTTPResponse:
        return json(str(person))

    @routes.delete("/<person:uuid>")
    @openapi.secured({})  # the token is optional
    @openapi.definition(response=[answer(204, None, "Gone."), problem(409, "Not this one.")], secured=BEARER)
    async def remove(_: Request, person: UUID) -> HTTPResponse:
        return json(str(person))

    @routes.get("/secret-door")
    @openapi.definition(exclude=True)
    async def secret_door(_: Request) -> HTTPResponse:
        return empty()

    return routes


def _sample_app() -> Sanic[Any, Any]:
    app: Sanic[Any, Any] = Sanic(f"documents-{next(_numbers)}")
    configure(app, title="Sample & Sons", version="1.2.3")
    app.blueprint([_blueprint(), documents])

    @app.get("/.well-known/keys.json")
    @openapi.definition(response=answer(200, dict[str, Any], "Keys."))
    async def keys(_: Request) -> HTTPResponse:
        return json({})

    @app.get("/elsewhere")
    async def elsewhere(_: Request) -> HTTPResponse:
        return empty()

    @app.exception(ServiceError)
    async def render(_: Request, error: ServiceError) -> HTTPResponse:
        return json({"code": error.code}, status=error.status)

    return app


@pytest.fixture
def sample_app() -> Callable[[], Sanic[Any, Any]]:
    """Make a new application with the same routes on every call."""
    return _sample_app


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running server with the sample application."""
    app = _sample_app()
    # Any: AsyncioServer's methods have no annotations
    # A socket of our own: for Sanic port 0 is 8000.
    server: Any = await app.create_server(sock=listen("127.0.0.1", 0)[0], return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.before_start()
    await server.after_start()
    port = server.server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        yield http
    await server.before_stop()
    server.server.close()
    await server.server.wait_closed()
    await server.after_stop()
