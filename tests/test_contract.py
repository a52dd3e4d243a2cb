"""The API's document may only grow: docs/contract.txt has what clients rely on since the last release."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tools import contract

DOCUMENT: dict[str, Any] = json.loads(contract.DOCUMENT.read_text(encoding="utf-8"))


def test_nothing_is_broken() -> None:
    """Every line that was recorded is still true."""
    assert not contract.broken(contract.RECORDED.read_text(encoding="utf-8"), DOCUMENT)


def changed(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> list[str]:
    """Return what a change to the document breaks."""
    document = deepcopy(DOCUMENT)
    change(document["paths"], document["components"]["schemas"])
    return contract.broken("\n".join(contract.facts(DOCUMENT)), document)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda paths, _: paths.pop("/api/auth/test-token"), "POST /api/auth/test-token"),
        (
            lambda paths, _: paths["/api/sessions"]["get"].update(operationId="all"),
            "GET /api/sessions is called list_sessions",
        ),
        (lambda paths, _: paths["/api/users/me"]["get"]["responses"].pop("200"), "GET /api/users/me answers 200"),
        (
            lambda paths, _: paths["/api/health"]["get"].update(security=[{"bearerAuth": []}]),
            "GET /api/health is open to everybody",
        ),
        (
            lambda paths, _: paths["/api/users"]["get"]["parameters"][0].update(required=True),
            "GET /api/users needs only []",
        ),
        (lambda _, schemas: schemas["RegisterRequest"]["required"].append("full_name"), "RegisterRequest needs only "),
        (
            lambda _, schemas: schemas["SessionResponse"]["required"].remove("level"),
            "SessionResponse.level is always there",
        ),
        (lambda _, schemas: schemas["UserResponse"]["properties"].pop("email"), "UserResponse.email: "),
        (lambda _, schemas: schemas["EndReason"]["enum"].remove("revoked"), "EndReason may be revoked"),
        (
            lambda _, schemas: schemas["RegisterRequest"]["properties"]["full_name"].update(anyOf=[{"type": "null"}]),
            "RegisterRequest.full_name: ",
        ),
    ],
)  # fmt: skip
def test_what_breaks(change: Callable[[dict[str, Any], dict[str, Any]], object], line: str) -> None:
    """Whatever a client could stumble over is a line, and only that."""
    assert any(found.startswith(line) for found in changed(change))


def test_what_does_not() -> None:
    """A new call, a new answer, a member that may be left out, one more of a list, other words."""

    def grow(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
        paths["/api/new"] = {"get": deepcopy(paths["/api/health"]["get"]) | {"operationId": "new"}}
        paths["/api/health"]["get"]["responses"]["418"] = {"description": "A teapot."}
        paths["/api/health"]["get"]["summary"] = "Whatever"
        schemas["EndReason"]["enum"].append("bored")
        schemas["RegisterRequest"]["properties"]["nickname"] = {"type": "string"}
        schemas["UserResponse"]["properties"]["nickname"] = {"type": "string"}
        schemas["UserResponse"]["required"].append("nickname")

    assert not changed(grow)


def test_the_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It records, says what is broken line by line, and knows when it is misused."""
    monkeypatch.setattr(contract, "RECORDED", tmp_path / "contract.txt")
    assert contract.main([]) == 0
    assert contract.main(["--check"]) == 0
    with (tmp_path / "contract.txt").open("a") as file:
        file.write("GET /api/gone\n")
    assert contract.main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/openapi.json breaks its contract: GET /api/gone\n"
    assert contract.main(["--help"]) == 2


def test_what_needs_less_breaks_nobody() -> None:
    """A member that had to be there and needn't any more."""
    assert changed(lambda _, schemas: schemas["RegisterRequest"]["required"].remove("password")) == []
