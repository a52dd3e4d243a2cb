"""Letters whose links were cut on the way: the code that each of them shows does what its link does (ML4)."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import cast

import httpx

from service.letters import typed
from service.runtime import Runtime
from service.stores.mailer import LogTransport
from service.work.letters import send_due
from tests.support.letters import Mailbox
from tests.support.links import (
    NEW_ADDRESS,
    NEW_PASSWORD,
    address_token,
    post,
    reset,
    reset_token,
    verify_token,
)
from tests.support.people import PASSWORD, Person, assert_problem

_CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}\b")


def test_what_is_typed() -> None:
    """Small letters, other dashes, blanks and letters that look alike are the same code; nothing else is one."""
    token = typed.new_token()
    shown = typed.shown(token)
    assert _CODE.fullmatch(shown)
    for text in (
        token, shown, shown.lower(), shown.replace("-", " "), shown.replace("-", "\u2013"), f"  {shown}\n",
        shown.replace("0", "O").replace("1", "l"), shown.replace("1", "I"), f"{shown[:17]}\n{shown[17:]}", f"{shown}.",
    ):  # fmt: skip
        assert typed.meant(text) == token, text
    older = "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"  # of a version that made no others
    for text in (older, token[:-1], f"{token}0", "U" * 28, "", "\ud800"):
        assert typed.meant(text) == text
        assert not typed.shown(text) or text == token
    assert len({typed.new_token() for _ in range(100)}) == 100


async def test_each_kind_of_letter(client: httpx.AsyncClient, runtime: Runtime, ada: Person, mailbox: Mailbox) -> None:
    """Confirming, resetting, another address, taking that back: with what is typed, once, and not with half of it."""
    token = await reset_token(ada, mailbox)
    half = typed.shown(token)[:-4]
    assert_problem(await reset(client, half), 400, "invalid_token")
    assert (await reset(client, typed.shown(token).lower())).status_code == 204
    assert_problem(await reset(client, typed.shown(token)), 400, "invalid_token")
    assert_problem(await reset(client, token), 400, "invalid_token")
    renewed = Person(client, ada.id, ada.email, NEW_PASSWORD)
    await renewed.log_in()

    token = await verify_token(renewed, mailbox)
    answer = await post(client, "email/verify", token=typed.shown(token).replace("-", " "), password=NEW_PASSWORD)
    assert answer.status_code == 204
    token = await address_token(await renewed.log_in(), mailbox, NEW_ADDRESS)
    assert_problem(await post(client, "email/undo", token=typed.shown(token)), 400, "invalid_token")  # another purpose
    assert (await post(client, "email/confirm", token=typed.shown(token))).status_code == 204
    notice = await mailbox.letter(ada.email)
    assert (await post(client, "email/undo", token=typed.shown(notice.token))).status_code == 204


async def test_what_letters_show(client: httpx.AsyncClient, runtime: Runtime, ada: Person, mailbox: Mailbox) -> None:
    """The code stands in both parts, in the reader's language; a letter whose link has no token shows none."""
    for language, said in (("en", "asks for the code of this e-mail"), ("de", "nach dem Code dieser E-Mail")):
        await mailbox.letters()
        asked = await client.post(
            "/api/auth/password/forgot", json={"email": ada.email}, headers={"Accept-Language": language}
        )
        assert asked.status_code == 202
        while await send_due(runtime):
            pass
        assert isinstance(runtime.mailer, LogTransport)
        html = cast("EmailMessage", runtime.mailer.mailbox[-1].get_body(("html",))).get_content()
        letter = await mailbox.letter(ada.email)
        (code,) = _CODE.findall(letter.text)
        assert typed.meant(code) == letter.token
        assert _CODE.findall(html) == [code]
        assert said in letter.text
        assert len(letter.token) == typed.LENGTH
    assert (await reset(client, letter.token, PASSWORD + "!")).status_code == 204
    told = await mailbox.letter(ada.email)
    assert "password" in told.subject
    assert not _CODE.search(told.text)
