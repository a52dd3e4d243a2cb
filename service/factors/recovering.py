"""Second factors that somebody has lost, recovery codes and all: taken away after a while, where operators allow it.

It takes the password, shown in the log-in in which this is asked for, and the mailbox, with a link that is sent there.
Then it takes `SECOND_FACTOR_RECOVERY_HOURS`, in which the mailbox hears of it every day: any session that is open, any
of the links, and the second factor itself say no (ASVS 6.4.3, 6.4.4). So a thief of both has to keep their owner away
from everything for days.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from models import FactorRecovery, User
from service.accounts import accounts
from service.audit import events
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.credentials import budgets, factor_guesses, factor_recoveries, factors, trusted_devices
from service.credentials.proof import PASSWORD
from service.errors import Forbidden, InvalidChallenge, InvalidToken, NotFound, Unavailable
from service.errors.end_reasons import EndReason
from service.factors import at_the_door
from service.jobs.kinds import Again, Kind, Schedule, Turn, repeated
from service.letters import links, notices, onetime, typed
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting
from service.sessions.callers import Caller
from service.stores.letter_kinds import FACTORS_GO, FACTORS_WENT, RECOVER_FACTORS, moment

DAY: Final = timedelta(days=1)
BATCH: Final = 50
_OFTEN: Final = Schedule(timedelta(minutes=5))


async def ask(runtime: Runtime, challenge: str, client: Client) -> None:
    """Ask for the link that proves the mailbox, in a log-in that owes a second factor and has shown the password.

    Raises `NotFound` where operators don't allow it, `InvalidChallenge`, `Forbidden` for a log-in by mail (the mailbox
    would be all there is), and `RateLimited` for the letters of the network.
    """
    user, found = await at_the_door.begun(runtime, challenge)
    if not runtime.settings.SECOND_FACTOR_RECOVERY_HOURS:
        raise NotFound
    if not user.has_factor:
        raise InvalidChallenge
    if not any(PASSWORD in proof.methods for proof in found.proofs):
        raise Forbidden("It takes the password: a mailbox alone is one factor.")
    await budgets.pay_for_letter(runtime, "recover", client)
    await accounts.ask(runtime, RECOVER_FACTORS, user.email, user.language, user_id=user.id, client=client)


async def confirm(runtime: Runtime, token: str, client: Client) -> datetime:
    """Begin to wait, with the token of that link; return when the factors go. Asked again it is the same wait.

    Raises `InvalidToken`, also where operators don't allow it any more.
    """
    life = timedelta(hours=runtime.settings.SECOND_FACTOR_RECOVERY_HOURS)
    async with transaction():
        spent = await onetime.spend(runtime, token, factor_recoveries.ASK) if life else None
        if spent is None or not spent.user.has_factor:
            raise InvalidToken
        user = spent.user
        row = await factor_recoveries.begin(runtime, user, life, next_after=DAY)
        if row is not None:
            await events.record(runtime, events.FACTORS_RECOVERY, user_id=user.id, client=client)
            await _tell(runtime, user, row, client)
            return row.due_at
        due = await factor_recoveries.due_at(runtime, user)
    if due is None:  # never reached: what is there already holds
        raise InvalidToken
    return due


async def stop(runtime: Runtime, caller: Caller) -> None:
    """Let one's factors stay: any session will do, also one that isn't fresh. Raises `NotFound` if nothing waits."""
    async with acting(runtime, caller) as user:
        sid = caller.session.sid
        if not await factor_recoveries.stop(runtime, user, "session", caller.client, session_id=sid):
            raise NotFound("Nobody has asked to have your second factor taken away.")


async def stop_by_link(runtime: Runtime, token: str, client: Client) -> None:
    """Let the factors stay, with the token of any of the links. Raises `InvalidToken`."""
    async with transaction():
        spent = await onetime.spend(runtime, token, factor_recoveries.STOP)
        if spent is None or not await factor_recoveries.stop(runtime, spent.user, "link", client):
            raise InvalidToken


async def see_to(runtime: Runtime, user_id: UUID) -> None:
    """Do what is due about one account's wait: write, or take the factors away, or find that there is nothing to do."""
    async with transaction():
        user = await User.filter(id=user_id).select_for_update().first()
        row = await FactorRecovery.get_or_none(user_id=user_id)
        now = runtime.clock.now()
        if user is None or row is None or row.next_at > now:
            return  # somebody was first
        if not factor_recoveries.holds(runtime, row, user):
            await factor_recoveries.end(user)
            return
        if not runtime.settings.SECOND_FACTOR_RECOVERY_HOURS:
            await factor_recoveries.stop(runtime, user, "setting", None)
            return
        if not user.is_active:
            # Nobody could say no: it goes on with an e-mail, and a day before anything happens.
            await _put_off(row, due=max(row.due_at, now + 2 * DAY), until=now + DAY)
            return
        if now < row.due_at:
            await _put_off(row, due=row.due_at, until=min(row.due_at, now + DAY))
            await _tell(runtime, user, row, None)
            return
        await _take_away(runtime, user)
    await endings.delete_sessions(runtime, user_id, EndReason.OTHERS_ENDED)
    with suppress(Unavailable):  # the trust is over already, and the guesses are forgotten in time
        await trusted_devices.forget_all(runtime, user_id)
        await factor_guesses.forget_all(runtime, user)


async def _take_away(runtime: Runtime, user: User) -> None:
    """Take away what an administrator's reset takes. The row is locked."""
    await factor_recoveries.end(user)
    kinds = tuple(kind for kind in await factors.remove(user) if kind != factors.RECOVERY_CODE)
    ended = await endings.living(runtime, user)
    await endings.end_all(runtime, user)
    await notices.tell(runtime, FACTORS_WENT, user, link=links.forgot(runtime.settings))
    await events.record(
        runtime, events.FACTORS_RECOVERED, user_id=user.id, **events.which(ended), kinds=" ".join(kinds)
    )


async def _put_off(row: FactorRecovery, *, due: datetime, until: datetime) -> None:
    row.due_at, row.next_at = due, until
    await FactorRecovery.filter(user_id=row.pk).update(due_at=due, next_at=until)


async def _tell(runtime: Runtime, user: User, row: FactorRecovery, client: Client | None) -> None:
    """Write that the factors go, with a link that says no. Each such link is good until then."""
    token = typed.new_token()
    life = row.due_at - runtime.clock.now()
    stop, number = factor_recoveries.STOP, uuid4()
    await onetime.issue(runtime, token, user_id=user.id, purpose=stop, life=life, registration_id=number)
    leads_to = links.page(runtime.settings, "keep-second-factor", token)
    said = {"link": leads_to, "due": moment(row.due_at), **notices.where(client, user)}
    await notices.tell(runtime, FACTORS_GO, user, **said)


async def _work(runtime: Runtime, turn: Turn) -> Again | None:
    while found := await factor_recoveries.to_be_seen_to(runtime, BATCH):
        for user_id in found:
            await see_to(runtime, user_id)
            if turn.over():
                return Again()
    return None


KINDS: Final[tuple[Kind, ...]] = (repeated("factors.recoveries", _OFTEN, _work),)
