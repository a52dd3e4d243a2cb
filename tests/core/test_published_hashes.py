"""Hashes that others have published, with their passwords: what is read here is what they mean by it."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Iterator

import pytest

from service.core.passwords.foreign_digests import DIGESTS, quick
from service.core.passwords.foreign_hashes import TOO_COSTLY, read, refusal, usable
from service.core.passwords.foreign_products import firebase_hash, without_project_key
from service.core.passwords.hashing import Passwords
from tests.support.hashes import FORMATS, QUICK

# The example of github.com/firebase/scrypt.
SIGNER = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
FIREBASE = firebase_hash(
    (14, 8), b64decode("42xEC+ixf3L2lw=="), b64decode("Bw=="), b64decode(SIGNER),
    b64decode("lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="),
)  # fmt: skip

PUBLISHED = {
    # docs.spring.io, "Password Storage": DelegatingPasswordEncoder
    "spring bcrypt": ("password", "{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG"),
    "spring pbkdf2": (
        "password",
        "{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc",
    ),
    "spring scrypt": (
        "password",
        (
            "{scrypt}$e0801$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==$"
            "OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc="
        ),
    ),
    # passlib.readthedocs.io
    "passlib pbkdf2": (
        "toomanysecrets",
        "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk",
    ),
    "passlib pbkdf2, 6400": (
        "password",
        "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
    ),
    "passlib bcrypt-sha256": ("password", "$bcrypt-sha256$2a,8$UE3dIZ.0I6XZtA/LdMrrle$Ag04/5zYu./12.OSqInXZnJ.WZoh1ua"),
    "passlib phpass": ("password", "$P$8ohUJ.1sdFw09/bMaAQPTGDNi2BIUt1"),
    # Drupal 7's algorithm, as published with its ports
    "drupal": ("password1234", "$S$DeIZ1KTE.VzRvudZ5.xgOakipuMFrVyPmRdWTjAdYieWj27NMglI"),
    # Drepper, "Unix crypt using SHA-256 and SHA-512"
    "sha512-crypt": (
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
    "sha512-crypt, a long text": (
        "a very much longer text to encrypt.  This one even stretches over morethan one line.",
        (
            "{CRYPT}$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7"
            "UmJEiDwGqd8p4ur1"
        ),
    ),
    "sha512-crypt, rounds": (
        "we have a short salt string but not a short password",
        "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0",
    ),
    "sha256-crypt": ("not my real password", "$5$saltsalt$E0bMpsLR71z8LIvd6p2tD4LZ984JxyD7B9lPLhq4vY7"),
    "firebase": ("user1password", FIREBASE),
    "firebase, without its project's key": ("user1password", without_project_key(FIREBASE)),
}
PUBLISHED_DIGESTS = {
    "spring sha256": ("password",
                      "{sha256}97cde38028ad898ebc02e690819fa220e88c62e0699403e94fff291cfffaf8410849f27605abcbc0"),
    "passlib ldap_salted_md5": ("password", "{SMD5}OqsUXNHIhHbznxrqHoIM+ZT8DmE="),
}  # fmt: skip

# With what each says of why.
REFUSED = {
    "{noop}hunter2222": "in clear",
    "{CLEARTEXT}secret": "in clear",
    "5f4dcc3b5aa765d61d8327deb882cf99": "without a salt",
    "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=": "without a salt",
    "{MD5}X03MO1qnZdYdgyfeuILPmQ==": "without a salt",
    "md5$$5f4dcc3b5aa765d61d8327deb882cf99": "without a salt",
    "$1$gwvn5BO0$3dyk8j.UTcsNUPrLMsU6/0": "MD5-crypt",
    "{CRYPT}$1$gwvn5BO0$3dyk8j.UTcsNUPrLMsU6/0": "MD5-crypt",
    "{CRYPT}rl.3StKT.4T8M": "DES-crypt",
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7": "yescrypt",
    "{bcrypt}plain": "no format",
    "{unknown}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG": "no format",
    "{pbkdf2}" + "ab" * 48: "Spring's own",
    "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gBAg==": "salt is shorter",
    "$S$" + "U" + "a" * 8 + "b" * 43: "more work",
    "$P$" + "J" + "a" * 8 + "b" * 22: "more work",
    "$6$rounds=999999$saltsalt$" + "a" * 86: "more work",
    "{scrypt}$1f0801$" + "a" * 32 + "$" + "b" * 43 + "=": "more work",
    "$firescrypt$ln=29,r=8,p=1$" + "$".join(["QUJDREVGR0g="] * 4): "no format",
    "AQAAAAIAAAAA" + "A" * 72: "no format",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published(name: str) -> None:
    """R9: each of them knows its own password, and no other."""
    password, hashed = PUBLISHED[name]
    found = read(hashed)
    assert found.matches(password)
    assert not found.matches(f"{password}.")


@pytest.mark.parametrize("name", PUBLISHED_DIGESTS)
def test_published_digests(name: str) -> None:
    """What comes in under a hash of ours is read as it is published."""
    password, hashed = PUBLISHED_DIGESTS[name]
    found = quick(hashed)
    assert found is not None
    assert found.digest in [make(password.encode(), found.salt) for make in DIGESTS[found.kind]]


@pytest.mark.parametrize("hashed", REFUSED)
def test_refused_by_name(hashed: str) -> None:
    """R84: what can't be checked, or guards nothing, is refused and says which of both; the hash isn't in it."""
    reason = refusal(hashed)
    assert REFUSED[hashed] in (reason or "")
    assert hashed[8:] not in (reason or "")
    if REFUSED[hashed] == "more work":
        assert reason == TOO_COSTLY


def test_no_password_at_all() -> None:
    """What systems write where nobody is to get in is no hash: Django's, /etc/shadow's."""
    assert not any(usable(text) for text in ("", "!", "!!", "*", "!Xk3hD", "*LK*", "!$6$salt$abc", "{CRYPT}!"))
    assert usable("$2b$12$x")


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    found = Passwords(threads=1, memory_kib=1024, passes=1)
    yield found
    found.close()


@pytest.mark.parametrize("name", QUICK)
async def test_under_ours(name: str, passwords: Passwords) -> None:
    """R84: of a quick digest nothing is stored that is quick to try; the same each time: a second run finds it."""
    hashed = QUICK[name]("correct horse")
    stored = await passwords.stored_form(hashed)
    assert stored == await passwords.stored_form(hashed)
    assert "$argon2id$v=19$m=1024,t=1,p=1$" in stored
    assert len(stored) <= 255
    assert refusal(hashed) is None
    assert passwords.outdated(stored)
    assert await passwords.verify("correct horse", stored)
    assert not await passwords.verify("correct horsf", stored)
    assert not await passwords.verify("correct horse", hashed)  # as it is it is never stored, and never right


async def test_the_projects_key_is_not_kept(passwords: Passwords) -> None:
    """What guards all passwords of a project of Firebase's isn't in any of ours, nor in an export."""
    stored = await passwords.stored_form(FIREBASE)
    assert SIGNER not in stored
    assert stored == await passwords.stored_form(stored)


async def test_no_takes_as_long_for_everybody(passwords: Passwords) -> None:
    """R17: with imported hashes about, *no* comes for nobody, and for a cheap one, no sooner than for the slowest."""

    async def seconds(hashed: str | None, password: str = "wrong") -> float:
        began = time.perf_counter()
        assert not await passwords.verify(password, hashed)
        return time.perf_counter() - began

    slow = FORMATS["bcrypt-2b"]("right").replace("$04$", "$11$")
    cheap, floor = FORMATS["werkzeug-pbkdf2"]("right"), read(slow).seconds
    passwords.expect([slow, "no hash"])
    for hashed in (None, cheap, await passwords.hash("right"), slow):
        assert await seconds(hashed) >= floor
    assert await seconds(None, "two\u00a0texts") >= 2 * floor
    began = time.process_time()
    assert await passwords.verify("right", cheap)  # who is right doesn't wait
    assert time.process_time() - began < floor


async def test_it_is_learned(passwords: Passwords) -> None:
    """R17: what a log-in has met is reckoned with from then on, whoever imported it."""
    slow = FORMATS["bcrypt-2b"]("right").replace("$04$", "$10$")
    assert not await passwords.verify("wrong", slow)
    began = time.perf_counter()
    assert not await passwords.verify("wrong", None)
    assert time.perf_counter() - began >= read(slow).seconds
