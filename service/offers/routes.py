"""GET /api/auth/options: the same for everybody, made at the start; no store is asked."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from sanic import HTTPResponse, Request, Sanic

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.files import send_cached
from service.core.http.messages import JSON
from service.core.http.operations import answer, header
from service.core.passwords.hashing import MAX_LENGTH
from service.feature.ways import WAYS, Way, registration
from service.offers.schemas import EXAMPLE, OptionsResponse, PasswordRules, SecondFactorRules, WayResponse
from service.settings import Settings
from service.stores.event_kinds import LANGUAGES

MAX_AGE_SECONDS: Final = 60
_KEPT: Final = f"public, max-age={MAX_AGE_SECONDS}"

blueprint = Blueprint("offers", url_prefix="/api/auth")


def publish(app: Sanic[Any, Any], settings: Settings) -> None:
    """Serve what the features of `app` have said of their ways in, and what the settings say."""
    body = options(settings, getattr(app.ctx, WAYS, ())).model_dump_json().encode()
    app.ctx.options = body, f'W/"{sha256(body).hexdigest()[:16]}"'
    app.blueprint(blueprint)


def options(settings: Settings, ways: Sequence[Way]) -> OptionsResponse:
    """Return what there is to be offered to somebody who isn't logged in."""
    return OptionsResponse(
        name=settings.PROJECT_NAME,
        registration=registration(ways),
        confirm_email=settings.REQUIRE_EMAIL_VERIFICATION,
        password=PasswordRules(min_length=settings.PASSWORD_MIN_LENGTH, max_length=MAX_LENGTH),
        ways=[WayResponse.model_validate({**way.members, "kind": way.kind}) for way in ways],
        second_factor=SecondFactorRules(
            set_up=settings.SECOND_FACTOR != "off",
            trust_device=settings.TRUST_DEVICE_DAYS > 0,
            recovery=settings.SECOND_FACTOR_RECOVERY_HOURS > 0 or None,
        ),
        languages=list(LANGUAGES),
    )


@blueprint.get("/options")
@openapi.definition(
    summary="What the service offers",
    description="For pages that let people in: none of it has to be written into them. Open to every caller, the same "
    "for all, and good for a minute.",
    response=[
        answer(200, OptionsResponse, "What there is.", EXAMPLE, headers={"ETag": "Its version"}),
        answer(304, None, "You have it.", headers={"ETag": "Its version"}),
    ],
    parameter=header("If-None-Match", {"type": "string"}, "The `ETag` of the one you have."),
)
async def get_options(request: Request) -> HTTPResponse:
    """Say what the service offers."""
    body, tag = request.app.ctx.options
    return send_cached(request, body, tag, JSON, _KEPT)
