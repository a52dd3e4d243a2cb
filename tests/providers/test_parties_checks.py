"""`latchkey doctor` on providers: what it asks them, what it finds, what there is to paste."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from service.cli import doctor as command
from service.core.clock import Clock
from service.feature.doctor import Deployment
from service.feature.findings import Finding, Level
from service.features import read_settings
from service.providers import checks
from service.settings import Settings
from service.settings.checks import ConfigurationError
from tests.providers.test_parties_settings import APPLE, CORP, GOOGLE, PRODUCTION, SECRET
from tests.support.process import latchkey
from tests.support.providers import Fakes, Said, running_fakes

WELL_KNOWN = "/.well-known/openid-configuration"
BACK = "Have it send people back to"


@pytest.fixture(scope="module")
def all_fakes() -> Iterator[Fakes]:
    with running_fakes() as found:
        yield found


@pytest.fixture
def others(all_fakes: Fakes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fakes:
    """Stand-ins of this file's own, behaving well; no `.env` in the way."""
    monkeypatch.chdir(tmp_path)
    all_fakes.reset()
    return all_fakes


def settings_for(fakes: Fakes, **changes: object) -> Settings:
    return without_fakes(**{**fakes.settings, **changes})


def without_fakes(**changes: object) -> Settings:
    return read_settings(_env_file=None, **changes)


async def found_in(settings: Settings, environment: dict[str, str] | None = None) -> dict[str, list[Finding]]:
    """What the check-up finds, by check."""
    nothing: Any = None
    findings = await checks.check_up(Deployment(settings, nothing, Clock(), environment or {}))
    return {one.check: [each for each in findings if each.check == one.check] for one in findings}


async def test_all_is_well(others: Fakes) -> None:
    """Each has been asked, and what is to be pasted there is said."""
    found = await found_in(
        settings_for(others, PUBLIC_URL="https://id.example.com", FRONTEND_URL="https://app.example.com")
    )
    assert {name: [one.level for one in ones] for name, ones in found.items()} == {
        f"provider {name}": [Level.OK] for name in ("corp", "google", "github", "microsoft", "apple")
    }
    says = {name: ones[0].says for name, ones in found.items()}
    assert says["provider corp"] == f"Example Corp answers. {BACK} https://app.example.com/login/callback/corp"
    assert says["provider apple"].endswith(f"{BACK} https://id.example.com/api/auth/providers/apple/callback")
    assert [len(each.asked(WELL_KNOWN)) for each in (others.corp, others.google, others.apple)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("path", "said", "level", "words"),
    [
        (WELL_KNOWN, Said(200, {"issuer": "https://evil.example"}), Level.ERROR, "calls itself 'https://evil.example'"),
        (WELL_KNOWN, Said(404, {}), Level.ERROR, "404"), (WELL_KNOWN, Said(200, b"<html>"), Level.ERROR, "not JSON"),
        (WELL_KNOWN, Said(503, {}), Level.WARNING, "503"), (WELL_KNOWN, Said(429, {}), Level.WARNING, "429"),
        ("/jwks", Said(200, {"keys": []}), Level.ERROR, "no key"), ("/jwks", Said(500, {}), Level.WARNING, "500"),
        ("/jwks", Said(200, {"keys": [{"kty": "oct", "k": "AAAA"}]}), Level.ERROR, "no key"),
    ],
)  # fmt: skip
async def test_what_is_wrong(others: Fakes, path: str, said: Said, level: Level, words: str) -> None:
    """What no waiting mends is an error; a provider that is away for a while is no reason not to release."""
    others.corp.instead[path] = said
    (finding,) = (await found_in(settings_for(others)))["provider corp"]
    assert (finding.level, words in finding.says) == (level, True), finding
    assert "PROVIDER_CORP_ISSUER" in finding.fix if level is Level.ERROR else "curl" in finding.fix


async def test_what_nobody_sets(others: Fakes) -> None:
    """Where Google is, isn't set: nobody is told to."""
    others.google.instead[WELL_KNOWN] = Said(200, b"<html>")
    finding = (await found_in(settings_for(others)))["provider google"][0]
    assert (finding.level, "ISSUER" in finding.fix) == (Level.ERROR, False)


async def test_nobody_there(others: Fakes) -> None:
    """Away, or slow: a warning, in less than six seconds for all together, with what there is to paste."""
    others.google.hangs = others.apple.hangs = {WELL_KNOWN}
    others.github.hangs = {"/api/v3/"}
    began = monotonic()
    found = await found_in(settings_for(others, PROVIDER_CORP_ISSUER="http://127.0.0.1:1"))
    assert monotonic() - began < 9, "however busy this machine is"
    for name in ("corp", "google", "github", "apple"):
        first = found[f"provider {name}"][0]
        assert first.level is Level.WARNING
        assert BACK in first.says


