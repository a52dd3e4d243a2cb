"""Register with a passkey and nothing else, where no e-mail goes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from models import Credential, KnownDevice, Passkey, User
from service.credentials import recovery_codes
from service.errors import Unavailable
from service.factors import registering
from service.feature.ways import registration
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, Holder, add, enter, holder_of, log_in_options, ok, session_of
from tests.factors.support import SECOND, Owner, set_up
from tests.http.support import another
from tests.http.test_said_again import SAID
from tests.mail_login.support import Desk as MailDesk
from tests.mail_login.support import code_in
from tests.support.authenticator import Authenticator
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, address_token, post
from tests.support.people import PASSWORD, Person, Session, assert_problem, confirmed
from tests.support.second_factor import A_CODE_AS_WELL, house

EVE = "eve@example.com"
OWED = "second_factor_required"
PATH = "/api/auth/passkeys/register"
WITHOUT_MAIL: dict[str, Any] = {"ENVIRONMENT": "production", "SMTP_URL": "", "EMAIL_SIGN_IN": "off"}


@dataclass
class Desk:
    """Somebody at a service that writes to nobody."""

    client: httpx.AsyncClient

    async def options(self, email: str = EVE, **body: Any) -> dict[str, Any]:
        found: dict[str, Any] = await ok(self.client.post(f"{PATH}/options", json={"email": email, **body}))
        return found

    async def hand_in(
        self, begun: dict[str, Any], credential: dict[str, Any], email: str = EVE, **body: Any
    ) -> httpx.Response:
        body = {"email": email, "registration": begun["registration"], "credential": credential, **body}
        return await self.client.post(PATH, json=body)

    async def register(self, email: str = EVE, **body: Any) -> tuple[Session, Authenticator, list[str]]:
        device, begun = Authenticator(), await self.options(email, **body)
        answer = await self.hand_in(begun, device.make(begun["options"]), email, **body)
        return session_of(self.client, answer), device, answer.json()["recovery_codes"]


@pytest.fixture
async def desk(runtime: Runtime) -> AsyncIterator[Desk]:
    async with another(runtime, **WITHOUT_MAIL) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield Desk(client)


async def test_registered_used_and_deleted(desk: Desk, mailbox: Mailbox) -> None:
    """One touch makes the account, and the session in which it is logged in; the next ones log in, and delete it."""
    offered = await ok(desk.client.get("/api/auth/options"))
    assert {"kind": "passkey", "registers": True} in offered["ways"]
    begun = await desk.options(full_name="Eve")
    assert not await User.all().exists()
    selection = begun["options"]["authenticatorSelection"]
    assert selection == {"residentKey": "required", "userVerification": "required"}
    device = Authenticator()
    credential = device.make(begun["options"])
    answer = await desk.hand_in(begun, credential, full_name="Eve", name="Eve's phone")
    session = session_of(desk.client, answer)
    assert len(answer.json()["recovery_codes"]) == 10
    assert (session.claims["acr"], session.claims["amr"]) == ("phr", ["mfa", "swk"])
    again = await desk.hand_in(begun, credential, full_name="Eve")
    assert_problem(again, *SAID["POST /api/auth/passkeys/register"])
    assert SAID["POST /api/auth/passkeys/register/options"] == (200, "")
    assert await desk.options(full_name="Eve") != begun
    me = await ok(session.me())
    assert (me["email"], me["full_name"], me["email_verified"]) == (EVE, "Eve", False)
    assert (me["id"], me["factors"]) == (begun["registration"], ["passkey", "recovery_code"])
    (passkey,) = (await ok(session.call("GET", "/users/me/factors")))["passkeys"]
    assert passkey["name"] == "Eve's phone"
    assert not await Credential.filter(kind="password").exists()
    assert mailbox.received() == []

    holder = Holder(Person(desk.client, session.sid, EVE), session, device, passkey["id"])
    entered = await holder.log_in()
    assert_problem(await entered.call("DELETE", f"{MINE}/{passkey['id']}"), 409, "last_way_in")
    assert (await entered.call("DELETE", "/users/me")).status_code == 204
    assert not await Passkey.all().exists()
    assert_problem(await holder.enter(device.show(await holder.options())), 400, "invalid_passkey")
    await desk.register()  # the address is free again


async def test_recovered(desk: Desk, root: Person) -> None:
    """The passkey is lost, and nobody can write: an administrator gives a password, a recovery code is the second
    factor, and another passkey takes the place.
    """
    session, _, codes = await desk.register()
    uid = (await ok(session.me()))["id"]
    root.client.base_url = desk.client.base_url
    hers = await root.log_in()
    assert (await hers.call("PATCH", f"/users/{uid}", json={"password": NEW_PASSWORD})).status_code == 200
    body = {"email": EVE, "password": NEW_PASSWORD}
    owed = assert_problem(await desk.client.post("/api/auth/login", json=body), 403, "second_factor_required")
    assert owed["methods"] == ["passkey", "recovery_code"]
    shown = {"challenge": owed["challenge"], "recovery_code": codes[0]}
    recovered = session_of(desk.client, await desk.client.post(SECOND, json=shown))
    device = Authenticator()
    await ok(add(recovered, device), 201)
    assert_problem(await session.me(), 401, "invalid_token")
    session_of(desk.client, await enter(desk.client, device.show(await log_in_options(desk.client))))


async def test_where_mail_goes_out(client: httpx.AsyncClient, runtime: Runtime) -> None:
    """There the mailbox is the way, and this isn't offered; nor where nobody sets up passkeys."""
    body = {"email": EVE}
    assert_problem(await client.post(f"{PATH}/options", json=body), 404, "not_found")
    offered = await ok(client.get("/api/auth/options"))
    assert {"kind": "passkey"} in offered["ways"]
    for changes in ({"SMTP_URL": "smtp://mail.example"}, {"SECOND_FACTOR": "off"}):
        settings = runtime.settings.model_copy(update={**WITHOUT_MAIL, **changes})
        assert not registering.is_open(settings)
    assert registration(()) == "closed"


