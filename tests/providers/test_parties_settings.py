"""Settings of providers, whose names PROVIDERS says: read with all others, each mistake one line, no secret in any."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from service.features import read_settings
from service.providers.given import SUFFIXES, given, kind_of
from service.providers.registry import kinds
from service.providers.settings import ProviderSettings
from service.settings import Settings, settings_table
from service.settings.checks import ConfigurationError
from service.settings.shown import HIDDEN, shown
from tests.servers.providers.apple import PEM
from tests.support.brought import SETTINGS

SECRET = "hush-hush-this-is-a-secret"
PRODUCTION = {
    "ENVIRONMENT": "production", "SECRET_KEY": "c7Kq1ZtVw9sXe4RbY6mUh3NfJg8PdLa2", "DATABASE_URL": "postgres://u:p@db/x",
    "REDIS_URL": "redis://cache:6379/0", "PUBLIC_URL": "https://id.example.com",
    "BACKEND_CORS_ORIGINS": "https://app.example.com", "SMTP_URL": "smtp://mail",
}  # fmt: skip
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CORP = {
    "PROVIDERS": "corp", "PROVIDER_CORP_ID": "us", "PROVIDER_CORP_SECRET": SECRET,
    "PROVIDER_CORP_ISSUER": "https://id.example.org",
}  # fmt: skip
GOOGLE = {"PROVIDERS": "google", "PROVIDER_GOOGLE_ID": "us", "PROVIDER_GOOGLE_SECRET": SECRET}
MICROSOFT = {"PROVIDERS": "microsoft", "PROVIDER_MICROSOFT_ID": "us", "PROVIDER_MICROSOFT_SECRET": SECRET}
APPLE = {
    "PROVIDERS": "apple", "PROVIDER_APPLE_ID": "com.example.us", "PROVIDER_APPLE_TEAM": "A1B2C3D4E5",
    "PROVIDER_APPLE_KEY_ID": "F6G7H8I9J0", "PROVIDER_APPLE_KEY": PEM,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in SETTINGS.model_fields or name.startswith("PROVIDER_"):
            monkeypatch.delenv(name)


def read(**values: object) -> Settings:
    return read_settings(_env_file=None, **values)


def mistakes(**values: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(**values)
    assert SECRET not in str(caught.value)
    assert all(line.isprintable() for line in caught.value.mistakes)
    return caught.value.mistakes


def names(lines: list[str]) -> list[str]:
    return [line.partition(":")[0] for line in lines]


def test_none() -> None:
    """By itself there are none, and nothing has to be set."""
    assert read().of(ProviderSettings).PROVIDERS == ()
    assert read(PROVIDERS=" , ").of(ProviderSettings).PROVIDERS == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("corp", ("corp",)), (" Corp\n", ("corp",)), ('["corp"]', ("corp",)), ("corp,,", ("corp",)),
        ("co-rp", None), ("co_rp", None), ("1corp", None), ("corp,CORP", None), ("corp corp", None), ("c" * 32, None),
        ("ćorp", None), ("'corp'", None), ("corp;google", None), ("../corp", None),
    ],
)  # fmt: skip
def test_their_names(text: str, found: tuple[str, ...] | None) -> None:
    """A letter, then letters and digits: what an address and a variable can both be called."""
    if found is None:
        assert names(mistakes(**CORP | {"PROVIDERS": text}))[0] == "PROVIDERS"
    else:
        assert found == read(**CORP | {"PROVIDERS": text}).of(ProviderSettings).PROVIDERS


def test_in_their_order() -> None:
    """As PROVIDERS has them; each is of a kind by its name."""
    settings = read(**CORP | GOOGLE | {"PROVIDERS": "google,corp"})
    assert settings.of(ProviderSettings).PROVIDERS == ("google", "corp")
    assert [given(settings, name).name for name in ("google", "corp")] == ["Google", "Corp"]
    assert given(read(**CORP, PROVIDER_CORP_NAME="Ex & Co."), "corp").name == "Ex & Co."
    assert [kind_of(name) for name in ("corp", "github", "googl")] == ["openid", "github", "openid"]


def test_what_each_needs() -> None:
    """All that is missing is said at once, of each."""
    assert names(mistakes(PROVIDERS="google,corp,apple,microsoft,github")) == [
        "PROVIDER_GOOGLE_ID", "PROVIDER_GOOGLE_SECRET", "PROVIDER_CORP_ID", "PROVIDER_CORP_SECRET",
        "PROVIDER_CORP_ISSUER", "PROVIDER_APPLE_ID", "PROVIDER_APPLE_TEAM", "PROVIDER_APPLE_KEY_ID",
        "PROVIDER_APPLE_KEY", "PROVIDER_MICROSOFT_ID", "PROVIDER_MICROSOFT_SECRET", "PROVIDER_GITHUB_ID",
        "PROVIDER_GITHUB_SECRET",
    ]  # fmt: skip
    both = mistakes(PROVIDERS="google", PROVIDER_GOOGLE_ID="us", PORT="x", PROVIDER_LINKING="maybe")
    assert names(both) == ["PORT", "PROVIDER_LINKING", "PROVIDER_GOOGLE_SECRET"]
    assert names(mistakes(**GOOGLE | {"PROVIDER_GOOGLE_SECRET": "  "})) == ["PROVIDER_GOOGLE_SECRET"]


def test_misspelt() -> None:
    """What is meant for a provider that is named, and is none of its settings, stops the start, by name."""
    assert mistakes(**GOOGLE, PROVIDER_GOOGLE_TRUST_MAF="true") == [
        "PROVIDER_GOOGLE_TRUST_MAF: there is no such setting; PROVIDER_GOOGLE_TRUST_MFA is one"
    ]
    assert mistakes(**GOOGLE, PROVIDER_GOOGLE_EMAILS="trusted") == [
        "PROVIDER_GOOGLE_EMAILS: google has no such setting; leave it out"
    ]
    assert mistakes(**APPLE, PROVIDER_APPLE_SECRET=SECRET) == [
        "PROVIDER_APPLE_SECRET: apple has no such setting; leave it out"
    ]
    wrong = {"PROVIDERS": "google", "PROVIDER_GOOGEL_ID": "us", "PROVIDER_GOOGLE_SECRET": SECRET}
    assert mistakes(**wrong) == [
        "PROVIDER_GOOGLE_ID: must be set, for PROVIDERS names google",
        "PROVIDER_GOOGEL_ID: PROVIDERS doesn't name googel",
    ]


def test_left_over() -> None:
    """One that PROVIDERS names no more may keep its settings: taking it out takes no second edit. Nor do strangers'."""
    assert read(**CORP | GOOGLE).of(ProviderSettings).PROVIDERS == ("google",)
    assert read(**CORP, PROVIDER_ARN="x", PROVIDER_LAMBDA_ARN="y", PROVIDER_="z", PROVIDER_X_Y="z").secrets
    assert read(**CORP | {"PROVIDERS": ""})


