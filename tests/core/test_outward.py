"""The client for what leaves the service: whom it calls, how long, how much, and by which proxy (CWE-918)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpcore
import pytest

from service.core.outward.addresses import is_public
from service.core.outward.calls import OutwardFailed
from service.core.outward.client import Outward
from service.core.outward.proxies import proxy_for
from tests.support.tls import self_signed

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}"


class Elsewhere:
    """A server of somebody else's: keeps what it was asked, and says what it is told to."""

    def __init__(self, says: bytes = GOOD) -> None:
        self.says = says
        self.asked: list[str] = []
        self.connections = 0
        self.silent = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
                if self.silent:
                    await reader.read()
                    break
                writer.write(self.says)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def listening(found: Elsewhere, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
async def outward() -> AsyncIterator[Outward]:
    found = Outward({})
    yield found
    await found.close()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True),
        ("127.0.0.1", False), ("0.0.0.0", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("168.63.129.16", False), ("192.0.0.192", False),
        ("198.18.0.1", False), ("224.0.0.1", False), ("240.0.0.1", False), ("255.255.255.255", False),
        ("::", False), ("::1", False), ("fe80::1", False), ("fe80::1%eth0", False), ("fd00:ec2::254", False),
        ("ff02::1", False), ("2001:db8::1", False), ("fec0::1", False), ("2001:2::1", False),
        # What carries an IPv4 address is that.
        ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::7f00:1", False), ("64:ff9b::808:808", True),
        ("64:ff9b:1::808:808", False), ("2002:7f00:1::1", False), ("2002:0a00:0001::", False), ("::7f00:1", False),
        ("localhost", False), ("", False), ("2130706433", False), ("0x7f.1", False),
    ],
)  # fmt: skip
def test_what_is_public(address: str, public: bool) -> None:
    """Nothing of this machine, its network or its platform, however it is written."""
    assert is_public(address) is public


async def test_an_answer(outward: Outward) -> None:
    """Said: status, type, body. Sent: no cookie, nothing to compress; a connection serves several calls."""
    there = Elsewhere()
    async with listening(there) as port:
        for _ in range(2):
            answer = await outward.call("GET", f"http://127.0.0.1:{port}/keys?a=1", named=True)
        assert (answer.status, answer.media_type, answer.body) == (200, "application/json", b"{}")
        posted = await outward.call(
            "POST", f"http://127.0.0.1:{port}/token", headers={"Accept": "application/json"}, content=b"a=b", named=True
        )
        assert posted.status == 200
        await outward.close()
    assert there.connections == 1
    assert there.asked[0].startswith("GET /keys?a=1 HTTP/1.1\r\n")
    assert "accept-encoding: identity" in there.asked[0].lower()
    assert "cookie" not in there.asked[0].lower()
    assert "content-length: 3" in there.asked[2].lower()


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{}/", "https://localhost:{}/", "https://[::1]:{}/", "https://[::ffff:127.0.0.1]:{}/",
        "https://127.1:{}/", "https://2130706433:{}/", "https://0x7f000001:{}/", "https://0:{}/",
        "https://0177.0.0.1:{}/", "https://user@127.0.0.1:{}/", "http://example.com:{}/", "ftp://127.0.0.1:{}/", "file:///etc/passwd#{}",
        "//127.0.0.1:{}/", "https://:{}/", "https://127.0.0.1:{}0000/",
        "https://exa mple.com:{}/", "https://ex\nample.com:{}/", "{}", "",
    ],
)  # fmt: skip
async def test_who_is_not_called(outward: Outward, url: str) -> None:
    """What nobody has named is called over https, at a public address, or not at all."""
    there = Elsewhere()
    async with listening(there) as port:
        with pytest.raises(OutwardFailed) as failed:
            await outward.call("GET", url.format(port))
    assert failed.value.why in ("refused", "unreachable")
    assert there.connections == 0


