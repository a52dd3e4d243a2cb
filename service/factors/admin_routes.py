"""/api/users/{user_id}/factors: a user's second factors, for superusers."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.core.http.requests import path_id
from service.credentials import factor_resets
from service.errors import DeviceBindingRequired, Forbidden, NotFound, ReauthenticationRequired
from service.factors.schemas import FACTORS_EXAMPLE, FactorResetRequest, FactorResetResponse, FactorsResponse
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import superuser

blueprint = Blueprint("user_factors", url_prefix="/api/users")


@blueprint.get("/<user_id:str>/factors")
@openapi.definition(
    summary="A user's second factors",
    response=[
        answer(200, FactorsResponse, "What there is.", FACTORS_EXAMPLE),
        *problems(Forbidden, DeviceBindingRequired, NotFound),
    ],
)
@superuser
async def read_user_factors(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Return a user's second factors."""
    found = await factor_resets.overview_of(runtime_of(request), path_id(user_id))
    return json_answer(FactorsResponse.of(found))


@blueprint.delete("/<user_id:str>/factors")
@openapi.definition(
    summary="Take a user's second factors away",
    description="For who has lost them all. Recovery codes and trusted devices go with them, and every session ends; "
    "the user gets an e-mail. It takes a fresh session.",
    body=json_body(FactorResetRequest, {"reason": "Lost the phone; called from the number we know."}),
    response=[
        answer(
            200,
            FactorResetResponse,
            "What was taken away.",
            {"factors": ["totp"], "recovery_codes": 9, "trusted_devices": 1, "sessions": 2},
        ),
        *problems(Forbidden, DeviceBindingRequired, ReauthenticationRequired, NotFound),
    ],
)
@superuser
async def reset_user_factors(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Take a user's second factors away."""
    body = read_json(request, FactorResetRequest)
    done = await factor_resets.reset(runtime_of(request), path_id(user_id), actor=caller, reason=body.reason)
    return json_answer(FactorResetResponse.of(done))
