"""A neighbouring host plants cookies with names that look like ours; the service reads names byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest

from service.auth.browser import MOST_TRIES
from service.core.clock import Clock
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from tests.http.support import another
from tests.support.cookies import post, set_cookies
from tests.support.people import Person, Session, assert_problem

NAME = "__Host-refresh"
PLAIN = [("", NAME)]


def _spaces() -> Iterator[bytes]:
    """Everything that some language's `strip` takes for white space, and every control character."""
    for number in range(0x110000):
        letter = chr(number)
        if (letter.isspace() and letter not in " \t\r\n") or number in (0x180E, 0x200B, 0x2060, 0xFEFF):
            yield letter.encode()
    yield from (bytes([number]) for number in (*range(1, 9), *range(0x0E, 0x1C), 0x7F, 0x85, 0xA0))


SPACES = tuple(_spaces())
LOOK_ALIKES = [
    *(space + NAME.encode() for space in SPACES),
    *(NAME.encode() + space for space in SPACES),
    b" \xe2\x80\x80 " + NAME.encode(),
    b"__host-refresh",
    b"__HOST-REFRESH",
    b'"__Host-refresh"',
    b"'__Host-refresh'",
    b"%5F_Host-refresh",
    b"__Host-refresh%20",
    b"__Host-refresh\\",
    b"\\__Host-refresh",
    b"x, __Host-refresh",
    b"x,__Host-refresh",
    b"$Version=1, __Host-refresh",
    b"$Path=/; $__Host-refresh",
    b"__Host-refresh[]",
    b"__Host-refresh.0",
    b"__Host-",
    b"__Secure-refresh",
    b"refresh",
    b"=__Host-refresh",
    b"a=__Host-refresh",
    b"\xef\xbc\xbf_Host-refresh",
    "__Host-r\u00e9fresh".encode("latin-1"),
    b"__Host-refre\xc5\xbfh",
]


@dataclass
class Edge:
    """A service on https, as far as it knows."""

    url: str
    owner: Session
    stranger: Session

    async def refresh(self, *cookies: bytes | str) -> httpx.Response:
        return await post(self.url, "/refresh", *cookies)

    async def logout(self, *cookies: bytes | str) -> httpx.Response:
        return await post(self.url, "/logout", *cookies)

    @property
    def ours(self) -> bytes:
        """The owner's own cookie."""
        return f"{NAME}={self.owner.refresh_token}".encode()


@pytest.fixture
async def edge(runtime: Runtime, ada: Person, grace: Person) -> AsyncIterator[Edge]:
    owner, stranger = await ada.log_in(), await grace.log_in()
    async with another(
        runtime, PUBLIC_URL="https://localhost:8000", BACKEND_CORS_ORIGINS=("http://localhost:8000",)
    ) as url:
        yield Edge(url, owner, stranger)


def whose(answer: httpx.Response) -> str:
    """Return the id of the session that a refresh has answered with."""
    assert answer.status_code == 200, answer.text
    return str(Session(None, answer.json()["access_token"], "").sid)  # type: ignore[arg-type]


def refused_as_a_whole(name: bytes, answer: httpx.Response) -> bool:
    """Whether a request with a control character in it, which no browser sends (RFC 9110 section 5.5), is refused."""
    return bool(set(name) & {*range(32), 127}) and answer.status_code == 400 and answer.json()["code"] == "bad_request"


async def test_no_look_alike_is_taken_for_ours(edge: Edge) -> None:
    """R50: browsers let a neighbour set such names without the prefix's rules; the session planted there is none."""
    taken, cleared = [], []
    for name in LOOK_ALIKES:
        answer = await edge.refresh(name + b"=" + edge.stranger.refresh_token.encode())
        if answer.status_code == 200:
            taken.append(name)
        elif "set-cookie" in answer.headers:
            cleared.append(name)
        elif not refused_as_a_whole(name, answer):
            assert "reason" not in assert_problem(answer, 400, "invalid_grant")
    print(f"\n{len(LOOK_ALIKES)} names: {len(taken)} taken, {len(cleared)} cleared")
    assert (taken, cleared) == ([], [])


async def test_junk_under_a_look_alike_hides_nothing(edge: Edge) -> None:
    """R50: the owner's own cookie counts, whatever stands beside it, before it or behind it, in one line or two."""
    hidden = []
    for name in LOOK_ALIKES:
        junk = name + b"=junk"
        for lines in ([junk + b"; " + edge.ours], [edge.ours + b"; " + junk], [junk, edge.ours], [edge.ours, junk]):
            answer = await edge.refresh(*lines)
            if answer.status_code != 200 and not refused_as_a_whole(name, answer):
                hidden.append(lines)
    print(f"\n{4 * len(LOOK_ALIKES)} tries: {len(hidden)} hidden")
    assert hidden == []


