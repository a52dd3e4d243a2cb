"""/api/users/me: one's own second factors, recovery codes and trusted devices."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer, json_list, no_content
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.core.http.requests import path_id
from service.credentials import factor_resets, trusted_devices
from service.errors import (
    AddressUnconfirmed,
    Forbidden,
    InvalidChallenge,
    InvalidCode,
    LastWayIn,
    NotFound,
    ReauthenticationRequired,
)
from service.factors import removing, setting_up, trust, waiting
from service.factors.schemas import (
    CODES_EXAMPLE,
    ENROLMENT_EXAMPLE,
    FACTORS_EXAMPLE,
    TRUSTED_EXAMPLE,
    ConfirmedResponse,
    ConfirmRequest,
    EnrolmentResponse,
    FactorsResponse,
    RecoveryCodesResponse,
    TrustedDeviceResponse,
)
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import authenticated

blueprint = Blueprint("factors", url_prefix="/api/users/me")


@blueprint.get("/factors")
@openapi.definition(
    summary="Your second factors",
    response=[answer(200, FactorsResponse, "What there is.", FACTORS_EXAMPLE)],
)
@authenticated
async def read_factors(request: Request, caller: Caller) -> HTTPResponse:
    """Return the caller's second factors."""
    return json_answer(FactorsResponse.of(await factor_resets.overview(runtime_of(request), caller.user)))


@blueprint.post("/factors/totp")
@openapi.definition(
    summary="Set up an app for codes",
    description="Nothing changes before it is confirmed, in this session. 404 where `SECOND_FACTOR` is `off`.",
    response=[
        answer(200, EnrolmentResponse, "A secret, not in force yet.", ENROLMENT_EXAMPLE),
        *problems(ReauthenticationRequired, AddressUnconfirmed, NotFound),
    ],
)
@authenticated
async def begin_totp(request: Request, caller: Caller) -> HTTPResponse:
    """Make a secret for an app that shows codes."""
    return json_answer(EnrolmentResponse.model_validate(await setting_up.begin(runtime_of(request), caller)))


@blueprint.post("/factors/totp/confirm")
@openapi.definition(
    summary="Confirm an app for codes",
    description="It is the second factor from now on, and an earlier app's codes are worth nothing. Log-ins under way "
    "and trusted devices end; other sessions with `end_other_sessions`. A second factor that was set up since it was "
    "begun has to be shown first.",
    body=json_body(ConfirmRequest, {"enrolment": ENROLMENT_EXAMPLE["enrolment"], "code": "271828"}),
    response=[
        answer(200, ConfirmedResponse, "It is set up.", {"recovery_codes": CODES_EXAMPLE}),
        *problems(InvalidCode, InvalidChallenge, ReauthenticationRequired, AddressUnconfirmed, NotFound),
    ],
)
@authenticated
async def confirm_totp(request: Request, caller: Caller) -> HTTPResponse:
    """Make an app that shows codes the second factor."""
    body = read_json(request, ConfirmRequest)
    done = await setting_up.confirm(
        runtime_of(request), caller, waiting.number_of(body.enrolment), body.code, end_others=body.end_other_sessions
    )
    codes = list(done.recovery_codes) if done.recovery_codes else None
    return json_answer(ConfirmedResponse(recovery_codes=codes))


@blueprint.delete("/factors/totp")
@openapi.definition(
    summary="Remove the app for codes",
    description="It takes a session that is fresh by a second factor. Every other session ends. For a day after a "
    "recovery code was used the last factor can be replaced, and not removed.",
    response=[
        answer(204, None, "It is gone; recovery codes go with the last factor."),
        *problems(ReauthenticationRequired, Forbidden, NotFound, LastWayIn),
    ],
)
@authenticated
async def remove_totp(request: Request, caller: Caller) -> HTTPResponse:
    """Remove the app that shows codes."""
    await removing.remove_app(runtime_of(request), caller)
    return no_content()


@blueprint.post("/recovery-codes")
@openapi.definition(
    summary="Have new recovery codes made",
    description="It takes a session that is fresh by a second factor.",
    response=[
        answer(200, RecoveryCodesResponse, "Ten new ones.", {"recovery_codes": CODES_EXAMPLE}),
        *problems(ReauthenticationRequired, NotFound),
    ],
)
@authenticated
async def new_recovery_codes(request: Request, caller: Caller) -> HTTPResponse:
    """Return ten new recovery codes; the ones before are dead."""
    made = await setting_up.new_recovery_codes(runtime_of(request), caller)
    return json_answer(RecoveryCodesResponse(recovery_codes=list(made)))


@blueprint.get("/trusted-devices")
@openapi.definition(
    summary="Devices that aren't asked for the second factor",
    response=[answer(200, list[TrustedDeviceResponse], "The one used last first.", [TRUSTED_EXAMPLE])],
)
@authenticated
async def list_trusted_devices(request: Request, caller: Caller) -> HTTPResponse:
    """Return the devices that the caller trusts."""
    found = await trusted_devices.list_trusted(runtime_of(request), caller.user)
    return json_list([TrustedDeviceResponse.model_validate(device) for device in found])


@blueprint.delete("/trusted-devices")
@openapi.definition(
    summary="Trust no device any more", response=[answer(204, None, "Each of them is asked from now on.")]
)
@authenticated
async def end_all_trust(request: Request, caller: Caller) -> HTTPResponse:
    """Ask for the second factor on every device of the caller's."""
    await trust.end_all(runtime_of(request), caller)
    return no_content()


@blueprint.delete("/trusted-devices/<device_id:str>")
@openapi.definition(
    summary="Trust a device no more", response=[answer(204, None, "It is asked from now on."), *problems(NotFound)]
)
@authenticated
async def end_trust(request: Request, caller: Caller, device_id: str) -> HTTPResponse:
    """Ask for the second factor on one device of the caller's."""
    await trust.end_one(runtime_of(request), caller, path_id(device_id))
    return no_content()
