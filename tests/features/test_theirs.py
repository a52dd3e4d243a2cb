"""Features of others, once they are served: what they keep, their guards, their errors, their checks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sanic import Blueprint, HTTPResponse, Request

from latchkey import Caller, Feature, Runtime, authenticated, fresh, superuser
from latchkey.doctor import Deployment, Finding, ok
from latchkey.http import no_content
from models import User
from service.app import create_app
from service.errors import Unavailable
from service.feature.doctor import examine
from service.feature.mounting import mount_others
from tests.http.support import logging_kept
from tests.servers import free_port
from tests.support.people import Person, assert_problem, register
from tests.support.process import Service, environment, running
from tests.support.serving import served
from tests.support.stores import Stores

blueprint = Blueprint("kept", url_prefix="/api/kept")


@blueprint.post("/anyone")
@authenticated
async def for_anyone(_request: Request, caller: Caller) -> HTTPResponse:
    return no_content()


@blueprint.post("/fresh")
@fresh
async def for_the_fresh(_request: Request, caller: Caller) -> HTTPResponse:
    return no_content()


@blueprint.post("/superuser")
@superuser
async def for_superusers(_request: Request, caller: Caller) -> HTTPResponse:
    return no_content()


@asynccontextmanager
async def serving(runtime: Runtime, *features: Feature, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """Serve features that are no module's."""
    changed = replace(runtime, settings=runtime.settings.model_copy(update=settings), features=features)
    with logging_kept():
        app = create_app(runtime=changed)
        mount_others(app, changed.settings, features)
        async with served(app) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
            yield client


async def test_what_it_keeps(runtime: Runtime) -> None:
    """It is in the export under the feature's name, and is taken together with the account."""
    kept: dict[UUID, list[str]] = {}

    async def exported(_runtime: Runtime, user_id: UUID) -> object:
        return kept[user_id]

    async def deleted(_runtime: Runtime, user_id: UUID) -> None:
        assert await User.filter(id=user_id).exists()
        del kept[user_id]

    async with serving(runtime, Feature(name="kept", exported=exported, deleted=deleted)) as client:
        ada = await register(client, "ada@example.com")
        session, kept[ada.id] = await ada.log_in(), ["a letter"]
        assert (await session.call("GET", "/users/me/export")).json()["features"] == {"kept": ["a letter"]}
        assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert not kept


async def test_what_it_will_not_let_go(runtime: Runtime) -> None:
    """A feature that raises keeps the account: nothing of it is gone, and the session goes on."""

    async def deleted(_runtime: Runtime, _user_id: UUID) -> None:
        raise Unavailable("archive")

    async with serving(runtime, Feature(name="kept", deleted=deleted)) as client:
        session = await (await register(client, "ada@example.com")).log_in()
        assert_problem(await session.call("DELETE", "/users/me"), 503, "unavailable")
        assert (await session.me()).status_code == 200


async def test_guards(runtime: Runtime, ada: Person) -> None:
    """Strangers are 401, others than superusers 403, and where the password was given long ago it is asked for."""
    async with serving(runtime, Feature(name="kept", blueprints=(blueprint,))) as client:
        ada.client = client
        for path in ("anyone", "fresh", "superuser"):
            assert_problem(await client.post(f"/api/kept/{path}"), 401, "not_authenticated")
        session = await ada.log_in()
        assert (await session.call("POST", "/kept/anyone")).status_code == 204
        assert (await session.call("POST", "/kept/fresh")).status_code == 204
        assert_problem(await session.call("POST", "/kept/superuser"), 403, "forbidden")
        runtime.clock.advance(3600)
        await session.advance()
        assert_problem(await session.call("POST", "/kept/fresh"), 403, "reauthentication_required")
        assert (await session.call("POST", "/kept/anyone")).status_code == 204


async def test_one_proof_for_one_call(runtime: Runtime, ada: Person) -> None:
    """Where the password is asked for every time, `@fresh` uses up what it was given for."""
    async with serving(runtime, Feature(name="kept", blueprints=(blueprint,)), FRESH_SESSION_MINUTES=0.0) as client:
        ada.client = client
        session = await ada.log_in()
        answers = [(await session.call("POST", "/kept/fresh")).status_code]
        proof = {"password": ada.password}
        assert (await session.call("POST", "/auth/reauthenticate", json=proof)).status_code == 204
        answers += [(await session.call("POST", "/kept/fresh")).status_code for _ in range(2)]
    assert answers == [403, 204, 403]


@pytest.mark.embedded_only
async def test_a_check_that_fails(runtime: Runtime) -> None:
    """It is a finding like any other, and the checks behind it are made."""

    async def broken(_deployment: Deployment) -> Sequence[Finding]:
        raise LookupError("there is\nnothing")

    async def away(_deployment: Deployment) -> Sequence[Finding]:
        raise Unavailable("archive")

    async def well(_deployment: Deployment) -> Sequence[Finding]:
        return [ok("kept", "All is well.")]

    deployment = Deployment(runtime.settings, runtime.redis, runtime.clock, {})
    found = await examine([Feature(name="kept", checks=(broken, away, well))], deployment)
    assert [(finding.level, finding.says) for finding in found] == [
        ("error", "Its check failed: LookupError: there is nothing"),
        ("warning", "This could not be checked: the archive is out of reach."),
        ("ok", "All is well."),
    ]


WITH_AN_ERROR = """
from sanic import Blueprint
from latchkey import Feature, ServiceError
from latchkey.http import definition, problems
class TooLoud(ServiceError):
    status, code, title, default_detail = 409, "too_loud", "Too loud", "Somebody is asleep."
blueprint = Blueprint("mine", url_prefix="/api/mine")
@blueprint.get("/")
@definition(response=problems(TooLoud))
async def make_noise(request):
    raise TooLoud
FEATURES = (Feature(name="mine", blueprints=(blueprint,)),)
"""
DOCUMENT = """
import orjson
from service.app import create_app
from service.documents.openapi import build_document
print(orjson.dumps(build_document(create_app())).decode())
"""


@pytest.mark.embedded_only
def test_errors_of_its_own(tmp_path: Path) -> None:
    """An error of a feature is described where it is declared, and its code is among those that there are."""
    (tmp_path / "loud.py").write_text(WITH_AN_ERROR)
    given = environment(FEATURES="loud")
    done = subprocess.run(
        [sys.executable, "-c", DOCUMENT],
        env=given,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert "too_loud" in document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    (example,) = document["paths"]["/api/mine"]["get"]["responses"]["409"]["content"]["application/problem+json"][
        "examples"
    ].values()
    assert example["value"]["code"] == "too_loud"


@pytest.mark.real_only
def test_several_workers(stores: Stores, tmp_path: Path) -> None:
    """Workers find the package where the service was started; nothing there takes the place of what is installed."""
    (tmp_path / "loud.py").write_text(WITH_AN_ERROR)
    (tmp_path / "models.py").write_text("raise SystemExit('not these')")
    given = environment(**stores.environment(FEATURES="loud", WEB_CONCURRENCY="2", PORT=str(port := free_port())))
    command, log = [sys.executable, "-P", "-m", "service", "serve"], tmp_path / "log"
    with running(command, log, env=given, directory=tmp_path) as process:
        service = Service(port, process, log)
        service.wait()
        assert_problem(httpx.get(f"{service.url}/api/mine"), 409, "too_loud")