@pytest.mark.parametrize(
    "line",
    [
        "{ours}",
        " {ours} ",
        "\t{ours}\t",
        "a=b;{ours};c=d",
        "a=b; {ours} ; c",
        "; ;; {ours};",
        "no-equals; {ours}",
        "=nameless; {ours}",
        "$Version=1; {ours}; $Path=/",
        'a="b; {ours}',
        'a="; {ours}; b="',
        "a=b=c; {ours}",
        "caf\xe9=\xff\x80; {ours}",
        "__Host-refresh; {ours}",
        "__Host-refresh=; {ours}",
        "__Host-refresh= ; {ours}",
    ],
)
async def test_what_may_stand_around_it(edge: Edge, line: str) -> None:
    """RFC 6265 section 4.2: pairs between semicolons; spaces and tabs around them mean nothing, all else is a value."""
    answer = await edge.refresh(line.format(ours=edge.ours.decode()))
    assert whose(answer) == str(edge.owner.sid)


async def test_values_are_taken_as_they_are(edge: Edge) -> None:
    """R50: quoted, escaped, or spelt otherwise, a value is another one."""
    token = edge.owner.refresh_token
    for value in (
        f'"{token}"',
        f"'{token}'",
        token.replace("_", "%5F"),
        f"{token}\xa0",
        f"\x85{token}",
        f"{token},",
        token.upper(),
    ):
        answer = await edge.refresh(f"{NAME}={value}")
        assert "reason" not in assert_problem(answer, 400, "invalid_grant"), value


@pytest.mark.parametrize("junk", ["junk", "lkr_" + "A" * 100, '"', "\xff" * 50, "a" * 3000])
async def test_each_of_one_name_is_tried(edge: Edge, junk: str) -> None:
    """R50: several of our very name: the one that works wins, whatever the order, and however many there are."""
    for line in (
        f"{NAME}={junk}; {edge.ours.decode()}",
        f"{edge.ours.decode()}; {NAME}={junk}",
        f"{NAME}=x; {NAME}={junk}; {edge.ours.decode()}; {NAME}=y",
        f"{NAME}=x; " * 150 + edge.ours.decode(),
    ):
        answer = await edge.refresh(line)
        assert whose(answer) == str(edge.owner.sid)
        (cookie,) = set_cookies(answer).items()
        assert cookie[0] == NAME
        assert cookie[1].startswith("lkr_")


async def test_the_dead_shadow_nobody(edge: Edge, ada: Person, grace: Person) -> None:
    """R50: tokens of sessions that are over, the owner's or a stranger's, stand before the one that lives: it wins."""
    dead = [await person.log_in() for person in (ada, grace) for _ in range(12)]
    for session in dead:
        await session.call("POST", "/auth/logout")
    line = "; ".join(f"{NAME}={session.refresh_token}" for session in dead)
    for cookies in ([f"{line}; {edge.ours.decode()}"], [line, edge.ours], [edge.ours, line]):
        assert whose(await edge.refresh(*cookies)) == str(edge.owner.sid)


async def test_a_planted_old_token_is_no_reuse(edge: Edge, clock: Clock) -> None:
    """R27: an old token of the very session, planted beside its newest, is no theft; alone it still is."""
    old = edge.owner.refresh_token
    for _ in range(3):
        await edge.owner.advance()
        await edge.owner.me()
        clock.advance(60)
    for line in (f"{NAME}={old}; {edge.ours.decode()}", f"{edge.ours.decode()}; {NAME}={old}"):
        answer = await edge.refresh(line)
        assert whose(answer) == str(edge.owner.sid)
        edge.owner.refresh_token = set_cookies(answer)[NAME].partition(";")[0]
        clock.advance(60)
    assert assert_problem(await edge.refresh(f"{NAME}={old}"), 400, "invalid_grant")["reason"] == "reused"


async def test_an_old_token_of_another_session(edge: Edge, ada: Person, clock: Clock) -> None:
    """R27: an old token of the owner's other device, planted here, neither logs this browser out nor is spent."""
    other = await ada.log_in()
    old = other.refresh_token
    for _ in range(3):
        await other.advance()
        await other.me()
        clock.advance(60)
    await edge.owner.advance()
    for line in (f"{NAME}={old}; {edge.ours.decode()}", f"{edge.ours.decode()}; {NAME}={old}"):
        assert whose(await edge.refresh(line)) == str(edge.owner.sid)
    assert (await other.refresh()).status_code == 200


async def test_two_people_in_one_browser(edge: Edge, ada: Person) -> None:
    """R86: a stranger's living session beside the owner's: nobody is taken for somebody else, and no cookie goes.

    Which of the two belongs here can't be told. The next log-in says it, and ends both.
    """
    planted = f"{NAME}={edge.stranger.refresh_token}"
    for line in (f"{planted}; {edge.ours.decode()}", f"{edge.ours.decode()}; {planted}"):
        answer = await edge.refresh(line)
        assert "reason" not in assert_problem(answer, 400, "invalid_grant")
        assert "set-cookie" not in answer.headers
    assert (await edge.owner.refresh()).status_code == 200
    body = {"email": ada.email, "password": ada.password}
    answer = await post(edge.url, "/login", f"{planted}; {edge.ours.decode()}", body=body)
    mine = set_cookies(answer)[NAME].partition(";")[0]
    assert (await edge.stranger.me()).status_code == 401
    assert (await edge.owner.me()).status_code == 401
    answer = await edge.refresh(f"{planted}; {NAME}={mine}")
    assert answer.status_code == 200
    assert (await edge.stranger.refresh()).status_code == 400