def test_from_the_environment_and_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both, as all others; the environment wins; a misspelt one is found in either."""
    file = tmp_path / ".env"
    file.write_text(
        f"PROVIDERS=corp\nPROVIDER_CORP_ID=from-the-file\nPROVIDER_CORP_SECRET={SECRET}\n"
        "PROVIDER_CORP_ISSUER=https://id.example.org\nPROVIDER_CORP_SCOPES=\n"
    )
    assert given(read_settings(_env_file=file), "corp").client_id == "from-the-file"
    monkeypatch.setenv("PROVIDER_CORP_ID", "from-the-environment\n")
    monkeypatch.setenv("provider_corp_name", "Small letters")
    found = given(read_settings(_env_file=file), "corp")
    assert (found.client_id, found.name, found.client_secret) == ("from-the-environment", "Small letters", SECRET)
    file.write_text(file.read_text() + "PROVIDER_CORP_ISUER=x\n")
    monkeypatch.setenv("PROVIDER_CORP_SECRETS", SECRET)
    with pytest.raises(ConfigurationError) as caught:
        read_settings(_env_file=file)
    assert names(caught.value.mistakes) == ["PROVIDER_CORP_ISUER", "PROVIDER_CORP_SECRETS"]
    assert SECRET not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    """R70: nothing that prints settings prints one, Apple's key neither."""
    settings = read(**CORP | APPLE | {"PROVIDERS": "corp,apple"})
    listed = {one.name: one.value for one in shown(settings)}
    assert listed["PROVIDER_CORP_SECRET"] == listed["PROVIDER_APPLE_KEY"] == HIDDEN
    assert (listed["PROVIDER_CORP_ID"], listed["PROVIDER_APPLE_KEY_ID"]) == ("us", "F6G7H8I9J0")
    for printed in (repr(settings), repr(given(settings, "corp")), repr(given(settings, "apple")), str(listed)):
        assert SECRET not in printed
        assert "PRIVATE" not in printed


