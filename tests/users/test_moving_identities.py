"""Moving in with accounts at other providers: as each system lists them, in the shape that it documents.

- Auth0: "User Profile Structure" (`identities`: provider, user_id, connection, isSocial, profileData) and "Bulk User
  Exports".
- Keycloak: `UserRepresentation.federatedIdentities` of a realm's export, each a `FederatedIdentityRepresentation`
  (identityProvider, userId, userName).
- Supabase: "Identities" (auth.identities: provider_id, user_id, identity_data, id, provider, email).
- Firebase: `auth:export`, whose JSON has `providerUserInfo` (providerId, rawId, email, displayName, photoUrl), and
  whose CSV has Google's from the eighth column on and GitHub's from the twentieth.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Identity, SecurityEvent, User
from service.audit import events
from service.core.sql.transactions import transaction
from service.credentials import brought_identities
from service.credentials.identities import External
from service.runtime import Runtime
from service.users import import_identities, importing
from service.users.exporting import export_users
from service.users.import_file import format_of, read_file
from service.users.import_identities import Claimed, NoIdentities, ours, settle
from service.users.import_systems import Settled
from service.users.importing import ImportReport, import_users
from tests.providers.support import Tab
from tests.support.hashes import FORMATS
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person
from tests.support.process import latchkey_beside
from tests.support.providers import Account, Fakes
from tests.support.statements import noted
from tests.support.stores import Stores

GOOGLE, GITHUB, APPLE = "https://accounts.google.com", "https://github.com", "https://appleid.apple.com"
CORP, TENANT = "https://id.corp.example", "https://login.microsoftonline.com/3338040d-6c67-4c5b-b112-36a304b66dad/v2.0"
SUB, NUMBER, APPLES = "115015401343387192604", "583231", "001234.0123456789abcdef0123456789abcdef.0942"
OID = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb"
NAMED = (import_identities.named(f"corp:Acme-OIDC={CORP}"),)


def auth0() -> str:
    def one(provider: str, user_id: str, *, connection: str = "", **data: str) -> dict[str, Any]:
        found = {"provider": provider, "user_id": user_id, "connection": connection or provider, "isSocial": True}
        return found | ({"profileData": data} if data else {})

    base = {"email_verified": True, "created_at": "2023-01-05T12:34:56.000Z", "name": "Ada"}
    rows = [
        base | {"user_id": f"google-oauth2|{SUB}", "email": "ada@example.com", "identities": [
            one("google-oauth2", SUB), one("github", NUMBER, email="ada@git.example", name="ada")]},
        base | {"user_id": f"apple|{APPLES}", "email": "apple@example.com", "identities": [one("apple", APPLES)]},
        base | {"user_id": "auth0|60425dc43519d90068f82973", "email": "pwd@example.com", "identities": [
            one("auth0", "60425dc43519d90068f82973", connection="Username-Password-Authentication")]},
        base | {"user_id": "github|99", "email": "listed-nowhere@example.com"},
        base | {"user_id": "oidc|Acme-OIDC|00u1", "email": "corp@example.com", "identities": [
            one("oidc", "Acme-OIDC|00u1", connection="Acme-OIDC")]},
        base | {"user_id": f"waad|{OID}", "email": "micro@example.com", "identities": [one("waad", OID),
                                                                                     one("facebook", "1234")]},
        base | {"user_id": "github|77", "identities": [one("github", "77")]},  # it has no address
    ]  # fmt: skip
    return "".join(json.dumps(row) + "\n" for row in rows)


def keycloak() -> str:
    def one(alias: str, user_id: str, name: str) -> dict[str, str]:
        return {"identityProvider": alias, "userId": user_id, "userName": name}

    base = {"enabled": True, "emailVerified": True, "createdTimestamp": 1672922096000, "credentials": [],
            "requiredActions": [], "groups": []}  # fmt: skip
    users = [
        base | {"id": str(uuid4()), "username": "ada", "email": "ada@example.com", "federatedIdentities": [
            one("google", SUB, "ada@example.com"), one("github", NUMBER, "ada")]},
        base | {"id": str(uuid4()), "username": "corp", "email": "corp@example.com", "federatedIdentities": [
            one("acme-oidc", "00u1", "corp")]},
        base | {"id": str(uuid4()), "username": "m", "email": "micro@example.com", "federatedIdentities": [
            one("microsoft", OID, "m"), one("saml-x", "m", "m")]},
    ]  # fmt: skip
    return json.dumps({"id": "acme", "realm": "acme", "enabled": True, "users": users}, indent=2)


def supabase() -> str:
    def one(provider: str, subject: str, email: str | None, **more: Any) -> dict[str, Any]:
        data = {"sub": subject, "email": email, "provider_id": subject, "email_verified": True}
        return {"id": str(uuid4()), "provider": provider, "provider_id": subject, "user_id": str(uuid4()),
                "identity_data": data, "email": email, "last_sign_in_at": None, **more}  # fmt: skip

    rows = {
        "ada": [one("google", SUB, "ada@example.com"), one("github", NUMBER, "ada@git.example"),
                one("email", str(uuid4()), "ada@example.com")],
        "apple": [one("apple", APPLES, None)],
        "older": [{"id": "88", "provider": "github", "user_id": str(uuid4()), "identity_data": {"sub": "88"}}],
        "corp": [one("custom:acme-oidc", "00u1", None)],
        "micro": [one("azure", OID, "micro@example.com"), one("discord", "80351110224678912", None)],
    }  # fmt: skip
    users = [
        {"id": str(uuid4()), "email": f"{name}@example.com", "encrypted_password": "", "raw_user_meta_data": {},
         "email_confirmed_at": "2023-01-05T12:34:56+00:00", "identities": json.dumps(found)}
        for name, found in rows.items()
    ]  # fmt: skip
    return "".join(json.dumps(user) + "\n" for user in users)


def firebase() -> str:
    def one(provider: str, raw: str, email: str) -> dict[str, str]:
        return {"providerId": provider, "rawId": raw, "email": email, "displayName": "Ada", "photoUrl": ""}

    def user(name: str, *infos: dict[str, str]) -> dict[str, Any]:
        return {"localId": f"uid{name}", "email": f"{name}@example.com", "emailVerified": True,
                "createdAt": "1672922096000", "providerUserInfo": list(infos)}  # fmt: skip

    users = [
        user("ada", one("google.com", SUB, "ada@example.com"), one("github.com", NUMBER, "ada@git.example"),
             one("password", "ada@example.com", "ada@example.com")),
        user("apple", one("apple.com", APPLES, "x@privaterelay.appleid.com")),
        user("corp", one("oidc.acme-oidc", "00u1", "corp@example.com")),
        user("micro", one("microsoft.com", OID, "micro@example.com"), one("twitter.com", "12", "t@example.com")),
    ]  # fmt: skip
    return json.dumps({"users": users}, indent=2)


def firebase_csv() -> str:
    """Cells at the places that Firebase's own tool puts them."""
    cells = [""] * 28
    cells[0:3] = ["uid", "ada@example.com", "true"]
    cells[7:9], cells[19:21] = [SUB, "ada@example.com"], [NUMBER, "ada@git.example"]
    cells[11], cells[23] = "4711", "1672922096000"
    return ",".join(cells) + "\n"