async def test_what_is_refused(desk: Desk, root: Person, runtime: Runtime) -> None:
    """Keys that couldn't open the account alone, challenges of something else, addresses and keys of others."""
    begun = await desk.options()
    for device, says in (
        (Authenticator(verifies=False), {}),
        (Authenticator(), {"discoverable": False}),
        (Authenticator(origin="https://evil.example"), {}),
        (Authenticator(), {"rp_id": "evil.example"}),
    ):
        answer = await desk.hand_in(begun, device.make(begun["options"], **says))
        assert_problem(answer, 400, "invalid_passkey")
    good = Authenticator().make(begun["options"])
    assert_problem(await desk.hand_in(begun, good, "mallory@example.com"), 400, "invalid_passkey")
    assert_problem(await desk.hand_in(begun, good, registration="nonsense"), 400, "invalid_passkey")
    other = await desk.options()
    assert_problem(await desk.hand_in(other, good), 400, "invalid_passkey")
    page = await log_in_options(desk.client)
    bent = {**begun["options"], "challenge": page["challenge"]}
    assert_problem(await desk.hand_in(begun, Authenticator().make(bent)), 400, "invalid_passkey")
    assert not await Passkey.all().exists()
    taken = await desk.options(root.email)
    answer = await desk.hand_in(taken, Authenticator().make(taken["options"]), root.email)
    assert_problem(answer, 400, "email_taken")
    runtime.clock.advance(301)
    assert_problem(await desk.hand_in(begun, Authenticator().make(begun["options"])), 400, "invalid_passkey")
    assert await User.all().count() == 1


async def test_at_once(desk: Desk) -> None:
    """One account of an address, one of a passkey: of many at once one is made, and nothing is left of the others."""
    begun = [await desk.options() for _ in range(6)]
    answers = await asyncio.gather(
        *(desk.hand_in(one, Authenticator().make(one["options"])) for one in begun), return_exceptions=False
    )
    assert sorted(answer.status_code for answer in answers if answer.status_code != 503) == [200] + [400] * 5
    same = bytes(16)
    begun = [await desk.options(f"e{number}@example.com") for number in range(4)]
    made = [Authenticator().make(one["options"], raw_id=same) for one in begun]
    answers = await asyncio.gather(
        *(desk.hand_in(one, key, f"e{n}@example.com") for n, (one, key) in enumerate(zip(begun, made, strict=True)))
    )
    assert sorted(answer.status_code for answer in answers if answer.status_code != 503) == [200] + [400] * 3
    assert await User.all().count() == await Passkey.all().count() == 2
    assert await Credential.filter(kind="recovery_code").count() == 20