async def test_settings_that_can_not_work(others: Fakes) -> None:
    """What is left over, what Apple doesn't take, what Google doesn't say, letters that wait."""
    settings = settings_for(others, PROVIDER_GOOGLE_TRUST_MFA=True, PROVIDER_LINKING="verified")
    found = await found_in(settings, {"PROVIDER_OKTA_ID": "x", "PROVIDER_OKTA_SECRET": SECRET, "PROVIDER_ARN": "y"})
    left = [f"PROVIDER_OKTA_{name}: PROVIDERS doesn't name okta" for name in ("ID", "SECRET")]
    assert [one.says for one in found["providers"]] == [f"{'; '.join(left)}: without effect."]
    assert "no effect" in found["provider google"][1].says
    assert "localhost" in found["provider apple"][1].says
    assert "every account" in found["provider corp"][1].says
    assert SECRET not in str(found)
    production = without_fakes(**PRODUCTION | GOOGLE | {"SMTP_URL": ""})
    assert [one.fix for one in checks.check_settings(production, {})] == ["", "Set SMTP_URL."]
    assert not [one for one in checks.check_settings(without_fakes(), {}) if one.level is not Level.OK]


def test_without_a_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--settings` says where people come back to, and asks nobody."""
    monkeypatch.chdir(tmp_path)
    found = checks.check_settings(without_fakes(**CORP, FRONTEND_URL="https://app.example.com"), {})
    assert [(one.level, one.says) for one in found] == [
        (Level.OK, f"{BACK} https://app.example.com/login/callback/corp")
    ]


def test_the_command(others: Fakes) -> None:
    """As an operator sees it: findings, and never a traceback or a secret, whatever is wrong."""
    given = {**others.settings, "DATABASE_URL": "sqlite://doctor.sqlite3", "REDIS_URL": "memory://"}
    done = latchkey("doctor", "--json", **given)
    assert "Traceback" not in done.stderr + done.stdout
    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert found["provider google"]["level"] == "ok"
    assert others.corp.client_secret not in done.stdout
    done = latchkey("doctor", "--json", **given | {"PROVIDER_CORP_ISSUER": "nonsense", "PROVIDER_APPLE_KEY": SECRET})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert [one["says"].partition(":")[0] for one in json.loads(done.stdout)] == [
        "PROVIDER_CORP_ISSUER", "PROVIDER_APPLE_KEY",
    ]  # fmt: skip
    assert SECRET not in done.stdout
    done = latchkey("serve", **given | {"PROVIDER_CORP_ISUER": "https://id.example.com", "PROVIDER_GOOGLE_ID": ""})
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        [
            "PROVIDER_GOOGLE_ID: must be set, for PROVIDERS names google",
            "PROVIDER_CORP_ISUER: there is no such setting; PROVIDER_CORP_ISSUER is one",
        ],
    )
    listed = latchkey("settings", "--json", **given)
    assert json.loads(listed.stdout)["PROVIDER_CORP_SECRET"]["value"] == "(set; not shown)"


NONSENSE = (
    "",
    " ",
    "nonsense",
    "-1",
    "\udcff",
    "x" * 50_000,
    "{",
    "http://[::1",
    "ü\u202e\x07",
    "a,,b",
    "https://a.b:0",
)
EVERY = {
    *CORP, *APPLE, "PROVIDER_CORP_NAME", "PROVIDER_CORP_SCOPES", "PROVIDER_CORP_EMAILS", "PROVIDER_CORP_TRUST_MFA",
    "PROVIDER_LINKING",
}  # fmt: skip


def read() -> Settings | list[str]:
    try:
        return read_settings(_env_file=None)
    except ConfigurationError as refused:
        return refused.mistakes


@pytest.mark.parametrize("name", sorted(EVERY))
async def test_each_setting_in_turn(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Refused by its name, or taken; and what is taken is looked at without a failure."""
    monkeypatch.chdir(tmp_path)
    for setting, value in (CORP | APPLE | {"PROVIDERS": "corp,apple"}).items():
        monkeypatch.setenv(setting, value)
    for value in NONSENSE:
        monkeypatch.setenv(name, value)
        loaded = read()
        if isinstance(loaded, list):
            assert all(line.startswith("PROVIDER") for line in loaded)
            continue
        found = await command._examine_settings(loaded)
        assert not [one for one in found if "check failed" in one.says], value
