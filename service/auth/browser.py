"""What cookie mode asks of flows: one browser has one cookie, and neither a refusal nor a neighbour takes it away.

A browser may send several cookies of the name, only one of which this service has set: the others were planted by a
neighbouring host (service.core.http.cookies says how). Each that is ours by its MAC is looked at; what isn't, isn't
there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from service.core.client import Client
from service.core.telemetry.logs import log_event
from service.errors import DeviceProofRequired, InvalidRefreshToken, Unavailable
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.signin import refreshing
from service.signin.refreshing import Refreshed
from service.signin.replacing import newest_of_each
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Survey

MOST_TRIES: Final = 8
_BY_THIS_BROWSER: Final = (EndReason.LOGGED_OUT, EndReason.REPLACED)

_Candidates = Mapping[UUID, tuple[RefreshToken, str]]


async def refresh(runtime: Runtime, texts: Sequence[str], client: Client) -> Refreshed:
    """Spend the one of a browser's tokens that works, for the next pair.

    Of one session only the newest counts: an older one beside it is no sign of a theft, for the browser has both. Of
    several sessions those that are over are passed by, and the one renewed last is tried first. Where living ones
    belong to different people nobody is taken for somebody else (R86): none is spent, and the next log-in ends them.
    Raises what `refreshing.refresh` raises, `InvalidRefreshToken` when none works; `DeviceProofRequired` where one only
    lacks its proof.
    """
    found = newest_of_each(runtime, texts)
    most = 1
    if len(found) > 1 and (living := await _living(runtime, found)):
        if len({token.uid for token, _ in living.values()}) > 1:
            log_event("session.cookies_disagree", logging.WARNING, ip=client.ip, sessions=len(living))
            raise InvalidRefreshToken
        found, most = living, MOST_TRIES
    tried = sorted(found.values(), key=lambda pair: pair[0].ends_at, reverse=True)[:most]
    refusals: list[InvalidRefreshToken | DeviceProofRequired] = []
    for text in [text for _, text in tried] or texts[:1]:
        try:
            return await refreshing.refresh(runtime, text, client)
        except (InvalidRefreshToken, DeviceProofRequired) as error:
            refusals.append(error)
    if lacking := [error for error in refusals if isinstance(error, DeviceProofRequired)]:
        raise lacking[0]
    raise refusals[0]  # of the one renewed last, which is the likeliest to be the browser's own


async def may_clear_cookie(runtime: Runtime, refused: Sequence[str]) -> bool:
    """Return whether the browser that sent these refused tokens may be told to forget its cookie.

    Not while one of several may live. And not when that very browser ended the session, by logging out or by logging in
    anew: the answer to that has dealt with the cookie, and a refresh that another tab sent before it must not take away
    the one that came after.
    """
    found = newest_of_each(runtime, refused)
    if len(found) > MOST_TRIES:
        return False
    try:
        surveys = await _survey(runtime, found)
    except Unavailable:
        return False
    if len(found) > 1 and any(ends_at is not None for survey in surveys for ends_at in survey.ends_at.values()):
        return False
    return not any(reason in _BY_THIS_BROWSER for survey in surveys for reason in survey.reasons.values())


async def _living(runtime: Runtime, found: _Candidates) -> dict[UUID, tuple[RefreshToken, str]]:
    """Return those whose session lives, without using it. Raises `Unavailable`."""
    surveys = await _survey(runtime, found)
    living = {sid for survey in surveys for sid, ends_at in survey.ends_at.items() if ends_at is not None}
    return {sid: pair for sid, pair in found.items() if sid in living}


async def _survey(runtime: Runtime, found: _Candidates) -> list[Survey]:
    batches = runtime.sessions.survey_batches({sid: token.uid for sid, (token, _) in found.items()})
    return await asyncio.gather(*(runtime.sessions.survey(batch) for batch in batches))
