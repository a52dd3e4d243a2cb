"""Which client is calling: what it shows, and whether that is right (RFC 6749 section 2.3.1, RFC 7617)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import httpx
import pytest
from sanic.compat import Header

from models import OAuthClient, OAuthClientSecret
from service.errors import BadRequest, InvalidClient, UnauthorizedClient
from service.oauth import managing
from service.oauth.client_authentication import credentials_of, public_or_known, resource_server
from service.oauth.clients import Shown, hashed
from service.runtime import Runtime
from tests.oauth.support import INACTIVE, Service, a_service, basic, refused


@dataclass
class Asked:
    """A request, as far as it says who sends it."""

    headers: Header


def header(*values: str) -> Asked:
    return Asked(Header([("authorization", value) for value in values]))


def coded(text: str | bytes) -> str:
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


NOTHING = Asked(Header())


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (f"Basic {coded('a:b')}", Shown("a", "b")),
        (f"basic {coded('a:b')}", Shown("a", "b")),
        (f"BASIC   {coded('a:b')}", Shown("a", "b")),
        (f"Basic {coded('a%3Ab:c%25+d')}", Shown("a:b", "c% d")),
        (f"Basic {coded('a:b:c')}", Shown("a", "b:c")),
        (f"Basic {coded('a:')}", Shown("a", "")),
        (f"Basic {coded(':b')}", Shown("", "b")),
        (f"Basic {coded(':')}", None),
        (f"Basic {coded('%C3%A4:b')}", Shown("ä", "b")),
    ],
)
def test_a_header(given: str, shown: Shown | None) -> None:
    """`client_secret_basic`: both halves are encoded as in forms. With nothing in it, it says nothing."""
    assert credentials_of(header(given), {}) == shown


@pytest.mark.parametrize(
    "given",
    [
        "", "Basic", "Basic ", "Bearer abc", f"Basic{coded('a:b')}", "Basic !!!!", f"Basic {coded('no colon')}",
        f"Basic {coded('a:b')[:-1]}", f"Basic {coded('a:b')} x", f"Basic {coded(bytes([0xE4]) + b':b')}",
        f"Basic {coded('%E4:b')}", f"Basic {coded('a:' + 'b' * 2000)}", "Basic é", "\udce4 x",
    ],
)  # fmt: skip
def test_a_header_that_cant_be_read(given: str) -> None:
    """No Basic, no base64, no colon, no UTF-8, or far too long: that is no client."""
    with pytest.raises(InvalidClient):
        credentials_of(header(given), {"client_id": "a", "client_secret": "b"})


def test_two_headers() -> None:
    """Whichever of them were meant, somebody between here and there could mean the other."""
    with pytest.raises(InvalidClient):
        credentials_of(header(f"Basic {coded('a:b')}", f"Basic {coded('a:b')}"), {})


def test_a_form() -> None:
    """`client_secret_post`: two fields; the id alone says who it is, and proves nothing."""
    assert credentials_of(NOTHING, {}) is None
    assert credentials_of(NOTHING, {"client_id": "a"}) == Shown("a", "")
    assert credentials_of(NOTHING, {"client_secret": "b"}) == Shown("", "b")
    assert credentials_of(NOTHING, {"client_id": "a", "client_secret": "b"}) == Shown("a", "b")
    assert credentials_of(header(f"Basic {coded(':')}"), {"client_id": "a"}) == Shown("a", "")


def test_both_ways_at_once() -> None:
    """RFC 6749 section 2.3: not more than one. The same id beside a header is what some libraries send, and is none."""
    one = header(f"Basic {coded('a:b')}")
    assert credentials_of(one, {"client_id": "a"}) == Shown("a", "b")
    for form in ({"client_id": "a", "client_secret": "b"}, {"client_secret": "b"}, {"client_id": "x"}):
        with pytest.raises(BadRequest):
            credentials_of(one, form)


def test_nothing_shows_a_secret(billing: Service) -> None:
    """What is printed by mistake holds none."""
    assert "b" * 43 not in repr(Shown("a", "b" * 43))
    assert billing.secret not in repr(billing)


async def test_who_may_ask(billing: Service, runtime: Runtime) -> None:
    """The very client, with a living secret of its own; whatever else is shown is refused in the same words."""
    other = await a_service(billing.client, runtime, "Shop")
    known = await resource_server(runtime, Shown(billing.client_id, billing.secret))
    assert (known.client_id, known.name) == (billing.client_id, "Billing")
    wrong = [
        None,
        Shown("", ""),
        Shown(billing.client_id, ""),
        Shown(billing.client_id, other.secret),
        Shown(other.client_id, billing.secret),
        Shown("", billing.secret),
        Shown(billing.client_id, billing.secret[:-1]),
        Shown(billing.client_id, billing.secret + "\n"),
        Shown(billing.client_id, billing.secret.upper()),
        Shown(billing.client_id, hashed(billing.secret)),
        Shown(billing.client_id.upper(), billing.secret),
        Shown("Billing", billing.secret),
        Shown(billing.client_id + "\0", billing.secret),
        Shown("ä", "ö\0"),
    ]
    for shown in wrong:
        with pytest.raises(InvalidClient):
            await resource_server(runtime, shown)


async def test_another_kind_of_client(billing: Service, runtime: Runtime) -> None:
    """A later version may know clients that are no resource servers: they have no business here."""
    await OAuthClient.filter(id=billing.client_id).update(kind="native_app")
    with pytest.raises(InvalidClient):
        await resource_server(runtime, Shown(billing.client_id, billing.secret))


async def test_who_needs_no_secret(billing: Service, runtime: Runtime) -> None:
    """First-party clients have none, whatever they call themselves; a secret that is shown has to be right."""
    for free in (None, Shown("", ""), Shown("swagger-ui", ""), Shown("rs_0123456789abcdef", ""), Shown("a\0", "")):
        await public_or_known(runtime, free)
        await public_or_known(runtime, free, tokens=True)
    for wrong in (
        Shown(billing.client_id, ""),
        Shown(billing.client_id, "lks_" + "a" * 43),
        Shown("swagger-ui", billing.secret),
        Shown("swagger-ui", "secret"),
        Shown("", "secret"),
    ):
        for tokens in (False, True):
            with pytest.raises(InvalidClient):
                await public_or_known(runtime, wrong, tokens=tokens)
    await public_or_known(runtime, Shown(billing.client_id, billing.secret))
    with pytest.raises(UnauthorizedClient):
        await public_or_known(runtime, Shown(billing.client_id, billing.secret), tokens=True)


async def test_both_ways_over_http(client: httpx.AsyncClient, billing: Service) -> None:
    """A client shows itself by a header or by the form; not by both, and not by a query."""
    form = {"client_id": billing.client_id, "client_secret": billing.secret, "token": "x"}
    answers = [
        await client.post("/oauth/introspect", data=form),
        await client.post("/oauth/introspect", data={"token": "x"}, headers=billing.basic),
        await client.post(
            "/oauth/introspect", data={"token": "x", "client_id": billing.client_id}, headers=billing.basic
        ),
    ]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, INACTIVE)] * 3
    refused(await client.post("/oauth/introspect", data=form, headers=billing.basic), 400, "invalid_request")
    query = {"client_id": billing.client_id, "client_secret": billing.secret}
    refused(await client.post("/oauth/introspect", params=query, data={"token": "x"}), 401, "invalid_client")


async def test_what_is_stored(billing: Service, runtime: Runtime) -> None:
    """A hash. Whoever reads the database can't ask with what is there."""
    (row,) = await OAuthClientSecret.all()
    assert row.hash == hashed(billing.secret)
    with pytest.raises(InvalidClient):
        await resource_server(runtime, Shown(billing.client_id, row.hash))


async def test_a_secret_that_was_replaced(billing: Service, runtime: Runtime) -> None:
    """Two are alive, never three; `--now` leaves one. Each change counts at the next call."""

    async def works(secret: str) -> bool:
        response = await billing.client.post(
            "/oauth/introspect", data={"token": "x"}, headers=basic(billing.client_id, secret)
        )
        if response.status_code != 200:
            refused(response, 401, "invalid_client")
        return response.status_code == 200

    second = (await managing.rotate(runtime, "Billing", at_once=False)).secret
    assert [await works(secret) for secret in (billing.secret, second)] == [True, True]
    third = (await managing.rotate(runtime, billing.client_id, at_once=False)).secret
    assert [await works(secret) for secret in (billing.secret, second, third)] == [False, True, True]
    fourth = (await managing.rotate(runtime, "Billing", at_once=True)).secret
    assert [await works(secret) for secret in (second, third, fourth)] == [False, False, True]
    await managing.remove(runtime, "Billing")
    assert not await works(fourth)
