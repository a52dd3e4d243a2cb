"""The known providers, each with its own manners, as its own documents have them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from service.providers import registry
from service.providers.given import given
from service.providers.kinds import google, microsoft
from service.providers.parties import AnswerRefused, PartyFailed
from service.runtime import Runtime
from tests.providers.parties_support import Trip, came_from, party_of, with_settings
from tests.servers.providers.microsoft import PERSONAL, TENANT
from tests.support.providers import Account, Fakes, Said

pytestmark = pytest.mark.embedded_only

OTHER_TENANT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


async def asked_of(trip: Trip) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(await trip.url()).query).items()}


async def test_all_of_them(runtime: Runtime, providers: Fakes) -> None:
    """In the order of PROVIDERS, each with its name; PKCE and state always; nobody has the secret in an address."""
    found = registry.parties(runtime)
    assert [(party.id, party.name) for party in found.values()] == [
        ("corp", "Example Corp"), ("google", "Google"), ("github", "GitHub"), ("microsoft", "Microsoft"),
        ("apple", "Apple"),
    ]  # fmt: skip
    assert [name for name, party in found.items() if party.proves_fresh] == ["corp", "microsoft"]
    for name in found:
        trip = Trip(runtime, providers[name])
        asked = await asked_of(trip)
        assert asked["code_challenge"] == trip.question.challenge
        assert asked["code_challenge_method"] == "S256"
        assert asked["state"] == trip.question.state
        assert asked["redirect_uri"] == registry.redirect_uri(runtime.settings, trip.party)
        assert "secret" not in str(asked)
        assert asked.get("nonce") == (None if name == "github" else trip.question.nonce)
        identified = await trip.identify()
        assert identified.external.provider == name
        assert identified.level == 1


async def test_a_code_of_anothers(runtime: Runtime, providers: Fakes) -> None:
    """Mix-up: what one provider's page brings back is nothing for another, whichever two they are."""
    for name in registry.parties(runtime):
        for other in registry.parties(runtime):
            if name != other:
                back = await Trip(runtime, providers[other]).back()
                trip = Trip(runtime, providers[name])
                with pytest.raises(AnswerRefused):
                    await trip.party.identify(runtime, trip.reply(back))


# --- Google


@pytest.mark.parametrize(
    ("email", "claims", "vouched"),
    [
        ("ada@gmail.com", {}, True), ("ada@googlemail.com", {}, True), ("ada@GMAIL.com", {}, True),
        ("ada@gmail.com", {"email_verified": False}, False), ("ada@gmail.com", {"email_verified": "true"}, False),
        ("ada@example.com", {}, False), ("ada@example.com", {"hd": "example.com"}, True),
        ("ada@example.com", {"hd": "EXAMPLE.com"}, True), ("ada@example.com", {"hd": "other.example"}, False),
        ("ada@sub.example.com", {"hd": "example.com"}, False), ("ada@example.com", {"hd": ["example.com"]}, False),
        ("ada@example.com", {"hd": "example.com", "email_verified": False}, False),
        ("ada@notgmail.com", {}, False), ("ada@gmail.com.evil.example", {}, False),
        ("ada@example.com", {"hd": ""}, False),
    ],
)  # fmt: skip
async def test_google_knows_its_own(
    runtime: Runtime, providers: Fakes, email: str, claims: dict[str, Any], vouched: bool
) -> None:
    """Of any other address it knows that somebody once got a letter there."""
    providers.google.account.email = email
    providers.google.claims |= claims
    found = await came_from(runtime, providers.google)
    assert (found.external.email, found.vouched) == (email, vouched)
    assert found.full_name == "Ada Lovelace"


