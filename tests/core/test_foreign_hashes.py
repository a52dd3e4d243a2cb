"""Hashes from outside: bounded by the work they really are; what guards nothing is refused (R84)."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from service.core.passwords.foreign_hashes import MAX_BYTES, MAX_SECONDS, RefusedHash, read, refusal
from service.core.passwords.hashing import Passwords
from tests.support.hashes import FORMATS

SALT, KEY = "c29tZXNhbHRzb21lc2FsdA", "aGFzaGhhc2hoYXNoaGFzaA"
BCRYPT = "abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e"

TOO_COSTLY = [
    f"$argon2id$v=19$m=512,t=2048,p=64${SALT}${KEY}",  # 64 threads are started 8,192 times: 22 s
    f"$argon2i$m=512,t=2048,p=64${SALT}${KEY}",
    f"$argon2d$v=16$m=16,t=60000,p=2${SALT}${KEY}",
    f"$argon2id$v=19$m=8,t=4000000,p=1${SALT}${KEY}",
    f"$argon2id$v=19$m=4194304,t=1,p=1${SALT}${KEY}",
    f"$argon2id$v=19$m=9999999999,t=1,p=1${SALT}${KEY}",
    f"$argon2id$v=19$m=1024,t=1,p=65${SALT}${KEY}",
    f"pbkdf2:sha256:3000000${SALT}${'ab' * 64}",
    f"pbkdf2:sha256:1500000${SALT}${'ab' * 33}",  # one byte more than a block costs all rounds again
    f"pbkdf2:sha1:900000${SALT}${'ab' * 64}",
    f"pbkdf2:sha512:1100000${SALT}${'ab' * 20}",
    f"pbkdf2_sha256$9999999999${SALT}${KEY}",
    f"scrypt:2:1:2000000${SALT}${'ab' * 64}",
    f"scrypt:16384:512:1${SALT}${'ab' * 64}",
    f"scrypt$1048576${SALT}$8$1${KEY}",
    f"$scrypt$ln=22,r=1,p=1${SALT}${KEY}",
    f"$scrypt$ln=99,r=8,p=1${SALT}${KEY}",
    f"$2b$15${BCRYPT}",
    f"$2y$31${BCRYPT}",
    f"$2a$99${BCRYPT}",
]
GUARD_NOTHING = [
    f"pbkdf2:sha256:1000${SALT}$ab",
    f"pbkdf2_sha256$1000${SALT}$aGFzaA==",
    f"pbkdf2:sha512:1000${SALT}${'ab' * 15}",
    f"scrypt:16:8:1${SALT}$ab",
    f"scrypt$16${SALT}$8$1$aGFzaA==",
    f"$scrypt$ln=4,r=8,p=1${SALT}$aGFzaA",
    f"$argon2id$v=19$m=64,t=1,p=1${SALT}$aGFzaA",
    f"$argon2id$v=19$m=64,t=1,p=1$c2FsdA${KEY}",
    f"pbkdf2:sha256:1000$salt${'ab' * 32}",
    f"scrypt:16:8:1$saltsal${'ab' * 32}",
]
CANNOT_BE_CHECKED = [
    f"$argon2id$v=99$m=64,t=1,p=1${SALT}${KEY}",
    f"$argon2id$v=0$m=64,t=1,p=1${SALT}${KEY}",
    f"$argon2id$v=019$m=64,t=1,p=1${SALT}${KEY}",
    f"$argon2id$v=19$m=1,t=1,p=1${SALT}${KEY}",
    f"$argon2id$v=19$m=31,t=1,p=4${SALT}${KEY}",
    f"$argon2id$v=19$m=064,t=1,p=1${SALT}${KEY}",
    f"$argon2id$v=19$t=1,m=64,p=1${SALT}${KEY}",
    f"$argon2id$v=19$m=64,t=0,p=1${SALT}${KEY}",
    f"$argon2id$v=19$m=64,t=1,p=0${SALT}${KEY}",
    f"$argon2id$v=19$m=64,t=1,p=1,keyid=AAAA${SALT}${KEY}",
    f"$argon2id$v=19$m=64,t=1,p=1${SALT}${KEY}\n",
    f"$argon2id$v=19$m=64,t=1,p=1${SALT}${KEY}$more",
    f"$argon2id$v=19$m=64,t=1,p=1${SALT}=${KEY}",
    f"$argon2id$v=19$m=64,t=1,p=1${SALT[:-1]}B${KEY}",  # bits beyond the last byte
    f"$argon2x$v=19$m=64,t=1,p=1${SALT}${KEY}",
    f"$argon2id$v=19$m=6\u0664,t=1,p=1${SALT}${KEY}",
    f"pbkdf2:sha256:0${SALT}${'ab' * 32}",
    f"pbkdf2:sha256:1_000${SALT}${'ab' * 32}",
    f"pbkdf2:sha256:+10${SALT}${'ab' * 32}",
    f"pbkdf2:sha256: 10${SALT}${'ab' * 32}",
    f"pbkdf2:sha256:\u0661\u0662${SALT}${'ab' * 32}",
    f"pbkdf2:md5:10${SALT}${'ab' * 32}",
    f"pbkdf2:sha256:10${SALT}${'ab ' * 32}",
    f"pbkdf2:sha256:10${SALT}${'ab' * 32}a",
    f"pbkdf2_sha512$10${SALT}${KEY}",
    f"pbkdf2_sha256$10${SALT}${KEY}=",
    f"pbkdf2_sha256$10${SALT}${KEY}===",
    f"pbkdf2_sha256$10$lone\ud800surrogate${KEY}",
    f"scrypt:15:8:1${SALT}${'ab' * 32}",
    f"scrypt:1:8:1${SALT}${'ab' * 32}",
    f"scrypt:16:0:1${SALT}${'ab' * 32}",
    f"scrypt:16:8:0${SALT}${'ab' * 32}",
    f"scrypt:65536:1:1${SALT}${'ab' * 32}",  # RFC 7914: N < 2^(16 r)
    f"$scrypt$ln=04,r=8,p=1${SALT}${KEY}",
    f"$scrypt$ln=0,r=8,p=1${SALT}${KEY}",
    f"$2b$03${BCRYPT}",
    f"$2b$5${BCRYPT}",
    f"$2x$05${BCRYPT}",
    f"$2b$05${BCRYPT[:21]}v{BCRYPT[22:]}",  # bits that bcrypt doesn't have
    f"$2b$05${BCRYPT[:-1]}f",
    f"$2b$\u0660\u0665${BCRYPT}",
    "x" * 300,
    "",
]
# What each system writes today, or wrote for years; of the ones that this reads no other way, converted.
REAL = {
    "Django 1.11": f"pbkdf2_sha256$36000$aBcDeFgHiJkL${base64.b64encode(b'k' * 32).decode()}",
    "Django 6.0": f"pbkdf2_sha256$1200000$aBcDeFgHiJkLmNoPqRsTuV${base64.b64encode(b'k' * 32).decode()}",
    "Django, SHA-1": f"pbkdf2_sha1$870000$aBcDeFgHiJkLmNoPqRsTuV${base64.b64encode(b'k' * 20).decode()}",
    "Django, Argon2": f"$argon2id$v=19$m=102400,t=2,p=8${SALT}${KEY}",
    "Django, scrypt": f"scrypt$16384$aBcDeFgHiJkLmNoPqRsTuV$8$5${base64.b64encode(b'k' * 64).decode()}",
    "Werkzeug 0.9": f"pbkdf2:sha1:1000$aBcDeFgH${'ab' * 20}",
    "Werkzeug 2": f"pbkdf2:sha256:600000$aBcDeFgHiJkLmNoP${'ab' * 32}",
    "Werkzeug 3": f"scrypt:32768:8:1$aBcDeFgHiJkLmNoP${'ab' * 64}",
    "Werkzeug 3, SHA-512": f"pbkdf2:sha512:1000000$aBcDeFgHiJkLmNoP${'ab' * 64}",
    "Auth0, Supabase": f"$2a$10${BCRYPT}",
    "Laravel": f"$2y$12${BCRYPT}",
    "bcrypt, careful": f"$2b$14${BCRYPT}",
    "PHP, Argon2": f"$argon2i$v=19$m=65536,t=4,p=1$c2FsdHNhbHRzYWx0c2FsdA${base64.b64encode(b'k' * 32).decode()[:-1]}",
    "Keycloak, Argon2": f"$argon2id$v=19$m=7168,t=5,p=1${SALT}${KEY}",
    "Keycloak, PBKDF2": f"pbkdf2:sha512:210000$aBcDeFgHiJkLmNoP${'ab' * 64}",
    "Keycloak, long PBKDF2": f"pbkdf2:sha256:27500$aBcDeFgHiJkLmNoP${'ab' * 64}",
    "ASP.NET": f"pbkdf2:sha512:100000$aBcDeFgHiJkLmNoP${'ab' * 32}",
    "libsodium, moderate": f"$argon2id$v=19$m=262144,t=3,p=1${SALT}${KEY}",
    "RFC 9106": f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${KEY}",
    "OWASP, scrypt": f"$scrypt$ln=17,r=8,p=1${SALT}${KEY}",
    "OWASP, SHA-1": f"pbkdf2:sha1:1400000$aBcDeFgHiJkLmNoP${'ab' * 20}",
}
# The dearest of its kind that is taken: as many rounds, passes, lanes as there may be.
DEAREST = {
    "bcrypt": f"$2b$14${BCRYPT}",
    "PBKDF2, SHA-1": f"pbkdf2:sha1:2000000${SALT}${'ab' * 20}",
    "PBKDF2, SHA-1, four blocks": f"pbkdf2:sha1:500000${SALT}${'ab' * 64}",
    "PBKDF2, SHA-256": f"pbkdf2:sha256:2000000${SALT}${'ab' * 32}",
    "PBKDF2, SHA-256, two blocks": f"pbkdf2:sha256:1000000${SALT}${'ab' * 64}",
    "PBKDF2, SHA-512": f"pbkdf2:sha512:1000000${SALT}${'ab' * 64}",
    "scrypt, memory": f"$scrypt$ln=18,r=8,p=1${SALT}${KEY}",
    "scrypt, lanes": f"scrypt:16384:8:19${SALT}${'ab' * 64}",
    "scrypt, nothing but lanes": f"scrypt:2:1:625000${SALT}${'ab' * 64}",
    "Argon2, memory": f"$argon2id$v=19$m=262144,t=4,p=1${SALT}${KEY}",
    "Argon2, memory and lanes": f"$argon2d$v=19$m=262144,t=4,p=4${SALT}${KEY}",
    "Argon2, passes": f"$argon2i$v=16$m=8,t=65000,p=1${SALT}${KEY}",
    "Argon2, lanes": f"$argon2id$v=19$m=512,t=63,p=64${SALT}${KEY}",
    "Argon2, two lanes": f"$argon2id$v=19$m=16,t=2000,p=2${SALT}${KEY}",
}


@pytest.mark.parametrize("hashed", TOO_COSTLY)
def test_bombs(hashed: str) -> None:
    """R84: the work is counted as it is done: rounds x blocks, passes x lanes x memory, whatever the variant."""
    assert "more work" in (refusal(hashed) or "")


@pytest.mark.parametrize("hashed", GUARD_NOTHING)
def test_what_guards_nothing(hashed: str) -> None:
    """R84: a key of one byte is fitted by every 256th password; short salts are shared."""
    assert "shorter than" in (refusal(hashed) or "")


@pytest.mark.parametrize("hashed", CANNOT_BE_CHECKED)
def test_what_cannot_be_checked(hashed: str) -> None:
    """R84: what no password would ever fit is refused at the import, not at each log-in."""
    assert refusal(hashed) is not None


@pytest.mark.parametrize("hashed", REAL.values(), ids=REAL.keys())
def test_what_real_systems_write(hashed: str) -> None:
    """None of what real systems export is refused."""
    assert refusal(hashed) is None


@pytest.mark.parametrize("hashed", DEAREST.values(), ids=DEAREST.keys())
def test_the_dearest_takes_about_a_second(hashed: str) -> None:
    """R84: at the bound of each kind, a check takes about a second of one core; the reckoning is near the truth."""
    found = read(hashed)
    # The processor's time, of all its threads: other work on the machine doesn't count.
    began = time.process_time()
    assert not found.matches("wrong")
    took = time.process_time() - began
    assert 0.7 < found.seconds <= MAX_SECONDS
    assert took < 1.5, took
    assert found.memory <= MAX_BYTES


@pytest.mark.parametrize("hashed", [*TOO_COSTLY, *GUARD_NOTHING, *CANNOT_BE_CHECKED])
async def test_stored_by_an_older_version(hashed: str, dear: Passwords) -> None:
    """R84, R17: a bomb that is stored already keeps no thread busy: it takes as long as nobody's, and is wrong."""
    began = time.process_time()
    assert not await dear.verify("x", hashed)
    assert time.process_time() - began < 0.5


