"""R81: whatever an independent parser refuses, we refuse; whatever we take, it takes, and reads the same.

`FRAMING_EXAMPLES=200000` makes a long run of it.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.framing import SEEDS, Read, by_h11, by_httptools, mutated, ours
from tests.http.support import wire

EXAMPLES = int(os.environ.get("FRAMING_EXAMPLES", "1500"))
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

KNOWN = {b"CONNECT", b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE"}


def hold(data: bytes, cuts: list[int]) -> int:
    """Hold our reading of `data` against the others'; return how many requests were taken."""
    reading = ours(data)
    for request, span in zip(reading.requests, reading.spans, strict=True):
        # An empty line before a request is one thing that RFC 9112 2.2 asks for and h11 leaves to others.
        rest = span.removeprefix(b"\r\n")
        assert by_h11(rest) == request
        if request.method in KNOWN:
            assert by_httptools(rest) == request
        else:  # llhttp has a list of methods; the grammar has none
            rest = b"GET" + rest.removeprefix(request.method)
            assert by_httptools(rest) == replace(request, method=b"GET")
    in_pieces = ours(data, cuts)
    assert in_pieces.requests == reading.requests
    assert type(in_pieces.refused) is type(reading.refused)
    return len(reading.requests)


@many
@given(st.randoms(use_true_random=True), st.lists(st.integers(0, 400), max_size=6))
def test_mutated_requests(chance: random.Random, cuts: list[int]) -> None:
    """Requests with a few bytes changed, taken out or put in, most of them where it matters."""
    hold(mutated(chance), cuts)


TOKEN = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=6)
OFTEN_RIGHT = st.sampled_from
white = OFTEN_RIGHT(["", "", "", " ", "\t", " \t ", "\x0b", "\xa0", "\r\n ", "\x1c"])
end = OFTEN_RIGHT(["\r\n"] * 30 + ["\n", "\r", "\r\r\n", "\n\r", ""])
target = st.one_of(
    OFTEN_RIGHT(
        [
            "/",
            "/a/b?c=d",
            "*",
            "http://a.example/",
            "https://[::1]:1/x?y",
            "a:80",
            "//a",
            "/%41",
            "/#a",
            "",
            "/ ",
            "HTTP://a",
        ]
    ),
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=8).map(lambda text: "/" + text),
    st.text("abAB09-._~!$&'()*+,;=:@/?[]{}|^`\\%\"<>#", max_size=10).map(lambda text: "/" + text),
)
value = st.one_of(
    OFTEN_RIGHT(
        ["a", "a b", "", "100-continue", "chunked", "0", "3", "5", "close", "keep-alive", "Chunked", "gzip", "upgrade"]
    ),
    st.text(st.characters(max_codepoint=255), max_size=8),
    st.text("0123456789abcdefx+-_, ", max_size=4),
)
name = st.one_of(
    OFTEN_RIGHT(
        ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "TE", "Trailer", "Accept"]
    ),
    TOKEN,
    st.text(st.characters(max_codepoint=255), max_size=5),
)
line = st.builds("{}{}:{}{}{}{}".format, name, OFTEN_RIGHT([""] * 30 + [" ", "\t"]), white, value, white, end)
size = st.one_of(
    OFTEN_RIGHT(["3", "03", "3", "3;a", "3;a=b", '3;a="b c"', '3;a="\\""', "3 ", "3;", "0x3", "+3", "3;a =b", "3; a"]),
    st.builds("3;{}={}".format, TOKEN, st.text(st.characters(max_codepoint=255), max_size=5)),
    st.text('0123;="\\ ab', max_size=5),
)
chunk = st.builds("{}{}abc{}".format, size, end, end)
body = st.one_of(
    OFTEN_RIGHT(["", "abc", "abcde", "3\r\nabc\r\n0\r\n\r\n", "0\r\n\r\n", "0\r\nX: y\r\n\r\n"]),
    st.builds(
        "{}{}{}{}".format, st.lists(chunk, max_size=3).map("".join), OFTEN_RIGHT(["0", "0", "00", "0;a", ""]), end, end
    ),
)
framing = OFTEN_RIGHT(
    [
        "",
        "",
        "Content-Length: 3\r\n",
        "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "transfer-encoding:chunked \r\n",
    ]
)
message = st.builds(
    "{}{} {} HTTP/{}{}{}{}{}{}{}".format,
    OFTEN_RIGHT([""] * 20 + ["\r\n", "\r\n\r\n", "\n", " "]),
    st.one_of(OFTEN_RIGHT(["GET", "POST", "PUT", "OPTIONS", "CONNECT", "PRI", "FOO"]), TOKEN),
    target,
    OFTEN_RIGHT(["1.1"] * 8 + ["1.0", "1.0", "1.2", "2.0"]),
    end,
    OFTEN_RIGHT(["Host: a\r\n"] * 9 + ["", "host:[::1]:80\r\n"]),
    st.lists(line, max_size=3).map("".join),
    framing,
    end,
    body,
)


@many
@given(st.lists(message, min_size=1, max_size=3), st.lists(st.integers(0, 400), max_size=6))
def test_made_up_requests(messages: list[str], cuts: list[int]) -> None:
    """Requests made up of parts, each of them right most of the time."""
    hold("".join(messages).encode("latin-1"), cuts)


def test_the_seeds_are_requests() -> None:
    """What the mutations start from is taken by all three readers: a fuzz of refusals alone would show nothing."""
    for seed in SEEDS:
        assert hold(seed, list(range(400))) == 1, seed
    chance = random.Random(7)
    counts = [hold(mutated(chance), []) for _ in range(1_000)]
    assert sum(map(bool, counts)) > 300


@pytest.mark.embedded_only
async def test_the_server_reads_as_we_do(base_url: str) -> None:
    """Over a real connection a sample of these has the outcome that the reader by itself says."""
    chance = random.Random(81)
    for _ in range(120):
        data = mutated(chance)
        reading = ours(data)
        async with wire(base_url) as connection:
            await connection.send(data)
            for request in reading.requests:
                response = await connection.answer(head=request.method == b"HEAD")
                assert response.status_code < 500, data
            if reading.refused is not None:
                begun = data[sum(map(len, reading.spans)) :].removeprefix(b"\r\n")
                response = await connection.answer(head=begun.startswith(b"HEAD "))
                assert response.status_code in (400, 413, 414, 417, 431), data
            if reading.refused is not None or reading.closed:
                assert await connection.closed(), data


def test_reads() -> None:
    """The readers agree on what a plain request says."""
    reading = ours(SEEDS[2])
    assert reading.requests == [
        Read(
            b"POST",
            b"/api/auth/logout",
            b"1.1",
            [(b"host", b"a"), (b"content-type", b"application/json"), (b"content-length", b"12")],
            b'{"a": "bcd"}',
        )
    ]


def test_a_chunk_too_long() -> None:
    """A size that no body may have is refused like what isn't a size, however it arrives."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert hold(head + b"abcde\r\nabc\r\n0\r\n\r\n", [3, 60]) == 0