async def test_google_itself(runtime: Runtime, providers: Fakes) -> None:
    """Without a stand-in it is Google that is meant; people choose which of their accounts it is to be."""
    settings = runtime.settings.model_copy(update={"PROVIDER_GOOGLE_ISSUER": ""})
    assert given(settings, "google").issuer == ""
    made = google.Google(given(settings, "google"), runtime.outward, runtime.clock, plain=False)
    assert made.provider.issuer == "https://accounts.google.com"
    assert (await asked_of(Trip(runtime, providers.google)))["prompt"] == "select_account"


# --- Microsoft


@pytest.mark.parametrize(
    ("claims", "vouched"),
    [
        ({}, False), ({"xms_edov": True}, True), ({"xms_edov": 1}, True), ({"xms_edov": "1"}, True),
        ({"xms_edov": "true"}, True), ({"xms_edov": False}, False), ({"xms_edov": "0"}, False),
        ({"xms_edov": 0}, False), ({"email_verified": True}, False), ({"xms_edov": None}, False),
        ({"xms_edov": ["true"]}, False),
    ],
)  # fmt: skip
async def test_microsoft_knows_no_address(
    runtime: Runtime, providers: Fakes, claims: dict[str, Any], vouched: bool
) -> None:
    """nOAuth: any tenant's administrator writes any address there. Only `xms_edov` says that the domain is theirs."""
    providers.microsoft.claims |= claims
    found = await came_from(runtime, providers.microsoft)
    assert (found.external.email, found.vouched) == ("ada@contoso.com", vouched)
    assert found.external.issuer == f"{providers.microsoft.url}/{TENANT}/v2.0"


def tenant(runtime: Runtime, providers: Fakes, set_to: str) -> Runtime:
    """The service set to one tenant, or a word for several; the stand-in goes along."""
    providers.microsoft.set_to = set_to
    providers.microsoft.reset()
    providers.microsoft.now = runtime.clock.timestamp
    changes = {"PROVIDER_MICROSOFT_ISSUER": providers.microsoft.issuer, "PROVIDER_MICROSOFT_TENANT": set_to}
    return with_settings(runtime, **changes)


@pytest.fixture(autouse=True)
def _as_it_was(fakes: Fakes) -> Any:
    yield
    fakes.microsoft.set_to = "common"


async def test_microsoft_of_one_tenant(runtime: Runtime, providers: Fakes) -> None:
    """Whoever pins a tenant believes its administrator; a guest there is another's, and nobody else gets in at all."""
    runtime = tenant(runtime, providers, TENANT)
    assert (await came_from(runtime, providers.microsoft)).vouched
    providers.microsoft.claims["idp"] = f"https://sts.windows.net/{OTHER_TENANT}/"
    assert not (await came_from(runtime, providers.microsoft)).vouched
    providers.microsoft.claims.pop("idp")
    providers.microsoft.tenant = OTHER_TENANT
    with pytest.raises(AnswerRefused):
        await came_from(runtime, providers.microsoft)


@pytest.mark.parametrize(
    ("set_to", "whose", "admitted"),
    [
        ("common", TENANT, True), ("common", PERSONAL, True), ("organizations", TENANT, True),
        ("organizations", PERSONAL, False), ("consumers", PERSONAL, True), ("consumers", TENANT, False),
        (PERSONAL, PERSONAL, True),
    ],
)  # fmt: skip
async def test_whose_accounts_at_microsoft(
    runtime: Runtime, providers: Fakes, set_to: str, whose: str, admitted: bool
) -> None:
    """Those that the settings say. Nobody answers for the addresses of personal accounts, as for a tenant's."""
    runtime = tenant(runtime, providers, set_to)
    providers.microsoft.tenant = whose
    if admitted:
        found = await came_from(runtime, providers.microsoft)
        assert found.external.issuer.endswith(f"/{whose}/v2.0")
        assert not found.vouched
    else:
        with pytest.raises(AnswerRefused):
            await came_from(runtime, providers.microsoft)


