"""What browsers are told of a bound session: JSON session instructions (W3C DBSC, sections 9.6 to 9.9)."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field

from service.core.http import cookies
from service.core.http.messages import ResponseModel
from service.settings import Settings
from service.signin.binding_transport import PATH, cookie_name, path_of

PROOF_PATH: Final = f"{PATH}/proof"
REFRESH_PATH: Final = "/api/auth/refresh"


class DeviceRuleResponse(ResponseModel):
    """Which calls wait for a proof, and which don't."""

    type: Literal["include", "exclude"]
    path: str


class DeviceScopeResponse(ResponseModel):
    """What the session is for: this origin, whatever name browsers have for it, and of that one call."""

    include_site: bool = False
    scope_specification: tuple[DeviceRuleResponse, ...]


class DeviceCookieResponse(ResponseModel):
    """The cookie without which the browser is to prove something."""

    type: Literal["cookie"] = "cookie"
    name: str
    attributes: str


class DeviceInstructionsResponse(ResponseModel):
    """What a browser is to do for a session of this identifier."""

    session_identifier: str
    refresh_url: str
    scope: DeviceScopeResponse
    credentials: tuple[DeviceCookieResponse, ...]
    allowed_refresh_initiators: tuple[str, ...]


class DeviceForgottenResponse(ResponseModel):
    """The session is over: the browser is to forget its key."""

    model_config = ConfigDict(serialize_by_alias=True)

    goes_on: Annotated[Literal[False], Field(serialization_alias="continue")] = False


def instructions(settings: Settings, identifier: str) -> DeviceInstructionsResponse:
    """Return what the browser is to do: prove that it has the key before a refresh, and before nothing else.

    Of rules that fit, browsers take the last (Chromium), and the draft the first: so the one that counts is both.
    """
    here = DeviceRuleResponse(type="include", path=path_of(settings, REFRESH_PATH))
    cookie = DeviceCookieResponse(name=cookie_name(settings), attributes=f"Path=/; {cookies.attributes(settings)}")
    return DeviceInstructionsResponse(
        session_identifier=identifier,
        refresh_url=path_of(settings, PROOF_PATH),
        scope=DeviceScopeResponse(scope_specification=(here, DeviceRuleResponse(type="exclude", path="/"), here)),
        credentials=(cookie,),
        allowed_refresh_initiators=_hosts(settings),
    )


def _hosts(settings: Settings) -> tuple[str, ...]:
    """Return the hosts of the pages that may have a browser prove something: those that may refresh."""
    pages = [settings.public_origin, settings.frontend_url, *settings.BACKEND_CORS_ORIGINS]
    return tuple(dict.fromkeys(host for page in pages if (host := urlsplit(page).hostname)))


INSTRUCTIONS_EXAMPLE: Final = {
    "session_identifier": "ZHqDLw6xTYLqSykSw8P5bw",
    "refresh_url": PROOF_PATH,
    "scope": {
        "include_site": False,
        "scope_specification": [
            {"type": "include", "path": REFRESH_PATH},
            {"type": "exclude", "path": "/"},
            {"type": "include", "path": REFRESH_PATH},
        ],
    },
    "credentials": [
        {"type": "cookie", "name": "__Host-device-proof", "attributes": "Path=/; HttpOnly; SameSite=Strict; Secure"}
    ],
    "allowed_refresh_initiators": ["id.example.com"],
}