SYSTEMS = {"auth0": auth0, "keycloak": keycloak, "supabase": supabase, "firebase": firebase}


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def line(name: str, *identities: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"email": f"{name}@example.com", "email_verified": True, "identities": list(identities), **more}


async def taken(runtime: Runtime, path: Path, *, update: bool = False, **settled: Any) -> ImportReport:
    lines = read_file(path, format_of(path), Settled(**settled))
    return await import_users(runtime, lines, update=update, progress=lambda _: None)


async def held() -> dict[str, set[tuple[str, str, str]]]:
    """What opens each account."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for row in await Identity.all().select_related("user"):
        found.setdefault(row.user.email.partition("@")[0], set()).add((row.provider, row.issuer, row.subject))
    return found


ADA = {("google", GOOGLE, SUB), ("github", GITHUB, NUMBER)}


@pytest.mark.parametrize("system", SYSTEMS)
async def test_each_system(system: str, runtime: Runtime, tmp_path: Path) -> None:
    """Google's, GitHub's, Apple's and a named one's come; Microsoft's and unknown ones are named, and cost no more."""
    path = tmp_path / "users.json"
    path.write_text(SYSTEMS[system]())
    report = await taken(runtime, path, providers=NAMED)
    found = await held()
    assert found["ada"] == ADA
    assert found["corp"] == {("corp", CORP, "00u1")}
    assert found.get("apple", {("apple", APPLE, APPLES)}) == {("apple", APPLE, APPLES)}
    assert "micro" not in found
    assert await User.exists(email="micro@example.com")
    microsofts, unknown = (note.reason for note in report.noted)
    assert "stays behind: Microsoft names a person differently to each application" in microsofts
    assert "stays behind: no provider of that name is known" in unknown
    assert not [note for note in report.noted if OID in note.reason]
    assert report.linked == sum(map(len, found.values()))
    if system == "auth0":
        assert found["listed-nowhere"] == {("github", GITHUB, "99")}
        assert "pwd" not in found
        assert [refused.reason.partition(",")[0] for refused in report.refused] == ["it has no e-mail address"]
    if system == "supabase":
        assert found["older"] == {("github", GITHUB, "88")}
    emails = {row.provider: row.email for row in await Identity.filter(user__email="ada@example.com")}
    assert emails["google"] in (None, "ada@example.com")
    assert emails["github"] in (None, "ada@git.example")
    again = await taken(runtime, path, providers=NAMED, update=True)
    assert (again.created, again.updated, again.linked) == (0, 0, 0)
    assert await held() == found