async def test_cut_off_in_the_middle(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an account with its passkey, or none."""
    begun = await desk.options()

    async def fail(*_: Any, **__: Any) -> None:
        raise Unavailable("database")

    device = Authenticator()
    credential = device.make(begun["options"])
    with monkeypatch.context() as patched:
        patched.setattr(recovery_codes, "put", fail)
        assert_problem(await desk.hand_in(begun, credential), 503, "unavailable")
    assert not await User.all().exists()
    session_of(desk.client, await desk.hand_in(begun, credential))  # the same key may be shown again


async def test_a_third_thing_is_asked(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a way in like any other: what else is owed is owed after it."""
    async with house(runtime, monkeypatch, A_CODE_AS_WELL, **WITHOUT_MAIL) as found:
        desk = Desk(found.client)
        begun = await desk.options()
        answer = await desk.hand_in(begun, Authenticator().make(begun["options"]))
        assert assert_problem(answer, 403, "second_factor_required")["methods"] == ["recovery_code"]
        assert await runtime.sessions.list_living(UUID(begun["registration"])) == []


@pytest.mark.parametrize("way", ["reset", "mail", "mail, and nobody was ever in it"])
async def test_the_mailbox_is_somebody_elses(desk: Desk, client: httpx.AsyncClient, mailbox: Mailbox, way: str) -> None:
    """Mail is switched on later, and whose address it is comes: the account is theirs, without what was prepared."""
    session, device, _ = await desk.register(full_name="Mallory")
    if "nobody" in way:  # the answer of registering got lost before the device was noted
        await KnownDevice.filter(user__email=EVE).delete()
    await mailbox.letters()
    victim = Person(client, session.sid, EVE)
    if way == "reset":
        assert (await post(client, "password/forgot", email=EVE)).status_code == 202
        token = (await mailbox.letter(EVE)).token
        assert (await post(client, "password/reset", token=token, password=PASSWORD)).status_code == 204
        await victim.log_in()
    else:
        mail = MailDesk(client, mailbox)
        challenge, letter = await mail.asked_and_sent(EVE)
        mail.session(await mail.by_code(challenge, code_in(letter)))
    assert_problem(await session.me(), 401, "invalid_token")
    assert_problem(await enter(client, device.show(await log_in_options(client))), 400, "invalid_passkey")
    user = await User.get(email=EVE)
    assert (user.factors, user.full_name, user.email_verified) == (0, None, True)


async def test_proven_meanwhile(desk: Desk, runtime: Runtime, client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """Whoever has proven a mailbox, and is moved to another one by an administrator: that one takes no factor away."""
    session, device, _ = await desk.register()
    desk.client.base_url = client.base_url
    moved = await address_token(session, mailbox, "eve@example.org")
    assert (await post(client, "email/confirm", token=moved)).status_code == 204
    uid = (await User.get(email="eve@example.org")).id
    await User.filter(id=uid).update(email=EVE, email_canonical=EVE, email_verified=False)
    await mailbox.letters()
    assert (await post(client, "password/forgot", email=EVE)).status_code == 202
    token = (await mailbox.letter(EVE)).token
    assert (await post(client, "password/reset", token=token, password=PASSWORD)).status_code == 204
    assert (await User.get(id=uid)).has_factor
    assert_problem(await client.post("/api/auth/login", json={"email": EVE, "password": PASSWORD}), 403, OWED)
    session_of(client, await enter(client, device.show(await log_in_options(client))))


async def test_beside_a_proven_one(desk: Desk, ada: Person, client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """What is set up beside a factor of a proven mailbox makes that none that the next mailbox could take."""
    holder = await holder_of(ada)
    await confirmed(ada, yes=False)  # moved by an administrator, say, while no mail goes out
    ada.client.base_url = desk.client.base_url
    await ok(add(holder.session, Authenticator()), 201)
    assert (await User.get(id=ada.id)).factor_methods == ("passkey", "recovery_code")
    await mailbox.letters()
    assert (await post(client, "password/forgot", email=ada.email)).status_code == 202
    token = (await mailbox.letter(ada.email)).token
    assert (await post(client, "password/reset", token=token, password=NEW_PASSWORD)).status_code == 204
    assert await Passkey.all().count() == 2


async def test_beside_a_password(desk: Desk, ada: Person, runtime: Runtime) -> None:
    """Where nobody can prove a mailbox second factors are set up all the same; an app, too."""
    await confirmed(ada, yes=False)
    ada.client.base_url = desk.client.base_url
    session = await ada.log_in()
    app, _ = await set_up(session, runtime.clock)
    assert (await User.get(id=ada.id)).factor_methods == ("totp", "recovery_code")
    owner = Owner(ada, session, app)
    entered = await owner.log_in()
    assert (await entered.call("DELETE", "/users/me/factors/totp")).status_code == 204
    assert (await User.get(id=ada.id)).factors == 0