async def test_one_byte_lets_nobody_in(dear: Passwords) -> None:
    """R84: of 300 wrong passwords none fits a stored key of one byte."""
    key = hashlib.pbkdf2_hmac("sha256", b"right", b"saltsaltsalt", 1, 1).hex()
    hashed = f"pbkdf2:sha256:1$saltsaltsalt${key}"
    assert not any([await dear.verify(f"wrong{n}", hashed) for n in range(300)])


@pytest.fixture
def dear() -> Iterator[Passwords]:
    found = Passwords(threads=1, memory_kib=1024, passes=1)
    yield found
    found.close()


async def test_both_texts_within_one_bound(dear: Passwords) -> None:
    """R84: a password that is prepared into another text is tried both ways only where that stays within the bound."""
    hashed = f"pbkdf2:sha256:1900000${SALT}${'ab' * 32}"
    began = time.process_time()
    assert not await dear.verify("a\u00a0b", hashed)
    assert time.process_time() - began < 1.5
    cheap = FORMATS["werkzeug-pbkdf2"]("a b")
    assert await dear.verify("a\u00a0b", cheap)


NUMBERS = st.one_of(
    st.integers(0, 100), st.integers(0, 2**34), st.sampled_from([2**n for n in range(32)])
).map(str) | st.sampled_from(["", "01", "-1", "1e9", "1_0", " 1", "\u0663"])  # fmt: skip
BYTES = st.binary(max_size=80)
B64 = BYTES.map(lambda raw: base64.b64encode(raw).decode()) | BYTES.map(
    lambda raw: base64.b64encode(raw).decode().rstrip("=")
)
TEXTS = B64 | BYTES.map(bytes.hex) | st.text(max_size=30)
WRITTEN = st.one_of(
    st.builds("$2{}${}${}".format, st.sampled_from("abxy"), NUMBERS | st.sampled_from(["04", "14", "15"]),
              st.just(BCRYPT) | TEXTS),
    st.builds("$argon2{}${}m={},t={},p={}${}${}".format, st.sampled_from(["i", "d", "id", "di"]),
              st.sampled_from(["", "v=16$", "v=19$", "v=20$"]), NUMBERS, NUMBERS, NUMBERS, TEXTS, TEXTS),
    st.builds("pbkdf2_{}${}${}${}".format, st.sampled_from(["sha1", "sha256", "sha512"]), NUMBERS, TEXTS, TEXTS),
    st.builds("pbkdf2:{}:{}${}${}".format, st.sampled_from(["sha1", "sha256", "sha512"]), NUMBERS, TEXTS, TEXTS),
    st.builds("scrypt${}${}${}${}${}".format, NUMBERS, TEXTS, NUMBERS, NUMBERS, TEXTS),
    st.builds("scrypt:{}:{}:{}${}${}".format, NUMBERS, NUMBERS, NUMBERS, TEXTS, TEXTS),
    st.builds("$scrypt$ln={},r={},p={}${}${}".format, NUMBERS, NUMBERS, NUMBERS, TEXTS, TEXTS),
)  # fmt: skip