async def test_the_tenant_of_a_token(runtime: Runtime, providers: Fakes) -> None:
    """`tid` is what stands in `iss`, and the key's owner: a key of one tenant signs for no other."""
    provider = providers.microsoft
    for claims in (
        {"tid": OTHER_TENANT}, {"tid": ...}, {"tid": "common"}, {"tid": f"{TENANT}/../{OTHER_TENANT}"},
        {"iss": f"{provider.url}/{OTHER_TENANT}/v2.0"},
        {"iss": f"{provider.url}/{{tenantid}}/v2.0", "tid": "{tenantid}"},
        {"iss": "https://sts.windows.net/x/", "tid": TENANT}, {"tid": [TENANT]}, {"tid": TENANT.upper()},
    ):  # fmt: skip
        provider.claims = {"auth_time": ..., **claims}
        with pytest.raises(AnswerRefused):
            await came_from(runtime, provider)
    provider.claims = {"auth_time": ...}
    await came_from(runtime, provider)
    registry._kept.clear()
    key = {**provider.published("one"), "issuer": f"{provider.url}/{OTHER_TENANT}/v2.0"}
    provider.instead["/common/v2.0/jwks"] = Said(200, {"keys": [key]})
    with pytest.raises(AnswerRefused, match="key"):
        await came_from(runtime, provider)


async def test_iss_of_a_tenant(runtime: Runtime, providers: Fakes) -> None:
    """RFC 9207, should Microsoft begin with it: the tenant's own issuer, that of the token."""
    provider = providers.microsoft
    own, other = (f"{provider.url}/{whose}/v2.0" for whose in (TENANT, OTHER_TENANT))
    await came_from(runtime, provider, issuer=own)
    for issuer in (other, f"{provider.url}/{{tenantid}}/v2.0", provider.url, f"{own}/", "https://evil.example/v2.0"):
        with pytest.raises(AnswerRefused):
            await came_from(runtime, provider, issuer=issuer)


def test_microsoft_itself(runtime: Runtime) -> None:
    """Where it is, by what is set: a word, a tenant, a national cloud."""
    for issuer, set_to, at, whose in (
        ("", "common", "https://login.microsoftonline.com/common/v2.0", "{tenantid}"),
        ("", "organizations", "https://login.microsoftonline.com/organizations/v2.0", "{tenantid}"),
        ("", "consumers", "https://login.microsoftonline.com/consumers/v2.0", PERSONAL),
        ("", TENANT, f"https://login.microsoftonline.com/{TENANT}/v2.0", TENANT),
        (f"https://login.microsoftonline.us/{TENANT}/v2.0", TENANT, f"https://login.microsoftonline.us/{TENANT}/v2.0",
         TENANT),
    ):  # fmt: skip
        changes = {"PROVIDER_MICROSOFT_ISSUER": issuer, "PROVIDER_MICROSOFT_TENANT": set_to}
        found = given(runtime.settings.model_copy(update=changes), "microsoft")
        made = microsoft.Microsoft(found, runtime.outward, runtime.clock, plain=False)
        assert made.provider._at == f"{at}/.well-known/openid-configuration"
        assert made.provider.issuer == at.replace(f"/{set_to}/", f"/{whose}/")


# --- Apple


async def test_apple(runtime: Runtime, providers: Fakes) -> None:
    """The answer is a form to the service; the name is in it once, as the user's own words; strings are booleans."""
    trip = Trip(runtime, providers.apple)
    asked = await asked_of(trip)
    assert (asked["response_mode"], asked["scope"]) == ("form_post", "openid name email")
    back = await trip.back()
    assert (back.method, back.target) == ("POST", "http://localhost:8000/api/auth/providers/apple/callback")
    found = await trip.party.identify(runtime, trip.reply(back))
    assert (found.full_name, found.vouched) == ("Ada Lovelace", True)
    assert found.external.email == "ada@privaterelay.appleid.com"
    providers.apple.first = False
    assert (await came_from(runtime, providers.apple)).full_name is None


