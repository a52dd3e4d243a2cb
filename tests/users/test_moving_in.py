"""Moving in from other systems: a small export of each, in the shape that it documents, read as it is written.

docs/moving-in.md has the recipes; a test here holds that each of them is played.
"""

from __future__ import annotations

import csv
import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models import Credential, User
from service.runtime import Runtime
from service.users.import_file import format_of, read_file
from service.users.import_systems import SYSTEMS, Settled
from service.users.import_words import read_project
from service.users.importing import ImportReport, import_users
from tests.support.hashes import FORMATS, QUICK
from tests.support.people import PASSWORD, Person
from tests.support.process import latchkey_beside
from tests.support.stores import Stores

DOCS = Path(__file__).parents[2] / "docs" / "moving-in.md"
UID = "0f9c2d8e-6f0b-4c55-9a51-6d1f7b8b2c11"
MADE = datetime(2023, 1, 5, 12, 34, 56, tzinfo=UTC)
MS = int(MADE.timestamp() * 1000)
CONFIG = """hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}
"""


@dataclass(frozen=True)
class Export:
    """A file as a system writes it. `ada` is the account that logs in; the others are told apart by their addresses."""

    name: str
    text: str
    settled: Settled = field(default_factory=Settled)
    password: str = PASSWORD
    verified: bool = True
    named: str | None = "Ada Lovelace"
    created: datetime | None = MADE
    uid: str | None = None
    off: bool = True
    refused: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()


def table(*rows: dict[str, Any], delimiter: str = ",") -> str:
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def django() -> Export:
    row = {"id": 1, "password": FORMATS["django-argon2"](PASSWORD), "last_login": "", "is_superuser": "t",
           "username": "ada", "first_name": "Ada", "last_name": "Lovelace", "email": "Ada@Example.com", "is_staff": "f",
           "is_active": "t", "date_joined": "2023-01-05 12:34:56+00"}  # fmt: skip
    off = row | {"id": 2, "password": "!Zq5", "is_superuser": "f", "email": "off@example.com", "is_active": "f"}
    return Export("users.csv", table(row, off), verified=False, noted=("administrator",))


def django_dumpdata() -> Export:
    fields: dict[str, Any] = {"password": FORMATS["django-bcrypt-sha256"](PASSWORD), "last_login": None,
              "is_superuser": False, "username": "ada", "first_name": "Ada", "last_name": "Lovelace",
              "email": "ada@example.com",
              "is_staff": False, "is_active": True, "date_joined": "2023-01-05T12:34:56Z", "groups": [],
              "user_permissions": []}  # fmt: skip
    rows = [{"model": "auth.group", "pk": 1, "fields": {"name": "editors", "permissions": []}},
            {"model": "auth.user", "pk": 1, "fields": fields},
            {"model": "auth.user", "pk": 2,
             "fields": fields | {"email": "off@example.com", "is_active": False}}]  # fmt: skip
    return Export("dump.json", json.dumps(rows, indent=2), verified=False, refused=("auth.group",))


def plain(name: str) -> Callable[[], Export]:
    """What has no tables of its own: our columns, by a query."""

    def make() -> Export:
        row = {"email": "ada@example.com", "full_name": "Ada Lovelace", "password_hash": FORMATS[name](PASSWORD),
               "is_active": "t", "email_verified": "t", "created_at": "2023-01-05 12:34:56.000001+00"}  # fmt: skip
        return Export("users.csv", table(row, row | {"email": "off@example.com", "is_active": "f"}), created=None)

    return make


def wordpress() -> Export:
    row = {"ID": 1, "user_login": "ada", "user_pass": FORMATS["wordpress"](PASSWORD), "user_nicename": "ada",
           "user_email": "ada@example.com", "user_url": "", "user_registered": "2023-01-05 12:34:56",
           "user_activation_key": "", "user_status": 0, "display_name": "Ada Lovelace"}  # fmt: skip
    old = row | {"ID": 2, "user_email": "old@example.com", "user_pass": FORMATS["wordpress-phpass"](PASSWORD)}
    return Export("wp_users.csv", table(row, old), verified=False, off=False)


