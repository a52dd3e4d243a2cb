"""Names that platforms hand out, against the list that browsers go by, where this machine has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.factors.platforms import SUFFIXES, platform_of

LIST = Path("/usr/share/publicsuffix/public_suffix_list.dat")  # of Debian's package `publicsuffix`
# Newer than the lists that machines have, or in there by region only, or not at all: nobody takes those along either.
NOT_THERE = {
    "amplifyapp.com", "awsapprunner.com", "azurecontainerapps.io", "koyeb.app", "ngrok-free.app", "ngrok-free.dev",
    "ngrok.app", "railway.app", "replit.app", "replit.dev", "scalingo.io", "surge.sh", "zeabur.app",
}  # fmt: skip


FOUND = {
    "mine.herokuapp.com": "herokuapp.com",
    "a.b.mine.vercel.app": "vercel.app",
    "herokuapp.com": "herokuapp.com",
    "mine-1a2b.europe-west1.run.app": "run.app",
    "Mine.Fly.dev.": "fly.dev",
    "mine.up.railway.app": "railway.app",
    "herokuapp.com.example.com": None,
    "notherokuapp.com": None,
    "": None,
}


@pytest.mark.parametrize(("domain", "platform"), FOUND.items())
def test_found(domain: str, platform: str | None) -> None:
    """By whole labels, from the left: what only ends alike is somebody's own."""
    assert platform_of(domain) == platform


@pytest.mark.skipif(not LIST.exists(), reason="this machine has no public suffix list")
def test_as_browsers_have_them() -> None:
    """Each of ours is in the list, but for those that are named above."""
    lines = {line.strip().removeprefix("*.") for line in LIST.read_text(encoding="utf-8").splitlines()}
    assert SUFFIXES - lines <= NOT_THERE