ISSUERS = [
    ("https://id.example.org", True, True), ("https://id.example.org/", True, True),
    ("https://id.example.org:8443/realms/a%20b", True, True), ("https://10.0.0.1/id", True, True),
    ("http://localhost:8080/realms/x", True, False), ("http://127.0.0.1:8080", True, False),
    ("http://[::1]:8080", True, False), ("http://id.example.org", False, False), ("http://10.0.0.1", False, False),
    ("http://localhost.evil.example", False, False), ("https://id.example.org?x=1", False, False),
    ("https://id.example.org?", False, False), ("https://id.example.org/#x", False, False),
    ("https://u:p@id.example.org", False, False), ("id.example.org", False, False), ("https://", False, False),
    ("https://[::1", False, False), ("ftp://id.example.org", False, False), ("https://ä.example", False, False),
    ("https://id.example.org:99999", False, False), ("https://id.example.org/" + "x" * 255, False, False),
    ("javascript:alert(1)", False, False), ('"https://id.example.org"', False, False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "developing", "in_production"), ISSUERS)
def test_issuers(text: str, developing: bool, in_production: bool) -> None:
    """Letter by letter as the provider writes it: https, or while developing this very machine."""
    for settings, taken in (({}, developing), (PRODUCTION, in_production)):
        values = {**settings, **CORP, "PROVIDER_CORP_ISSUER": text}
        if taken:
            assert given(read(**values), "corp").issuer == text
        else:
            assert names(mistakes(**values)) == ["PROVIDER_CORP_ISSUER"]


def test_stand_ins() -> None:
    """A known provider is where it is; while developing, one on this machine may stand for it."""
    here = {"PROVIDER_GOOGLE_ISSUER": "http://localhost:9000"}
    assert given(read(**GOOGLE, **here), "google").issuer == "http://localhost:9000"
    assert names(mistakes(**PRODUCTION, **GOOGLE, **here)) == ["PROVIDER_GOOGLE_ISSUER"]
    assert names(mistakes(**GOOGLE, PROVIDER_GOOGLE_ISSUER="https://evil.example")) == ["PROVIDER_GOOGLE_ISSUER"]
    assert [kind.id for kind in kinds(read(**GOOGLE), None, None)] == ["google"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "tenant"),
    [
        ({}, "common"), ({"TENANT": "organizations"}, "organizations"), ({"TENANT": "Consumers"}, "consumers"),
        ({"TENANT": TENANT.upper()}, TENANT), ({"TENANT": "contoso.onmicrosoft.com"}, None), ({"TENANT": "x"}, None),
        ({"ISSUER": f"https://login.microsoftonline.com/{TENANT}/v2.0"}, TENANT),
        ({"ISSUER": "https://login.microsoftonline.com/common/v2.0"}, "common"),
        ({"ISSUER": f"https://login.microsoftonline.com/{TENANT}/v2.0", "TENANT": "common"}, None),
        ({"ISSUER": "https://login.microsoftonline.com/v2.0"}, None),
        ({"ISSUER": f"https://login.microsoftonline.com/{TENANT}"}, None),
        ({"ISSUER": "https://login.microsoftonline.com/{tenantid}/v2.0"}, None),
    ],
)  # fmt: skip
def test_tenants(values: dict[str, str], tenant: str | None) -> None:
    """One way or the other, and an id: a domain may be another tenant's tomorrow."""
    said = {**MICROSOFT, **{f"PROVIDER_MICROSOFT_{name}": value for name, value in values.items()}}
    if tenant is None:
        assert names(mistakes(**said))[0].startswith("PROVIDER_MICROSOFT_")
    else:
        assert given(read(**said), "microsoft").tenant == tenant


