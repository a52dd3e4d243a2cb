"""R81: what isn't a request by the grammar, byte for byte, is refused, and what follows it is never read as another.

Each of these was read in some way by a lenient server. Behind a proxy that reads it in another, it is smuggling.
"""

from __future__ import annotations

import pytest

from tests.http.support import HOST, Wire, hold_problem, request, wire

pytestmark = pytest.mark.embedded_only

SECOND = request("GET /api/health", "X-Request-ID: the-second\r\n")
POST = f"POST /api/auth/logout HTTP/1.1\r\n{HOST}"
BODY = "2\r\n{}\r\n0\r\n\r\n"
CHUNKED = f"{POST}Transfer-Encoding: chunked\r\n\r\n"
WHITE = [" ", "\t", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\xc2\xa0", "\xe2\x80\x83", "\xe3\x80\x80"]
DIGITS = ["\u0662", "\uff12", "\u00b2", "\u0be8"]  # a two, each


async def refused(connection: Wire, *statuses: int) -> None:
    """Hold that the one answer is a refusal, and that the connection ends with it."""
    response = await connection.answer()
    hold_problem(response, *(statuses or (400,)))
    assert response.headers["connection"] == "close"
    assert response.headers["x-request-id"] != "the-second"
    assert await connection.closed()


def framing() -> list[str]:
    """Lengths and codings, each spelt in a way that isn't the one way."""
    found = []
    for white in WHITE:
        found += [f"Content-Length{white}: 2", f"Transfer-Encoding{white}: chunked", f"{white}Content-Length: 2"]
        if white not in (" ", "\t"):
            found += [f"Transfer-Encoding: {white}chunked", f"Transfer-Encoding: chunked{white}"]
            found += [f"Content-Length: {white}2", f"Content-Length: 2{white}"]
    for digit in DIGITS:
        found.append(f"Content-Length: {digit.encode().decode('latin-1')}")
    found += [f"Content-Length: {value}" for value in ("2 2", "2,2", "2, 2", "2.0", "2e0", "0b10", "0x2", "2_", "'2'",
              '"2"', "2;", "+2", "-0", "", "two", "2" * 19, "2\t2")]  # fmt: skip
    found += [f"Transfer-Encoding: {value}" for value in ("", "chunked\t", "chunked, chunked", "chunked,",
    ", chunked", "chunked;x",
              '"chunked"', "identity, chunked", "gzip, chunked", "chunked, identity", "chunk ed", "xchunked",
              "chunked\x00",
              "deflate", "compress", "trailers")]  # fmt: skip
    found += ["Content-Length: 2\r\nContent-Length: 2", "Content-Length: 2\r\nTransfer-Encoding: chunked",
              "Transfer-Encoding: chunked\r\nContent-Length: 2",
              "Transfer-Encoding: chunked\r\ntransfer-encoding: chunked",
              "Content-Length: 2\r\nX: y\r\nCONTENT-LENGTH: 3", "Content-Length:\r\n 2",
              "Transfer-Encoding:\r\n chunked",
              "Transfer-Encoding:\x20\r\n\tchunked"]  # fmt: skip
    return found


@pytest.mark.parametrize("field", framing())
async def test_a_length_or_coding_that_is_not_one(base_url: str, field: str) -> None:
    """R81: a length is digits, the coding is `chunked`, each once, and nothing is read out of anything else."""
    async with wire(base_url) as connection:
        await connection.send(f"{POST}{field}\r\n\r\n{BODY if 'ransfer' in field else '{}'}{SECOND}")
        await refused(connection)


FIELDS = [
    *(f"X{white}: y" for white in WHITE),
    *(f"X{char}Y: z" for char in '\x00\x01\x7f "(),/;<=>?@[\\]{}\x80\xff\xc3\xa9'),
    *(f"X: a{char}b" for char in "\x00\x01\x08\x0b\x0c\x1b\x7f"),
    ": empty", "no colon", "", " folded", "\tfolded", "X: y\nZ: w", "X: y\rZ: w", "X: y\r\r", "X: y\n", "X:\ry",
    "\rX: y", "\nX: y",
    "X: y\r\n Z: w", "X: y\r\n\tw", "X: y\r\r\nZ: w",
]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
async def test_a_field_that_is_not_one(base_url: str, field: str) -> None:
    """R81: a field is a token, a colon, and text without control characters, on one line."""
    async with wire(base_url) as connection:
        line = "POST /api/auth/logout HTTP/1.1\r\n"
        if field:
            await connection.send(f"{line}{HOST}{field}\r\nContent-Length: 2\r\n\r\n{{}}{SECOND}")
        else:
            await connection.send(f"{line}\r\n{HOST}\r\n{SECOND}")
        await refused(connection)


LINES = [
    "GET /api/health", "GET /api/health ", "GET /api/health HTTP", "GET /api/health HTTP/1", "GET /api/health HTTP/1.",
    "GET /api/health HTTP/1.1 ", "GET /api/health  HTTP/1.1", "GET\t/api/health HTTP/1.1", "GET /api/health\tHTTP/1.1",
    "GET  /api/health HTTP/1.1", " GET /api/health HTTP/1.1", "GET /api/health HTTP/1.2", "GET /api/health HTTP/1.10",
    "GET /api/health HTTP/2.0", "GET /api/health HTTP/0.9", "GET /api/health HTTP/01.1", "GET /api/health Http/1.1",
    "GET /api/health HTTP/1.\xb9", "GET /api/health HTTP /1.1", "GET /api/health ICE/1.0", "GET /api/health HTTPS/1.1",
    "G\x00T /api/health HTTP/1.1", "G(T /api/health HTTP/1.1", "GET:/api/health HTTP/1.1",
    "G\xc3\x89T /api/health HTTP/1.1",
    "GET /api/health#top HTTP/1.1", "GET /api/he alth HTTP/1.1", "GET /api/h\xe9alth HTTP/1.1",
    "GET /api/health?\xa0 HTTP/1.1",
    "GET /api/health?\x7f HTTP/1.1", "GET /api/health?a\x0bb HTTP/1.1", "GET /api/%zz HTTP/1.1", "GET /api/% HTTP/1.1",
    "GET /api/%0 HTTP/1.1", "GET /?%u0041 HTTP/1.1", 'GET /"a" HTTP/1.1', "GET /<a> HTTP/1.1",
    "GET /?<script> HTTP/1.1",
    "GET \\api\\health HTTP/1.1", "GET api/health HTTP/1.1", "GET ?x HTTP/1.1", "GET * HTTP/1.1", "GET ** HTTP/1.1",
    "OPTIONS ** HTTP/1.1", "CONNECT a.example:443 HTTP/1.1", "CONNECT * HTTP/1.1",
    "GET a.example:80 HTTP/1.1", "GET a.example HTTP/1.1", "GET http:/a HTTP/1.1", "GET http://[::1 HTTP/1.1",
    "GET http://[::1]a/ HTTP/1.1", "GET http://a.example:8o/ HTTP/1.1", "GET http://a@b/ HTTP/1.1",
    "GET http://a.example\\/ HTTP/1.1", "GET http://:80/ HTTP/1.1", "GET javascript:x HTTP/1.1", "PRI * HTTP/2.0",
    "\x00GET /api/health HTTP/1.1", "\xef\xbb\xbfGET /api/health HTTP/1.1",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES)
async def test_a_request_line_that_is_not_one(base_url: str, line: str) -> None:
    """R81: a method, a target in one of its forms, and the version, with a space between."""
    async with wire(base_url) as connection:
        await connection.send(f"{line}\r\n{HOST}\r\n{SECOND}")
        await refused(connection)


@pytest.mark.parametrize("end", ["\n", "\r", "\n\r", "\r\r\n", "\r\n\x00"])
async def test_a_line_that_ends_otherwise(base_url: str, end: str) -> None:
    """R81: lines end with CRLF; a head with other ends is refused without waiting for more of it."""
    async with wire(base_url) as connection:
        await connection.send(f"GET /api/health HTTP/1.1{end}Host: a.example{end}{end}GET /api/health HTTP/1.1{end}")
        await refused(connection)
    async with wire(base_url) as connection:
        await connection.send(f"{POST}Content-Length: 2{end}{end}{{}}{SECOND}")
        await refused(connection)


CHUNKS = [
    "0x2\r\n{}\r\n", " 2\r\n{}\r\n", "2 \r\n{}\r\n", "2\t\r\n{}\r\n", "+2\r\n{}\r\n", "-2\r\n{}\r\n", "2_\r\n{}\r\n",
    "\r\n", "\r\n2\r\n{}\r\n", "\xb2\r\n{}\r\n", "\xd9\xa2\r\n{}\r\n", "\xef\xbc\x92\r\n{}\r\n", "2h\r\n{}\r\n",
    "2\n{}\r\n", "2\r{}\r\n", "2\r\n{}", "2\r\n{}\n", "2\r\n{}\r", "2\r\n{} \r\n", "2\r\n{}x\r\n", "2\r\n{}\r\r\n",
    "2\r\n{}\n\r\n",
    "2\r\n{}\r\n\r\n", "2;\r\n{}\r\n", "2;a\nb\r\n{}\r\n", "2;a=\r\n{}\r\n", "2;a=b\x00\r\n{}\r\n",
    '2;a="b\r\n{}\r\n', "2;a b\r\n{}\r\n",
    '2;a="\n"\r\n{}\r\n', "2;=b\r\n{}\r\n", "2,a\r\n{}\r\n", "2 ;a\r\n{}\r\n", "2; a\r\n{}\r\n", "2;a\rb\r\n{}\r\n",
    "2;a=b;\r\n{}\r\n",
    f"2;{'a' * 300}\r\n{{}}\r\n", f"2;{'a' * 9_000}", f"{'0' * 40}2\r\n{{}}\r\n", "100000002\r\n{}\r\n",
    "ffffffffffffffff\r\n{}\r\n",
    f"1;{'a' * 200}\r\n \r\n" * 30,
]  # fmt: skip


@pytest.mark.parametrize("chunks", CHUNKS)
async def test_a_chunk_that_is_not_one(base_url: str, chunks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R81: a size in hexadecimal digits, perhaps extensions, CRLF, the data, CRLF."""
    async with wire(base_url) as connection:
        await connection.send(f"{CHUNKED}{chunks}0\r\n\r\n{SECOND}")
        await refused(connection)


ENDS = ["0\r\nX: y\r\n\r\n", "0\r\n\n", "0\r\n\r", "0\r\n\r\r\n", "0\n\n", "0\r\nx", "00000000000\r\n\r\n",
"0 \r\n\r\n", "-0\r\n\r\n",
        "0\r\n: y\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0\r\n \r\n", "0;\r\n\r\n"]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
async def test_a_last_chunk_that_is_not_one(base_url: str, end: str) -> None:
    """R81: after the last chunk there is an empty line, and the next request begins right there."""
    async with wire(base_url) as connection:
        await connection.send(f"{CHUNKED}2\r\n{{}}\r\n{end}{SECOND}")
        await refused(connection)


async def test_connect_has_no_body(base_url: str) -> None:
    """R81: to some readers a CONNECT ends with its head, whatever its length says (RFC 9110 section 9.3.6)."""
    for framing in (
        "Content-Length: 2\r\n\r\n{}",
        f"Transfer-Encoding: chunked\r\n\r\n{BODY}",
        "Content-Length: 0\r\n\r\n",
    ):
        async with wire(base_url) as connection:
            await connection.send(f"CONNECT /api/health HTTP/1.1\r\n{HOST}{framing}{SECOND}")
            await refused(connection)


async def test_chunks_are_of_http_1_1(base_url: str) -> None:
    """R81: HTTP/1.0 knows no chunks (RFC 9112 section 6.1), and still has one Host at most."""
    for head in ("Transfer-Encoding: chunked\r\n", f"{HOST}{HOST}Content-Length: 2\r\n"):
        async with wire(base_url) as connection:
            await connection.send(f"POST /api/auth/logout HTTP/1.0\r\n{head}\r\n{BODY}{SECOND}")
            await refused(connection)


async def test_what_is_right_is_read(base_url: str) -> None:
    """R81: every form the grammar allows is read, and the next request is found where it begins."""
    rights = [
        "\r\n" + request("GET /api/health"),
        f"{POST}Content-Length: 2\r\n\r\n{{}}",
        f"{POST}Content-Length:2\t \r\n\r\n{{}}",
        f"{POST}content-length:\t 002\r\n\r\n{{}}",
        f"{CHUNKED}{BODY}",
        f"{POST}transfer-ENCODING:\t chunkeD  \r\n\r\n{BODY}",
        f'{CHUNKED}1;a\r\n{{\r\n01;a=b;c="d \\" e";f=""\r\n}}\r\n000;g\r\n\r\n',
        f"{POST}Connection: , Keep-Alive ,,x\r\nContent-Length: 0\r\n\r\n",
        request("GET /api/health?a=[1]|{2}&b=^`\\&c=%C3%A9/?:@"),
        request("GET /api/health", "!#$%&'*+-.^_`|~09azAZ: \x80\xff \t obs-text\t\r\nempty:\r\n"),
        "GET http://a.example HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ]
    async with wire(base_url) as connection:
        for right in rights:
            await connection.send(right + SECOND)
            assert (await connection.answer()).headers["connection"] == "keep-alive", right
            response = await connection.answer()
            assert (response.status_code, response.headers["x-request-id"]) == (200, "the-second"), right


async def test_what_ends_the_connection(base_url: str) -> None:
    """R81: `close` ends the connection, in whatever company; a Connection header that is no list is refused."""
    for options in (
        "close",
        "Close",
        "keep-alive, close",
        "close,keep-alive",
        "x\r\nConnection: close",
        "close\r\nConnection: keep-alive",
    ):
        async with wire(base_url) as connection:
            await connection.send(request("GET /api/health", f"Connection: {options}\r\n") + SECOND)
            assert (await connection.answer()).headers["connection"] == "close"
            assert await connection.closed()
    for options in ("a b", "close;", "\xff", '"close"', "close keep-alive"):
        async with wire(base_url) as connection:
            await connection.send(request("GET /api/health", f"Connection: {options}\r\n") + SECOND)
            await refused(connection)


@pytest.mark.parametrize(
    "expectation", ["", "200-ok", "100-continue, x", "100-continue;q=1", "100-continue\r\nExpect: x"]
)
async def test_what_nobody_can_expect(base_url: str, expectation: str) -> None:
    """R81: an expectation other than 100-continue is 417, with a body or without; HTTP/1.0 doesn't know any."""
    for body in ("", "Content-Length: 2\r\n"):
        async with wire(base_url) as connection:
            await connection.send(f"{POST}Expect: {expectation}\r\n{body}\r\n{SECOND}")
            await refused(connection, 417)
    async with wire(base_url) as connection:
        await connection.send(f"GET /api/health HTTP/1.0\r\nExpect: {expectation}\r\n\r\n")
        assert (await connection.answer()).status_code == 200


async def test_a_refused_head_request_has_no_body(base_url: str) -> None:
    """R81: a refusal of HEAD is a head too: a body would be read as the next answer."""
    async with wire(base_url) as connection:
        await connection.send(request("HEAD /api/health", host=""))
        assert (await connection.answer(head=True)).status_code == 400
        assert await connection.closed()