@pytest.mark.parametrize(
    ("verified", "vouched"), [(True, True), ("true", True), (False, False), ("false", False), (1, False), (None, False)]
)
async def test_booleans_of_apple(runtime: Runtime, providers: Fakes, verified: object, vouched: bool) -> None:
    """Both forms that its documents have."""
    providers.apple.account.email_verified = verified
    assert (await came_from(runtime, providers.apple)).vouched is vouched


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ('{"name":{"firstName":"Grace","lastName":"Hopper"},"email":"ada@example.com"}', "Grace Hopper"),
        ('{"name":{"firstName":"Grace"}}', "Grace"), ('{"name":"Grace"}', None), ('{"name":{"firstName":1}}', None),
        ("{}", None), ("", None), ("[", None), ("[1]", None), ('{"name":{"firstName":"\\u0000"}}', None),
        ('{"name":{"":"Grace"}}', None), (f'{{"name":{{"firstName":"{"x" * 5000}"}}}}', None),
    ],
)  # fmt: skip
async def test_the_users_own_words(runtime: Runtime, providers: Fakes, user: str, name: str | None) -> None:
    """Whatever the browser brings there is a name or nothing, and never an address."""
    found = await came_from(runtime, providers.apple, user=user)
    assert (found.full_name, found.external.email) == (name, "ada@privaterelay.appleid.com")


async def test_apples_secret(runtime: Runtime, providers: Fakes) -> None:
    """Signed at each call, good for minutes: it never runs out while nobody looks."""
    for days in (0, 200):
        runtime.clock.advance(days * 86_400)
        await came_from(runtime, providers.apple)
        secret = providers.apple.secrets[-1]
        assert jwt.get_unverified_header(secret) == {"alg": "ES256", "kid": "F6G7H8I9J0", "typ": "JWT"}
        claims = jwt.decode(secret, options={"verify_signature": False})
        now = runtime.clock.timestamp()
        assert claims["iss"] == "A1B2C3D4E5"
        assert now - 60 < claims["iat"] <= now
        assert now < claims["exp"] < now + 600
    assert len(set(providers.apple.secrets)) == 2


# --- GitHub


async def test_github(runtime: Runtime, providers: Fakes) -> None:
    """Who it is, is a number: names there change hands."""
    asked = await asked_of(Trip(runtime, providers.github))
    assert asked["scope"] == "read:user user:email"
    found = await came_from(runtime, providers.github)
    assert (found.external.issuer, found.external.subject) == (providers.github.url, "1")
    assert (found.external.email, found.vouched, found.full_name, found.level) == (
        "octocat@example.com", True, "monalisa octocat", 1,
    )  # fmt: skip
    for call in providers.github.calls[1:]:
        assert call.headers["user-agent"].startswith("latchkey/")


OTHERS = [
    {"email": "second@example.com", "primary": False, "verified": True, "visibility": None},
    {"email": "1+octocat@users.noreply.github.com", "primary": False, "verified": True, "visibility": None},
]


@pytest.mark.parametrize(
    ("addresses", "email"),
    [
        ([{"email": "a@example.com", "primary": True, "verified": True}, *OTHERS], "a@example.com"),
        ([*OTHERS, {"email": "a@example.com", "primary": True, "verified": True}], "a@example.com"),
        ([{"email": "a@example.com", "primary": True, "verified": False}, *OTHERS], None),
        ([{"email": "a@example.com", "primary": True, "verified": "true"}], None),
        ([{"email": "a@example.com", "primary": 1, "verified": True}], None), (OTHERS, None), ([], None),
        ([None, "a@example.com", {"primary": True, "verified": True}], None),
    ],
)  # fmt: skip
async def test_addresses_at_github(runtime: Runtime, providers: Fakes, addresses: Any, email: str | None) -> None:
    """The primary one, if it is verified; what is public in its profile is what somebody wants to be seen."""
    providers.github.addresses = addresses
    providers.github.account.more = {"email": "shown@example.com"}
    found = await came_from(runtime, providers.github)
    assert (found.external.email, found.vouched) == (email, email is not None)