def _pem(key: Any, format: PrivateFormat = PrivateFormat.PKCS8) -> str:  # noqa: A002 - its name there
    made: bytes = key.private_bytes(Encoding.PEM, format, NoEncryption())
    return made.decode()


P256 = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (PEM, True), (PEM.strip().replace("\n", "\\n"), True), (f"{PEM}\n\n", True), (PEM.replace("\n", "\r\n"), True),
        (base64.b64encode(PEM.encode()).decode(), True), (_pem(P256, PrivateFormat.TraditionalOpenSSL), True),
        (_pem(ec.generate_private_key(ec.SECP384R1())), False), (_pem(rsa.generate_private_key(65537, 2048)), False),
        ("nonsense", False), (base64.b64encode(b"nonsense").decode(), False), (PEM[:100], False),
        (PEM.replace("PRIVATE", "PUBLIC"), False), ("AuthKey_F6G7H8I9J0.p8", False), ("ü", False),
    ],
    ids=lambda value: str(value) if isinstance(value, bool) else "key",
)  # fmt: skip
def test_apples_key(text: str, taken: bool) -> None:
    """As a platform holds it: with lines, with a backslash and n, or base64 of it; for ES256 and nothing else."""
    if taken:
        assert given(read(**APPLE | {"PROVIDER_APPLE_KEY": text}), "apple").key.startswith("-----BEGIN")
    else:
        assert names(mistakes(**APPLE | {"PROVIDER_APPLE_KEY": text})) == ["PROVIDER_APPLE_KEY"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROVIDER_APPLE_TEAM", "short"), ("PROVIDER_APPLE_KEY_ID", "f6g7h8i9j0"), ("PROVIDER_APPLE_ID", "ä"),
        ("PROVIDER_APPLE_NAME", "x" * 51), ("PROVIDER_APPLE_NAME", "A\u202eB"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant(name: str, value: str) -> None:
    """Said by name."""
    assert names(mistakes(**APPLE | {name: value})) == [name]


@pytest.mark.parametrize(
    ("text", "scopes"), [("groups  roles", ("groups", "roles")), ("a,b", ("a", "b")), ("", ()), ('"a"', None)]
)
def test_scopes(text: str, scopes: tuple[str, ...] | None) -> None:
    """Asked for beside the usual ones."""
    if scopes is None:
        assert names(mistakes(**CORP, PROVIDER_CORP_SCOPES=text)) == ["PROVIDER_CORP_SCOPES"]
    else:
        assert given(read(**CORP, PROVIDER_CORP_SCOPES=text), "corp").scopes == scopes


def test_flags() -> None:
    """Off unless somebody turns them on."""
    found = given(read(**CORP), "corp")
    assert (found.emails_trusted, found.trusts_mfa) == (False, False)
    found = given(read(**CORP, PROVIDER_CORP_EMAILS="Trusted", PROVIDER_CORP_TRUST_MFA="yes"), "corp")
    assert (found.emails_trusted, found.trusts_mfa) == (True, True)
    assert names(mistakes(**CORP, PROVIDER_CORP_EMAILS="true")) == ["PROVIDER_CORP_EMAILS"]
    assert names(mistakes(**CORP, PROVIDER_CORP_TRUST_MFA="perhaps")) == ["PROVIDER_CORP_TRUST_MFA"]


def test_in_the_readme() -> None:
    """The table has what each provider may be set, by a name with a gap."""
    table = settings_table(SETTINGS)
    for suffix in SUFFIXES:
        assert table.count(f"| `PROVIDER_<P>_{suffix}` |") == 1