async def test_without_naming_the_provider(runtime: Runtime, tmp_path: Path) -> None:
    """Whose issuer nobody says stays behind, and comes with the next run that says it."""
    path = tmp_path / "users.json"
    path.write_text(keycloak())
    report = await taken(runtime, path)
    assert any("acme-oidc stays behind" in note.reason and "--provider" in note.reason for note in report.noted)
    assert "corp" not in await held()
    again = await taken(runtime, path, update=True, providers=NAMED)
    assert (again.updated, again.linked) == (1, 1)
    assert (await held())["corp"] == {("corp", CORP, "00u1")}


async def test_firebases_table(runtime: Runtime, tmp_path: Path) -> None:
    """Columns without names."""
    path = tmp_path / "users.csv"
    path.write_text(firebase_csv())
    report = await taken(runtime, path)
    assert await held() == {"ada": ADA}
    (note,) = report.noted
    assert "facebook.com stays behind" in note.reason


async def test_our_own_form(runtime: Runtime, tmp_path: Path) -> None:
    """By provider or by issuer, in JSON and in a cell; Microsoft's by whoever has what it calls people here."""
    rows = [
        line(
            "ada", {"provider": "google", "subject": SUB, "email": "a@b.example"}, {"issuer": GITHUB, "subject": 583231}
        ),
        line("corp", {"issuer": CORP, "subject": "00u1"}),
        line("micro", {"issuer": TENANT, "subject": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"}),
        line("null", identities=None),
        line("twice", {"provider": "apple", "subject": APPLES}, {"issuer": APPLE, "subject": APPLES}),
    ]
    report = await taken(runtime, written(tmp_path / "users.jsonl", *rows), providers=NAMED)
    assert (report.created, report.refused, report.noted, report.linked) == (5, [], [], 5)
    found = await held()
    assert found["ada"] == ADA
    assert found["micro"] == {("microsoft", TENANT, "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ")}
    assert (await Identity.get(issuer=GOOGLE)).email == "a@b.example"
    await User.all().delete()
    path = tmp_path / "users.csv"
    cell = json.dumps(rows[0]["identities"]).replace('"', '""')
    path.write_text(f'email,email_verified,identities\nada@example.com,true,"{cell}"\nbob@example.com,true,\n')
    report = await taken(runtime, path)
    assert (report.created, report.refused, report.linked) == (2, [], 2)
    assert await held() == {"ada": ADA}


BAD_LISTS: list[Any] = ["x", 7, {"provider": "google"}, ["google"], [{"provider": "google", "sub": "1"}],
                        [{"subject": "1"}], "[{", [[]]]  # fmt: skip
BAD_SUBJECTS: list[tuple[str, Any]] = [
    ("google", "ada@example.com"), ("google", ""), ("google", None), ("google", "1" * 65), ("google", True),
    ("google", f"{SUB}\n"), ("github", "octocat"), ("github", "0"), ("github", -1), ("apple", "1234"),
    ("apple", {"sub": APPLES}), ("google", "\u0661\u0662"), ("google", 1.5),
]  # fmt: skip


async def test_what_is_none(runtime: Runtime, tmp_path: Path) -> None:
    """A list that is none refuses its line, by name; a subject that its provider never gives stays behind."""
    path = written(tmp_path / "a.jsonl", *(line(f"u{n}", identities=bad) for n, bad in enumerate(BAD_LISTS)))
    report = await taken(runtime, path)
    assert (report.created, len(report.refused)) == (0, len(BAD_LISTS))
    assert all(refused.reason.startswith("identities: ") for refused in report.refused), report.refused
    rows = [line(f"u{n}", {"provider": name, "subject": bad}) for n, (name, bad) in enumerate(BAD_SUBJECTS)]
    report = await taken(runtime, written(tmp_path / "b.jsonl", *rows))
    assert (report.created, report.refused, len(report.noted)) == (len(BAD_SUBJECTS), [], len(BAD_SUBJECTS))
    assert all("no subject" in note.reason for note in report.noted)
    assert not await Identity.exists()
    others = [{"issuer": "http://id.example", "subject": "x"}, {"issuer": f"{GOOGLE}/", "subject": SUB},
              {"issuer": "https://login.microsoftonline.com/common/v2.0", "subject": "x"}]  # fmt: skip
    report = await taken(runtime, written(tmp_path / "c.jsonl", line("other", *others)))
    assert (report.created, report.linked, len(report.noted)) == (1, 0, 3)


async def test_an_address_that_nobody_has_confirmed(runtime: Runtime, tmp_path: Path) -> None:
    """R79: what opens it elsewhere may be a stranger's, who waits for the address's owner: it stays behind."""
    path = written(tmp_path / "a.jsonl", line("ada", {"provider": "google", "subject": SUB}, email_verified=False))
    report = await taken(runtime, path)
    assert (report.created, report.linked, report.without_password) == (1, 0, 1)
    assert "nobody has confirmed" in report.noted[0].reason
    path = written(tmp_path / "a.jsonl", line("ada", {"provider": "google", "subject": SUB}))
    assert (await taken(runtime, path, update=True)).linked == 1
    await User.all().update(email_verified=False)
    assert not await brought_identities.give(runtime, await User.get(), External("github", GITHUB, "1"))


async def test_whole_accounts(root: Person, runtime: Runtime, tmp_path: Path) -> None:
    """Without a password, and nobody is asked to set one: the provider opens it. What comes is on record."""
    path = written(
        tmp_path / "a.jsonl",
        line("ada", {"provider": "google", "subject": SUB, "email": "ada@gmail.com"}),
        line("bob", password_hash=FORMATS["argon2id"](PASSWORD)),
        line("none"),
    )
    report = await taken(runtime, path)
    assert (report.created, report.without_password, report.linked) == (3, 1, 1)
    ada = await User.get(email="ada@example.com")
    session = await root.log_in()
    (one,) = (await session.call("GET", f"/users/{ada.id}/identities")).json()
    assert (one["provider"], one["name"], one["brand"], one["email"]) == ("google", "Google", "google", "ada@gmail.com")
    assert one["last_used_at"] is None
    (event,) = await SecurityEvent.filter(type="provider.linked")
    assert (str(event.user_id), event.detail) == (str(ada.id), {"provider": "google", "by": "operator"})  # type: ignore[attr-defined]
    told = (await session.call("GET", f"/users/{ada.id}/explanation")).json()
    assert any(
        entry["text"] == "A Google account was linked by an operator: it opens this one." for entry in told["entries"]
    )


async def test_they_log_in(
    client: httpx.AsyncClient, runtime: Runtime, providers: Fakes, mailbox: Mailbox, tmp_path: Path
) -> None:
    """By the provider, as they always have, whatever it calls their address by now. The settings name its issuer."""
    tab = Tab(client, providers, mailbox)
    path = written(
        tmp_path / "a.jsonl",
        line("ada", {"provider": "corp", "subject": "00u1"}),
        line("bob", {"issuer": providers.corp.issuer, "subject": "00u2"}, password_hash=FORMATS["argon2id"](PASSWORD)),
    )
    report = await taken(runtime, path, providers=import_identities.configured(runtime.settings))
    assert (report.created, report.linked, report.noted) == (2, 2, [])
    for subject, name in (("00u1", "ada"), ("00u2", "bob")):
        providers.corp.account = Account(subject=subject, email="elsewhere@example.org")
        session = tab.session(await tab.come("corp"))
        assert (await session.me()).json()["email"] == f"{name}@example.com"
        told = (await session.call("GET", "/users/me/export")).json()
        assert [one["subject"] for one in told["features"]["providers"]] == [subject]
    assert await User.all().count() == 2
    assert all(row.last_used_at for row in await Identity.all())


async def test_one_opens_one(runtime: Runtime, tmp_path: Path) -> None:
    """An account at a provider opens the first that has it: of the file, of another batch, of those that are here."""
    one = {"provider": "google", "subject": SUB}
    path = written(tmp_path / "a.jsonl", line("ada", one), line("bob", one, {"provider": "github", "subject": "7"}))
    report = await taken(runtime, path)
    assert (report.created, report.linked) == (2, 2)
    assert [note.reason for note in report.noted] == [
        "its account at google stays behind: it opens another account here"
    ]
    assert await held() == {"ada": {("google", GOOGLE, SUB)}, "bob": {("github", GITHUB, "7")}}
    report = await taken(runtime, written(tmp_path / "b.jsonl", line("eve", one)))
    assert (report.created, report.linked, len(report.noted)) == (1, 0, 1)
    report = await taken(runtime, written(tmp_path / "b.jsonl", line("eve", one)), update=True)
    assert (report.updated, report.skipped, report.linked, len(report.noted)) == (0, 1, 0, 1)


async def test_what_was_done_here_is_newer(
    ada: Person, root: Person, runtime: Runtime, mailbox: Mailbox, tmp_path: Path
) -> None:
    """With --update an account gets it, and its owner an e-mail; what was taken away here doesn't come back."""
    path = written(tmp_path / "a.jsonl", line("ada", {"provider": "google", "subject": SUB}))
    assert (await taken(runtime, path)).skipped == 1
    assert (await taken(runtime, path, update=True)).linked == 1
    assert [letter.subject for letter in await mailbox.letters(ada.email)] == ["You can log in with Google now"]
    session = await root.log_in()
    (one,) = (await session.call("GET", f"/users/{ada.id}/identities")).json()
    assert (await session.call("DELETE", f"/users/{ada.id}/identities/{one['id']}")).status_code == 204
    assert (await taken(runtime, path, update=True)).linked == 0
    assert not await Identity.exists()


async def test_taken_while_it_is_imported(
    ada: Person, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody links it between the look and the deed: the line comes without it, the rest of the batch whole."""
    looked = brought_identities.taken
    first = [True]

    async def late(found: Any) -> set[tuple[str, str]]:
        known = await looked(found)
        if first.pop() if first else False:
            await Identity.create(
                id=uuid4(), user_id=ada.id, provider="google", issuer=GOOGLE, subject=SUB,
                created_at=runtime.clock.now(),
            )  # fmt: skip
        return known

    monkeypatch.setattr(brought_identities, "taken", late)
    path = written(
        tmp_path / "a.jsonl",
        line("bob", {"provider": "google", "subject": SUB}),
        line("eve", {"provider": "github", "subject": "7"}),
    )
    report = await taken(runtime, path)
    assert (report.created, report.refused, report.linked) == (2, [], 1)
    assert await held() == {"ada": {("google", GOOGLE, SUB)}, "eve": {("github", GITHUB, "7")}}
    assert "opens another account" in report.noted[0].reason


async def test_at_once(ada: Person, grace: Person, runtime: Runtime) -> None:
    """Fifty that bring two accounts the same one: one does, and it opens one."""
    users = [await User.get(id=person.id) for person in (ada, grace)]
    external = External("google", GOOGLE, SUB)
    found = await asyncio.gather(
        *(brought_identities.give(runtime, users[number % 2], external) for number in range(50)), return_exceptions=True
    )
    assert [one for one in found if one is True] == [True]
    assert {type(one).__name__ for one in found} <= {"bool", "AlreadyLinked"}
    assert await Identity.all().count() == 1
    assert await SecurityEvent.filter(type="provider.linked").count() == 1


async def test_cut_off(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails in the middle leaves no account without its way in."""

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("cut off")

    path = written(tmp_path / "a.jsonl", line("ada", {"provider": "google", "subject": SUB}))
    with monkeypatch.context() as patched:
        patched.setattr("service.audit.events.record_all", fail)
        with pytest.raises(RuntimeError):
            await taken(runtime, path)
    assert not await User.exists()
    assert not await Identity.exists()
    assert (await taken(runtime, path)).linked == 1


async def test_many(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many statements for a batch as for one line."""

    async def statements(count: int) -> int:
        rows = [line(f"u{count}x{n}", {"provider": "google", "subject": f"{count}{n}"}) for n in range(count)]
        path = written(tmp_path / "a.jsonl", *rows)
        with noted(monkeypatch) as asked:
            report = await taken(runtime, path)
        assert (report.created, report.linked) == (count, count)
        return len(asked)

    assert await statements(40) == await statements(1)
    assert importing.BATCH > 40


async def test_out_and_in_again(runtime: Runtime, tmp_path: Path) -> None:
    """The export has what opens an account, in the form that the import reads."""
    rows = [line("ada", {"provider": "google", "subject": SUB, "email": "a@b.example"}), line("bob")]
    await taken(runtime, written(tmp_path / "a.jsonl", *rows))
    found = [row async for row in export_users(with_hashes=False)]
    assert "identities" not in found[1]
    before = await held()
    await User.all().delete()
    assert not await Identity.exists()
    report = await taken(runtime, written(tmp_path / "b.jsonl", *found))
    assert (report.created, report.linked) == (2, 1)
    assert await held() == before


async def test_the_commands(stores: Stores, runtime: Runtime, tmp_path: Path) -> None:
    """As one types them; what stays behind is said, no subject is, and it is a good run all the same."""
    path, environment = (
        written(
            tmp_path / "in.jsonl",
            line("ada", {"provider": "google", "subject": SUB}, {"provider": "Okta", "subject": "00u1"}),
            line("bob", {"provider": "azure", "subject": OID}),
        ),
        stores.environment(),
    )
    command = ("users", "import", str(path))
    done = await latchkey_beside(*command, "--provider", f"corp:okta={CORP}", **environment)
    assert done.returncode == 0, done.stderr
    assert "line 2 was imported, but its account at azure stays behind" in done.stdout
    assert "2 accounts at other providers open them." in done.stdout
    assert not [hidden for hidden in (SUB, OID) if hidden in done.stdout + done.stderr]
    assert (await held())["ada"] == {("google", GOOGLE, SUB), ("corp", CORP, "00u1")}
    for form in ("csv", "jsonl"):
        out = tmp_path / f"out.{form}"
        assert (await latchkey_beside("users", "export", str(out), **environment)).returncode == 0
        again = await latchkey_beside(
            "users", "import", str(out), "--json", "--provider", f"corp={CORP}", **environment
        )
        counted = json.loads(again.stdout)
        assert (counted["skipped"], counted["linked"], counted["refused"]) == (2, 0, [])
    for wrong in ("corp", "=https://id.example", "Corp=https://id.example", "corp=http://id.example", f"google={CORP}",
                  "microsoft=https://login.microsoftonline.com/common/v2.0", "corp=https://\u00e4.ex"):  # fmt: skip
        done = await latchkey_beside(*command, "--provider", wrong, **environment)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), wrong


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["google", "google-oauth2", "oidc", SUB, "github.com", "custom:x", "x|y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["provider", "user_id", "connection", "profileData", "email", "identityProvider", "userId",
                         "userName", "providerId", "rawId", "identity_data", "provider_id", "sub", "id", "subject",
                         "issuer"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(ANYTHING)
def test_any_list(anything: Any) -> None:
    """R63: whatever a file says, it is accounts at providers, or is left out, and what is said of it is one line."""
    claims: list[Claimed] = []
    for read in (import_identities.auth0, import_identities.supabase):
        claims += read({"identities": anything, "user_id": anything, "email": "a@example.com"})
    claims += import_identities.keycloak({"federatedidentities": anything})
    claims += import_identities.firebase({"provideruserinfo": anything, "google.com id": anything})
    try:
        claims += ours(anything)
    except NoIdentities as error:
        assert str(error).startswith("identities: ")  # noqa: PT017
    found, left = settle(claims, NAMED, confirmed=True)
    assert len(found) <= import_identities.MOST
    for external in found:
        assert external.subject.isascii()
        assert 0 < len(external.subject) <= 255
        assert external.provider in ("google", "github", "apple", "corp")
    assert all(len(said.splitlines()) == 1 and len(said) < 300 for said in left)


async def test_more_than_anybody_has(runtime: Runtime, tmp_path: Path) -> None:
    """So many are no person's."""
    many = [{"provider": "github", "subject": str(n)} for n in range(1, 40)]
    report = await taken(runtime, written(tmp_path / "a.jsonl", line("ada", *many)))
    assert (report.created, report.linked) == (1, import_identities.MOST)
    assert "more than" in report.noted[0].reason


async def test_an_email_that_is_none(runtime: Runtime, tmp_path: Path) -> None:
    """What a provider is said to have called an address is shown, and nothing else: what can't be is left out."""
    emails: list[Any] = ["a\u0000b@example.com", "x" * 400, 7, "", "a\nb", "\ud800"]
    rows = [line(f"u{n}", {"provider": "google", "subject": str(n + 1), "email": bad}) for n, bad in enumerate(emails)]
    report = await taken(runtime, written(tmp_path / "a.jsonl", *rows))
    assert (report.created, report.linked) == (len(emails), len(emails))
    assert {row.email for row in await Identity.all()} == {None}


async def test_recorded_with_the_change_or_not_at_all(ada: Person, runtime: Runtime) -> None:
    """R69: what tells of many changes is written in their transaction, and nowhere else."""
    with pytest.raises(events.MisplacedEvent):
        await events.record_all(runtime, events.PROVIDER_LINKED, [ada.id], provider="google")
    async with transaction():
        with pytest.raises(events.MisplacedEvent):
            await events.record_all(runtime, events.LOGGED_OUT, [ada.id])
    assert not await SecurityEvent.filter(type__in=["provider.linked", "session.logged_out"]).exists()