async def test_a_name_that_changes(outward: Outward, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is looked up once: what was judged is what is called. What is private beside it is left out."""
    there, asked, tried = Elsewhere(), list[str](), list[str]()

    class Names:
        async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            found = ["127.0.0.1", "10.0.0.1", "8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]
            return [(None, None, None, "", (address, port)) for address in found]

    async def connect(_: Any, host: str, *__: Any) -> Any:
        tried.append(host)
        raise httpcore.ConnectError("nobody is there")

    monkeypatch.setattr("service.core.outward.connecting.asyncio.get_running_loop", Names)
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    async with listening(there):
        with pytest.raises(OutwardFailed) as failed:
            await outward.call("GET", "https://keys.example.com/")
        assert (failed.value.why, asked, tried) == ("unreachable", ["keys.example.com"], ["8.8.8.8"])
        with pytest.raises(OutwardFailed, match="no public address"):
            await outward.call("GET", "https://keys.example.com/")
    assert there.connections == 0
    assert tried == ["8.8.8.8"]


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (b"nonsense\r\n\r\n", "nonsense"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", "slow"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n", "too_long"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n" + b"x" * 2000, "too_long"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "nonsense"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", "nonsense"),
    ],
)
async def test_what_is_no_answer(outward: Outward, says: bytes, why: str) -> None:
    """Cut, endless, compressed, no HTTP: over in time, with a word for it."""
    there = Elsewhere(says)
    async with listening(there) as port:
        with pytest.raises(OutwardFailed) as failed:
            await outward.call("GET", f"http://127.0.0.1:{port}/", named=True, seconds=0.5, most_bytes=1000)
        assert failed.value.why == why
        await outward.close()


async def test_no_redirect_is_followed(outward: Outward) -> None:
    """It is an answer like any other: whoever asks takes 200, or not."""
    aim, there = Elsewhere(), Elsewhere()
    async with listening(aim) as port, listening(there) as first:
        there.says = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % port
        answer = await outward.call("GET", f"http://127.0.0.1:{first}/", named=True)
        assert (answer.status, aim.connections) == (302, 0)
        await outward.close()


async def test_nobody_answers(outward: Outward) -> None:
    """Silence has an end by the clock, and a closed port is said."""
    there = Elsewhere()
    there.silent = True
    async with listening(there) as port:
        with pytest.raises(OutwardFailed) as failed:
            await outward.call("GET", f"http://127.0.0.1:{port}/", named=True, seconds=0.2)
        assert failed.value.why == "slow"
    with pytest.raises(OutwardFailed) as failed:
        await outward.call("GET", "http://127.0.0.1:1/", named=True)
    assert failed.value.why == "unreachable"


async def test_whom_tls_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's authorities, or those that SSL_CERT_FILE names; for the name that was asked for."""
    certificate, _ = self_signed(tmp_path)  # for 127.0.0.1
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    there = Elsewhere()
    async with listening(there, context) as port:
        outward = Outward({})
        with pytest.raises(OutwardFailed) as failed:
            await outward.call("GET", f"https://127.0.0.1:{port}/", named=True)
        assert failed.value.why == "untrusted"
        await outward.close()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert (await outward.call("GET", f"https://127.0.0.1:{port}/", named=True)).status == 200
        with pytest.raises(OutwardFailed) as failed:
            await outward.call("GET", f"https://localhost:{port}/", named=True)
        assert failed.value.why == "untrusted"
        await outward.close()


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p:3128"}, "https://a.example", "http://p:3128"),
        ({"HTTPS_PROXY": "p:3128"}, "https://a.example", "http://p:3128"),
        ({"HTTPS_PROXY": "http://big", "https_proxy": "http://small"}, "https://a.example", "http://small"),
        ({"HTTPS_PROXY": "http://p"}, "http://a.example", None),
        ({"HTTP_PROXY": "http://p"}, "http://a.example", "http://p"),
        ({"ALL_PROXY": "http://p"}, "https://a.example", "http://p"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "example"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": " .example , x"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p", "no_proxy": "*"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*.example"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "a.example:443"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "a.example:8443"}, "https://a.example", "http://p"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "A.EXAMPLE"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "ample"}, "https://a.example", "http://p"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": ","}, "https://a.example", "http://p"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,fd00::/8"}, "https://10.1.2.3", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,fd00::/8"}, "https://[fd00::1]", None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8"}, "https://11.1.2.3", "http://p"),
        ({"HTTPS_PROXY": "http://p"}, "https://127.0.0.1", None),
        ({"HTTPS_PROXY": "http://p"}, "https://localhost", None),
    ],
)  # fmt: skip
def test_which_proxy(environment: dict[str, str], url: str, proxy: str | None) -> None:
    """As other programs read the environment; this machine is never asked for through a proxy."""
    parts = urlsplit(url)
    assert proxy_for(parts.scheme, parts.hostname or "", parts.port or 443, environment) == proxy


async def test_by_a_proxy() -> None:
    """It is asked to lead there, with its own credentials; what is private is refused before."""
    there = Elsewhere(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    async with listening(there) as port:
        outward = Outward({"HTTPS_PROXY": f"http://ada:s3cret@127.0.0.1:{port}"})
        with pytest.raises(OutwardFailed) as failed:
            await outward.call("GET", "https://id.invalid/keys")
        assert failed.value.why == "unreachable"
        assert "s3cret" not in str(failed.value)
        assert there.asked[0].startswith("CONNECT id.invalid:443 HTTP/1.1\r\n")
        assert "proxy-authorization: basic" in there.asked[0].lower()
        with pytest.raises(OutwardFailed) as failed:
            await outward.call("GET", "https://10.0.0.1/keys")
        assert (failed.value.why, len(there.asked)) == ("refused", 1)
        await outward.close()
    outward = Outward({"HTTPS_PROXY": "socks5://127.0.0.1:1"})
    with pytest.raises(OutwardFailed, match="http or https"):
        await outward.call("GET", "https://id.invalid/keys")
    await outward.close()