@settings(max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WRITTEN | st.text(max_size=300))
@example("$argon2id$v=19$m=abc,t=1,p=1$x$y")
def test_anything_is_read_or_refused(hashed: str) -> None:
    """R84: no text makes the reading fail otherwise than by refusing, and what is read is within the bounds."""
    try:
        found = read(hashed)
    except RefusedHash:
        return
    assert 0 < found.seconds <= MAX_SECONDS
    assert 0 <= found.memory <= MAX_BYTES


ANY = {name: make("correct horse battery") for name, make in FORMATS.items()}
CHECKS: dict[str, Callable[[str], bool]] = {name: read(hashed).matches for name, hashed in ANY.items()}


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(sorted(ANY)), st.integers(0, 254), st.characters(max_codepoint=0x2FF))
def test_one_character_changed(name: str, place: int, letter: str) -> None:
    """A hash with any letter changed is refused, or is checked without failing; where it is taken it can be right."""
    hashed = ANY[name]
    place %= len(hashed)
    changed = hashed[:place] + letter + hashed[place + 1 :]
    assume(changed != hashed)
    try:
        found = read(changed)
    except RefusedHash:
        return
    if found.seconds < 0.05:
        assert found.matches("correct horse battery") in (True, False)


@pytest.mark.parametrize("name", sorted(ANY))
def test_right_and_wrong(name: str) -> None:
    """Each format knows its password, and no other."""
    assert CHECKS[name]("correct horse battery")
    assert not CHECKS[name]("correct horse batterx")