def drupal() -> Export:
    row = {"uid": 1, "langcode": "en", "name": "Ada Lovelace", "pass": FORMATS["drupal"](PASSWORD),
           "mail": "ada@example.com", "status": 1, "created": MS // 1000, "access": 0}  # fmt: skip
    nobody = row | {"uid": 0, "name": "", "pass": "", "mail": "", "status": 0}
    off = row | {"uid": 2, "mail": "off@example.com", "status": 0}
    return Export("users.tsv", table(nobody, row, off, delimiter="\t"), verified=False, refused=("without an account",))


def _keycloak_credential(algorithm: str) -> dict[str, Any]:
    kind, _, found = FORMATS["passlib-pbkdf2-sha512"](PASSWORD)[1:].partition("$")
    assert kind == algorithm
    rounds, salt, key = found.replace(".", "+").split("$")
    pad = [part + "=" * (-len(part) % 4) for part in (salt, key)]
    return {
        "id": str(uuid4()), "type": "password", "createdDate": MS,
        "secretData": json.dumps({"value": pad[1], "salt": pad[0], "additionalParameters": {}}),
        "credentialData": json.dumps({"hashIterations": int(rounds), "algorithm": algorithm,
                                      "additionalParameters": {}}),
    }  # fmt: skip


def keycloak() -> Export:
    argon2 = {"type": "password", "secretData": json.dumps({"value": "", "salt": ""}), "credentialData": "{}"}
    _, _, _, costs, salt, key = FORMATS["argon2id"](PASSWORD).split("$")
    more = dict(part.split("=") for part in costs.split(","))
    argon2["secretData"] = json.dumps({"value": key + "=", "salt": f"{salt}==", "additionalParameters": {}})
    argon2["credentialData"] = json.dumps(
        {"hashIterations": int(more["t"]), "algorithm": "argon2", "additionalParameters": {
            "hashLength": ["32"], "memory": [more["m"]], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}}
    )  # fmt: skip
    user = {"id": UID, "username": "ada", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com",
            "emailVerified": True, "createdTimestamp": MS, "enabled": True, "totp": False,
            "credentials": [_keycloak_credential("pbkdf2-sha512")], "disableableCredentialTypes": [],
            "requiredActions": [], "realmRoles": ["default-roles-acme"], "notBefore": 0, "groups": []}  # fmt: skip
    off = user | {"id": str(uuid4()), "username": "off", "email": "off@example.com", "enabled": False}
    newer = user | {"id": str(uuid4()), "username": "n", "email": "newer@example.com",
                    "credentials": [argon2, {"type": "webauthn", "credentialData": "{}"}]}  # fmt: skip
    service = {"id": str(uuid4()), "username": "service-account-x", "enabled": True, "serviceAccountClientId": "x"}
    realm = {"id": "acme", "realm": "acme", "enabled": True, "users": [user, off, newer, service]}
    return Export(
        "acme-realm.json", json.dumps(realm, indent=2), uid=UID, refused=("client's own",), noted=("passkeys",)
    )


def auth0_hashes() -> Export:
    row = {"_id": {"$oid": "60425dc43519d90068f82973"}, "email_verified": True, "email": "ada@example.com",
           "passwordHash": FORMATS["bcrypt-2b"](PASSWORD), "password_set_date": {"$date": "2023-01-05T12:34:56.000Z"},
           "tenant": "acme", "connection": "Username-Password-Authentication", "_tmp_is_unique": True}  # fmt: skip
    return Export("hashes.json", lines(row), named=None, created=None, off=False)


def auth0_users() -> Export:
    row = {"user_id": "auth0|60425dc43519d90068f82973", "email": "ada@example.com", "email_verified": True,
           "name": "Ada Lovelace", "created_at": "2023-01-05T12:34:56.000Z", "blocked": False,
           "password_hash": FORMATS["bcrypt-2a"](PASSWORD)}  # fmt: skip
    return Export("users.ndjson", lines(row, row | {"email": "off@example.com", "blocked": True}))


def _firebase_user(email: str, **more: Any) -> dict[str, Any]:
    return {
        "localId": "Yb1aCe0dEfGhIjKlMnOpQrStUv12", "email": email, "emailVerified": True,
        "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
        "salt": "42xEC+ixf3L2lw==", "displayName": "Ada Lovelace", "lastSignedInAt": str(MS), "createdAt": str(MS),
        "providerUserInfo": [],
    } | more  # fmt: skip


def firebase() -> Export:
    users = [_firebase_user("ada@example.com"), _firebase_user("off@example.com", disabled=True),
             {"localId": "p", "phoneNumber": "+491711234567", "createdAt": str(MS)},
             _firebase_user("redacted@example.com", passwordHash=b64encode(b"REDACTED").decode())]  # fmt: skip
    return Export("users.json", json.dumps({"users": users}, indent=2), Settled(project=read_project(CONFIG)),
                  "user1password", refused=("no e-mail", "may read hashes"))  # fmt: skip


def firebase_csv() -> Export:
    cells = []
    for email, off in (("ada@example.com", "false"), ("off@example.com", "true")):
        user = _firebase_user(email)
        row = [user["localId"], email, "true", user["passwordHash"], user["salt"], "Ada Lovelace", *[""] * 17,
               str(MS), str(MS), "", off, ""]  # fmt: skip
        cells.append(",".join(row) + ",\n")
    return Export("users.csv", "".join(cells), Settled(project=read_project(CONFIG)), "user1password")


def supabase() -> Export:
    row = {"instance_id": "00000000-0000-0000-0000-000000000000", "id": UID, "aud": "authenticated",
           "role": "authenticated", "email": "ada@example.com", "encrypted_password": FORMATS["bcrypt-2a"](PASSWORD),
           "email_confirmed_at": "2023-01-05 12:34:56.123456+00", "invited_at": "", "confirmation_token": "",
           "raw_app_meta_data": '{"provider": "email"}', "raw_user_meta_data": '{"full_name": "Ada Lovelace"}',
           "is_super_admin": "", "created_at": "2023-01-05 12:34:56+00", "phone": "", "banned_until": "",
           "is_sso_user": "f", "deleted_at": "", "is_anonymous": "f"}  # fmt: skip
    more = [{"id": str(uuid4()), "email": "off@example.com", "banned_until": "2999-01-01 00:00:00+00"},
            {"id": str(uuid4()), "email": "back@example.com", "banned_until": "2023-01-05 12:34:56+00"},
            {"id": str(uuid4()), "email": "", "is_anonymous": "t"},
            {"id": str(uuid4()), "email": "gone@example.com", "deleted_at": "2023-01-05 12:34:56+00"}]  # fmt: skip
    return Export(
        "users.csv", table(row, *(row | one for one in more)), uid=UID, refused=("no e-mail", "deleted there")
    )


def devise() -> Export:
    row = {"id": 1, "email": "ada@example.com", "encrypted_password": FORMATS["bcrypt-2a"](PASSWORD),
           "reset_password_token": "", "remember_created_at": "", "confirmed_at": "2023-01-05 12:34:56.123456",
           "created_at": "2023-01-05 12:34:56", "name": "Ada Lovelace"}  # fmt: skip
    return Export("users.csv", table(row), Settled(no_pepper=True), off=False)


def flask_security() -> Export:
    row = {"id": 1, "email": "ada@example.com", "password": FORMATS["argon2id"](PASSWORD), "active": "t",
           "fs_uniquifier": "7d1b", "confirmed_at": "2023-01-05 12:34:56", "create_datetime": "2023-01-05 12:34:56",
           "first_name": "Ada", "last_name": "Lovelace", "tf_primary_method": ""}  # fmt: skip
    off = row | {"email": "off@example.com", "active": "f", "tf_primary_method": "sms"}
    return Export("users.csv", table(row, off), Settled(no_pepper=True), noted=("second factor",))


def cognito() -> Export:
    user = {"Username": UID, "Attributes": [{"Name": "email", "Value": "ada@example.com"},
                                            {"Name": "email_verified", "Value": "true"},
                                            {"Name": "name", "Value": "Ada Lovelace"}],
            "UserCreateDate": "2023-01-05T13:34:56.000+01:00", "Enabled": True, "UserStatus": "CONFIRMED"}  # fmt: skip
    off = user | {"Enabled": False, "Attributes": [{"Name": "email", "Value": "off@example.com"}]}
    return Export("users.json", json.dumps({"Users": [user, off]}, indent=4), password="")


def asp_net() -> Export:
    row = {"Id": UID, "UserName": "ada@example.com", "NormalizedUserName": "ADA@EXAMPLE.COM",
           "Email": "ada@example.com", "NormalizedEmail": "ADA@EXAMPLE.COM", "EmailConfirmed": "True",
           "PasswordHash": FORMATS["aspnet-3"](PASSWORD), "SecurityStamp": "X", "ConcurrencyStamp": "Y",
           "PhoneNumber": "NULL", "TwoFactorEnabled": "False", "LockoutEnd": "NULL", "LockoutEnabled": "1",
           "AccessFailedCount": "0"}  # fmt: skip
    off = row | {"Id": str(uuid4()), "Email": "off@example.com", "LockoutEnd": "9999-12-31 23:59:59.9999999 +00:00"}
    old = row | {"Id": str(uuid4()), "Email": "old@example.com", "PasswordHash": FORMATS["aspnet-2"](PASSWORD),
                 "TwoFactorEnabled": "True"}  # fmt: skip
    return Export("users.csv", table(row, off, old, delimiter=";"), named=None, created=None, uid=UID,
                  noted=("second factor",))  # fmt: skip


def laravel() -> Export:
    row = {"id": 1, "name": "Ada Lovelace", "email": "ada@example.com", "email_verified_at": "2023-01-05 12:34:56",
           "password": FORMATS["bcrypt-2y"](PASSWORD), "two_factor_secret": "eyJpdiI6", "remember_token": "\\N",
           "created_at": "2023-01-05 12:34:56", "updated_at": "2023-01-05 12:34:56"}  # fmt: skip
    return Export("users.csv", table(row), off=False, noted=("second factor",))


def better_auth() -> Export:
    row = {"id": "k1", "name": "Ada Lovelace", "email": "ada@example.com", "emailVerified": "t",
           "createdAt": "2023-01-05 12:34:56", "password": FORMATS["better-auth"](PASSWORD)}  # fmt: skip
    return Export("users.csv", table(row), off=False)


def kratos() -> Export:
    identity = {
        "id": UID, "schema_id": "default", "state": "active", "created_at": "2023-01-05T12:34:56Z",
        "traits": {"email": "ada@example.com", "name": {"first": "Ada", "last": "Lovelace"}},
        "verifiable_addresses": [{"value": "ada@example.com", "verified": True, "via": "email", "status": "completed"}],
        "credentials": {"password": {"type": "password", "identifiers": ["ada@example.com"],
                                     "config": {"hashed_password": FORMATS["argon2id"](PASSWORD)}}},
    }  # fmt: skip
    off = identity | {"id": str(uuid4()), "state": "inactive", "traits": {"email": "off@example.com"}}
    return Export("identities.json", json.dumps([identity, off], indent=2), uid=UID)


def ldap() -> Export:
    hashed = b64encode(QUICK["ldap-ssha"](PASSWORD).encode()).decode()
    text = f"""version: 1

dn: dc=example,dc=com
objectClass: domain
dc: example

dn: uid=ada,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: ada
cn:: {b64encode(b"Ada Lovelace").decode()}
mail: ada@
 example.com
userPassword:: {hashed}
createTimestamp: 20230105123456Z

dn: uid=off,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
mail: off@example.com
pwdAccountLockedTime: 000001010000Z
userPassword: {{CRYPT}}!

search: 2
result: 0 Success
"""
    return Export("people.ldif", text, verified=False, refused=("no person",))


EXPORTS: dict[str, Callable[[], Export]] = {
    "Django": django,
    "Django, dumpdata": django_dumpdata,
    "passlib": plain("passlib-pbkdf2-sha256"),
    "Flask": plain("werkzeug-scrypt"),
    "Spring Security": plain("spring-bcrypt"),
    "PHP": plain("argon2i"),
    "Lucia": plain("lucia-2"),
    "WordPress": wordpress,
    "Drupal": drupal,
    "Keycloak": keycloak,
    "Auth0": auth0_users,
    "Auth0, hashes": auth0_hashes,
    "Firebase": firebase,
    "Firebase, CSV": firebase_csv,
    "Supabase": supabase,
    "Devise": devise,
    "Flask-Security": flask_security,
    "Cognito": cognito,
    "ASP.NET Identity": asp_net,
    "Laravel": laravel,
    "Better Auth": better_auth,
    "Ory Kratos": kratos,
    "LDAP": ldap,
}


async def brought(runtime: Runtime, path: Path, settled: Settled, *, update: bool = False) -> ImportReport:
    return await import_users(
        runtime, read_file(path, format_of(path), settled), update=update, progress=lambda _: None
    )


async def test_each_system(client: httpx.AsyncClient, runtime: Runtime, tmp_path: Path) -> None:
    """What each of them writes comes as it is written: names, times, states, and a password that logs in."""
    for name, make in EXPORTS.items():
        export = make()
        path = tmp_path / export.name
        path.write_text(export.text, encoding="utf-8")
        settled = Settled(**{
            key: getattr(export.settled, key) for key in ("system", "encoding", "project", "no_pepper")
        }, now=runtime.clock.now())  # fmt: skip
        report = await brought(runtime, path, settled)
        for expected, found in ((export.refused, report.refused), (export.noted, report.noted)):
            assert len(found) == len(expected), (name, found)
            assert all(reason in line.reason for reason, line in zip(expected, found, strict=True)), (name, found)
        ada = await User.get(email_canonical="ada@example.com")
        assert (ada.full_name, ada.email_verified, ada.is_active) == (export.named, export.verified, True), name
        assert not ada.is_superuser
        assert export.created in (None, ada.created_at), name
        assert export.uid in (None, str(ada.id)), name
        if export.off:
            off = await User.get(email_canonical="off@example.com")
            assert (off.is_active, off.is_superuser) == (False, False), name
        if export.password:
            await Person(client, ada.id, "ADA@example.com", export.password).log_in()
        else:
            assert not await Credential.exists(user_id=ada.id)
            assert report.without_password == report.created
        again = await brought(runtime, path, settled, update=True)
        assert (again.created, again.updated) == (0, 0), name
        await User.all().delete()


async def test_what_has_to_be_said_beside_the_file(runtime: Runtime, tmp_path: Path) -> None:
    """Nobody comes with a hash that nobody can be checked by: Devise's pepper, Firebase's key."""
    for make, reason in (
        (devise, "--no-pepper"), (flask_security, "--no-pepper"), (firebase_csv, "--firebase-config"),
    ):  # fmt: skip
        export = make()
        path = tmp_path / export.name
        path.write_text(export.text)
        report = await brought(runtime, path, Settled())
        assert report.created == 0
        assert report.refused
        assert all(reason in line.reason for line in report.refused)
    assert not await User.exists()
    for broken in ("", CONFIG.replace("SCRYPT", "BCRYPT"), CONFIG.replace("jxspr8Ki0", ""), CONFIG.replace("14", "99")):
        with pytest.raises(ValueError, match=r"algorithm|base64_signer_key"):
            read_project(broken)


async def test_two_files_of_one_system(client: httpx.AsyncClient, runtime: Runtime, tmp_path: Path) -> None:
    """Auth0's accounts and their hashes are two files: the second gives passwords to those of the first."""
    users = auth0_users().text.replace('"password_hash"', '"picture"')
    (tmp_path / "users.json").write_text(users)
    (tmp_path / "hashes.json").write_text(auth0_hashes().text)
    assert (await brought(runtime, tmp_path / "users.json", Settled())).without_password == 2
    report = await brought(runtime, tmp_path / "hashes.json", Settled(), update=True)
    assert (report.created, report.updated) == (0, 1)
    ada = await User.get(email="ada@example.com")
    assert ada.full_name == "Ada Lovelace"
    await Person(client, ada.id, ada.email, PASSWORD).log_in()


def test_every_system_has_a_recipe() -> None:
    """The document names each that is read, and each that it names is played here."""
    recipes = re.findall(r"^### (.+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    played = {name.partition(",")[0] for name in EXPORTS}
    assert {part for recipe in recipes for part in re.split(r", | and ", recipe)} == played
    assert all(f"`{system.name}`" in DOCS.read_text(encoding="utf-8") for system in SYSTEMS)


async def test_commands(stores: Stores, runtime: Runtime, tmp_path: Path) -> None:
    """As one types them: from a pipe, with what has to be said; a file without an account is an error."""
    environment = stores.environment()
    (tmp_path / "users.csv").write_text(firebase_csv().text)
    (tmp_path / "config").write_text(CONFIG)
    done = await latchkey_beside(
        "users", "import", str(tmp_path / "users.csv"), "--firebase-config", str(tmp_path / "config"), **environment
    )
    assert (done.returncode, done.stdout) == (0, "2 created, 0 updated, 0 already there, 0 refused.\n"), done.stderr
    for text, code, said in (
        ("", 1, "There is no account in the file."),
        ("email,full_name\n", 1, "There is no account in the file."),
        ("[]", 1, "There is no account in the file."),
        ("mail,name\na@example.com,A\n", 2, "columns that are not known: mail, name."),
        ("a@example.com,A\n", 2, "has to name the columns"),
        ("email,email\n", 2, "same name"),
    ):
        (tmp_path / "other").write_text(text)
        done = await latchkey_beside("users", "import", str(tmp_path / "other"), **environment)
        assert done.returncode == code, (text, done.stderr)
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    (tmp_path / "other").write_text("login;digest;x\na@example.com;" + FORMATS["bcrypt-2b"](PASSWORD) + ";1\n")
    named = ("--column", "email=login", "--column", "password_hash=digest")
    done = await latchkey_beside("users", "import", str(tmp_path / "other"), *named, **environment)
    assert (done.returncode, done.stdout) == (0, "1 created, 0 updated, 0 already there, 0 refused.\n"), done.stderr
    for wrong in (("--column", "email=nope"), ("--column", "mail=login"), ("--column", "password_hash=digest")):
        done = await latchkey_beside("users", "import", str(tmp_path / "other"), *wrong, **environment)
        assert (done.returncode, done.stdout) == (2, ""), wrong
    for arguments in (("--from", "nothing"), ("--encoding", "nothing"), ("--firebase-config", str(tmp_path / "other"))):
        done = await latchkey_beside("users", "import", str(tmp_path / "users.csv"), *arguments, **environment)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.strip().splitlines()) <= 3
    done = await latchkey_beside(
        "users", "import", "-", "--json", given="email\npiped@example.com\nPIPED@example.com\n", **environment
    )
    assert json.loads(done.stdout) | {"refused": len(json.loads(done.stdout)["refused"])} == {
        "created": 1, "updated": 0, "skipped": 0, "linked": 0, "refused": 1, "noted": [], "without_password": 1,
    }  # fmt: skip
    done = await latchkey_beside("users", "import", str(tmp_path / "nowhere"), **environment)
    assert (done.returncode, done.stderr.strip()) == (2, f"{tmp_path / 'nowhere'}: there is no such file.")


async def test_out(stores: Stores, runtime: Runtime, tmp_path: Path) -> None:
    """An export is in UTF-8 whatever the locale says, and replaces nothing that is there."""
    await User.create(
        email="p@example.com", email_canonical="p@example.com", full_name="\u0141ukasz \U0001f600",
        created_at=runtime.clock.now(),
    )  # fmt: skip
    done = await latchkey_beside("users", "export", PYTHONIOENCODING="ascii", **stores.environment())
    assert done.returncode == 0
    assert "\u0141ukasz \U0001f600" in done.stdout
    target = tmp_path / "out.csv"
    target.write_text("is there")
    done = await latchkey_beside("users", "export", str(target), **stores.environment())
    assert (done.returncode, done.stderr.strip()) == (2, f"{target}: File exists")
    assert target.read_text() == "is there"