async def test_who_shows_github_no_address(runtime: Runtime, providers: Fakes) -> None:
    """Its user may take `user:email` off what they allow: then there is none."""
    providers.github.scopes_taken_off = True
    found = await came_from(runtime, providers.github)
    assert (found.external.subject, found.external.email, found.vouched) == ("1", None, False)


async def test_refusals_of_github(runtime: Runtime, providers: Fakes) -> None:
    """They are 200. A code that is no good is the browser's; what the operator has set wrong is none of its doing."""
    with pytest.raises(AnswerRefused):
        await came_from(runtime, providers.github, code="made-up")
    with pytest.raises(AnswerRefused):
        await came_from(runtime, providers.github, verifier="another")
    wrong = with_settings(runtime, PROVIDER_GITHUB_SECRET="wrong")
    with pytest.raises(PartyFailed, match="incorrect_client_credentials"):
        await came_from(wrong, providers.github)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/login/oauth/access_token", Said(200, b"access_token=x&token_type=bearer")),
        ("/login/oauth/access_token", Said(200, {"token_type": "bearer"})),
        ("/login/oauth/access_token", Said(200, {"access_token": "a b"})),
        ("/login/oauth/access_token", Said(503, {})), ("/login/oauth/access_token", Said(200, [])),
        ("/api/v3/user", Said(401, {})), ("/api/v3/user", Said(200, b"<html>")), ("/api/v3/user", Said(200, {})),
        ("/api/v3/user", Said(200, {"id": "1"})), ("/api/v3/user", Said(200, {"id": True})),
        ("/api/v3/user", Said(200, {"id": -1})), ("/api/v3/user", Said(200, {"id": 1.0})),
        ("/api/v3/user", Said(200, b'{"id": 99999999999999999999999}')),
        ("/api/v3/user/emails", Said(200, {})), ("/api/v3/user/emails", Said(500, [])),
        ("/api/v3/user/emails", Said(200, b"<html>")), ("/api/v3/user/emails", Said(301, b"", {"Location": "/x"})),
    ],
)  # fmt: skip
async def test_when_github_fails(runtime: Runtime, providers: Fakes, path: str, said: Said) -> None:
    """Whatever it says, it is GitHub that has failed."""
    providers.github.instead[path] = said
    with pytest.raises(PartyFailed):
        await came_from(runtime, providers.github)


async def test_iss_of_github(runtime: Runtime, providers: Fakes) -> None:
    """It has sent one since 2026, which no metadata of its promise: right, or not at all."""
    await came_from(runtime, providers.github, issuer=None)
    sent = len(providers.github.asked("/login/oauth/access_token"))
    for issuer in ("", providers.github.url, "https://github.com/login/oauth", providers.corp.url):
        with pytest.raises(AnswerRefused):
            await came_from(runtime, providers.github, issuer=issuer)
    assert len(providers.github.asked("/login/oauth/access_token")) == sent


async def test_github_itself(runtime: Runtime, providers: Fakes) -> None:
    """Without a stand-in it is GitHub that is meant."""
    itself = with_settings(runtime, PROVIDER_GITHUB_ISSUER="")
    url = await party_of(itself, "github").url(itself, Trip(runtime, providers.github).question)
    assert url.startswith("https://github.com/login/oauth/authorize?client_id=Iv1.8a61f9b3a7aba766&")


async def test_nobody_is_two(runtime: Runtime, providers: Fakes) -> None:
    """The same number at two providers is two accounts."""
    providers.corp.account = Account("1")
    one = await came_from(runtime, providers.corp)
    other = await came_from(runtime, providers.github)
    assert one.external.subject == other.external.subject
    assert one.external.issuer != other.external.issuer