async def test_logging_out_ends_every_one(edge: Edge, ada: Person) -> None:
    """R29: whichever of the name was in use, its session is over; junk among them changes nothing."""
    other = await ada.log_in()
    answer = await edge.logout(f"{NAME}=junk; {NAME}={other.refresh_token}", edge.ours, f"{NAME}={'x' * 104}")
    assert answer.status_code == 204
    assert set_cookies(answer)[NAME].startswith("; Path=/; Max-Age=0")
    assert (await edge.owner.me()).status_code == (await other.me()).status_code == 401
    assert (await edge.stranger.me()).status_code == 200


async def test_logging_out_with_a_look_alike(edge: Edge) -> None:
    """R50: what isn't ours isn't looked at: the session in it goes on."""
    answer = await edge.logout(b"\xe2\x80\x80" + edge.ours)
    assert answer.status_code == 204
    assert (await edge.owner.me()).status_code == 200


async def test_only_when_all_are_dead_it_is_cleared(edge: Edge, ada: Person) -> None:
    """R50: the browser forgets the cookie when every one of the name is over, and keeps it while one may live."""
    other = await ada.log_in()
    line = f"{NAME}=junk; {NAME}={other.refresh_token}; {edge.ours.decode()}"
    await edge.owner.call("DELETE", "/sessions")
    assert whose(await edge.refresh(line)) == str(edge.owner.sid)
    third = await ada.log_in()
    await third.call("DELETE", "/sessions")
    answer = await edge.refresh(line)
    assert assert_problem(answer, 400, "invalid_grant")["reason"] == "revoked"
    assert set_cookies(answer)[NAME].startswith("; Path=/; Max-Age=0")


@pytest.mark.parametrize(("number", "cleared"), [(MOST_TRIES, True), (MOST_TRIES + 1, False)])
async def test_as_many_as_are_looked_at(
    edge: Edge, grace: Person, runtime: Runtime, number: int, cleared: bool
) -> None:
    """R50: so many that are over are forgotten; of more nobody has seen each, and one of the rest may live."""
    dead = [await grace.log_in() for _ in range(number)]
    await runtime.sessions.end_all(grace.id, EndReason.REVOKED)
    answer = await edge.refresh("; ".join(f"{NAME}={session.refresh_token}" for session in dead))
    assert_problem(answer, 400, "invalid_grant")
    assert ("set-cookie" in answer.headers) == cleared


async def test_eight_tabs_at_once(edge: Edge, ada: Person) -> None:
    """R27: refreshes that run at once, with a dead and a forged one beside the browser's own, all get the same next."""
    dead = await ada.log_in()
    await dead.call("POST", "/auth/logout")
    line = f"{NAME}=junk; {NAME}={dead.refresh_token}; {edge.ours.decode()}"
    answers = await asyncio.gather(*(edge.refresh(line) for _ in range(8)))
    assert {whose(answer) for answer in answers} == {str(edge.owner.sid)}
    assert len({set_cookies(answer)[NAME].partition(";")[0] for answer in answers}) == 1


async def test_an_outage_says_nothing_about_any(
    edge: Edge, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: where nobody can say which of several lives, the answer is 503, no cookie goes, and nothing is spent."""
    other = await ada.log_in()
    line = f"{NAME}={other.refresh_token}; {edge.ours.decode()}"

    async def fail(*_: object) -> None:
        raise Unavailable("redis")

    with monkeypatch.context() as broken:
        broken.setattr(type(runtime.sessions), "survey", fail)
        answer = await edge.refresh(line)
        assert_problem(answer, 503, "unavailable")
        assert "set-cookie" not in answer.headers
    assert (await edge.refresh(line)).status_code == 200


async def test_a_log_in_over_http_alone(client: httpx.AsyncClient, ada: Person) -> None:
    """R50: in development's plain name look-alikes are none either."""
    session = await ada.log_in()
    for name in (
        b"\xc2\xa0refresh",
        b"Refresh",
        b"REFRESH",
        b'"refresh"',
        b"refresh\x85",
        b"__Host-refresh",
        b"__Secure-refresh",
    ):
        answer = await post(str(client.base_url), "/refresh", name + b"=" + session.refresh_token.encode())
        assert "reason" not in assert_problem(answer, 400, "invalid_grant")
        assert "set-cookie" not in answer.headers
    assert whose(await post(str(client.base_url), "/refresh", f"refresh={session.refresh_token}")) == str(session.sid)
