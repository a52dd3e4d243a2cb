"""Accounts in documents: Keycloak, Firebase, Cognito, Auth0, Ory Kratos, LDAP."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from typing import Final, cast

from service.core.passwords.foreign_products import firebase_hash
from service.users import import_identities as identities
from service.users.import_records import Record
from service.users.import_values import is_nothing
from service.users.import_words import Project, RefusedAccount, Told, name_of, uuid_of, yes

FACTOR: Final = "its second factor stays behind: its owner sets up a new one"
_PASSKEYS: Final = "its passkeys stay behind, for they are bound to the old domain"
_DISABLED: Final = 2
_PERSONS: Final = frozenset({"person", "inetorgperson", "organizationalperson", "posixaccount", "user", "account"})


def keycloak(given: Record) -> Told:
    """Read a user of a realm's export."""
    if not is_nothing(given.get("serviceaccountclientid")):
        raise RefusedAccount("it is a client's own account, and nobody's")
    hashed, totp, notes = None, None, list[str]()
    for credential in _objects(given.get("credentials")):
        match credential.get("type"):
            case "password":
                hashed = _keycloak_hash(credential)
            case "otp" if totp is None:
                totp = credential
            case "otp":
                notes.append("it had a second app for codes, which stays behind")
            case "webauthn" | "webauthn-passwordless":
                notes.append(_PASSKEYS)
            case "recovery-authn-codes":
                notes.append("its recovery codes are hashed by another system, and were left out")
    return Told(
        {
            "id": uuid_of(given.get("id")),
            "email": given.get("email"),
            "full_name": name_of(given.get("firstname"), given.get("lastname")),
            "password_hash": hashed,
            "is_active": given.get("enabled"),
            "email_verified": given.get("emailverified"),
            "created_at": given.get("createdtimestamp"),
            "totp": totp,
        },
        tuple(dict.fromkeys(notes)),
        tuple(identities.keycloak(given)),
    )


def _keycloak_hash(credential: Record) -> str:
    secret, says = _inner(credential.get("secretData")), _inner(credential.get("credentialData"))
    if not secret:  # before version 8
        secret = {"value": credential.get("hashedSaltedValue"), "salt": credential.get("salt")}
        says = {"hashIterations": credential.get("hashIterations"), "algorithm": credential.get("algorithm")}
    algorithm, rounds = says.get("algorithm") or "pbkdf2", says.get("hashIterations")
    key, salt = _unpadded(secret.get("value")), _unpadded(secret.get("salt"))
    if algorithm in ("pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512"):
        return f"${algorithm}${rounds}${salt.replace('+', '.')}${key.replace('+', '.')}"
    if algorithm == "argon2":
        more = {name: one[0] if isinstance(one, list) and one else one
                for name, one in _inner(says.get("additionalParameters")).items()}  # fmt: skip
        version = {"1.0": 16, "1.3": 19}.get(str(more.get("version", "1.3")))
        costs = f"m={more.get('memory')},t={rounds},p={more.get('parallelism')}"
        return f"$argon2{more.get('type', 'id')}$v={version}${costs}${salt}${key}"
    raise RefusedAccount(f"its password is hashed with {str(algorithm)[:40]}, which is not known here")


def firebase(given: Record, project: Project | None) -> Told:
    """Read a user of `firebase auth:export`."""
    key, salt = given.get("passwordhash"), given.get("salt")
    hashed = None
    if not is_nothing(key):
        if project is None:
            raise RefusedAccount("its hash needs the project's parameters: give them with --firebase-config")
        raw = _raw(key)
        if raw == b"REDACTED":
            raise RefusedAccount("its hash is not in the file: export again as somebody who may read hashes")
        hashed = firebase_hash((project.memory, project.rounds), _raw(salt), project.separator, project.signer, raw)
    notes = (FACTOR,) if given.get("mfainfo") else ()
    return Told(
        {
            "email": given.get("email"),
            "full_name": given.get("displayname"),
            "password_hash": hashed,
            "is_active": not yes(given.get("disabled")),
            "email_verified": given.get("emailverified"),
            "created_at": given.get("createdat"),
        },
        notes,
        tuple(identities.firebase(given)),
    )


def cognito(given: Record) -> Told:
    """Read a user of `list-users`, or a line of Cognito's CSV. There are no hashes in either."""
    said: dict[str, object] = dict(given)
    said |= {str(one.get("Name")).lower(): one.get("Value") for one in _objects(given.get("attributes"))}
    if str(given.get("userstatus")) in ("ARCHIVED", "COMPROMISED"):
        raise RefusedAccount(f"its state there is {given.get('userstatus')}")
    factor = (
        yes(said.get("cognito:mfa_enabled")) or bool(given.get("mfaoptions")) or bool(given.get("usermfasettinglist"))
    )
    return Told(
        {
            "email": said.get("email"),
            "full_name": said.get("name") or name_of(said.get("given_name"), said.get("family_name")),
            "is_active": given.get("enabled"),
            "email_verified": said.get("email_verified"),
            "created_at": given.get("usercreatedate"),
        },
        (FACTOR,) if factor else (),
    )


def auth0(given: Record) -> Told:
    """Read a user of an export, of the file of hashes, or of what Auth0 itself imports."""
    hashed = given.get("passwordhash") or given.get("password_hash")
    if not is_nothing(given.get("custom_password_hash")) and is_nothing(hashed):
        hashed = _auth0_hash(_inner(given.get("custom_password_hash")))
    totp, notes = None, list[str]()
    for factor in _objects(given.get("mfa_factors")):
        if "totp" in factor and totp is None:
            totp = factor["totp"]
        else:
            notes.append(FACTOR)
    if not is_nothing(given.get("multifactor")):
        notes.append(FACTOR)
    return Told(
        {
            "email": given.get("email"),
            "full_name": given.get("name") if given.get("name") != given.get("email") else None,
            "password_hash": hashed,
            "is_active": False if yes(given.get("blocked")) else None,
            "email_verified": given.get("email_verified"),
            "created_at": given.get("created_at"),
            "totp": totp,
        },
        tuple(dict.fromkeys(notes)),
        tuple(identities.auth0(given)),
    )


def _auth0_hash(custom: Record) -> str:
    algorithm, value = custom.get("algorithm"), _inner(custom.get("hash")).get("value")
    if algorithm in ("bcrypt", "argon2", "pbkdf2") and isinstance(value, str) and value.startswith("$"):
        return value  # PHC's, all of it; Auth0 asks for that as well
    if algorithm == "ldap" and isinstance(value, str):
        return value
    raise RefusedAccount(f"its password is hashed with {str(algorithm)[:40]}, in a form that is not read here")


def kratos(given: Record) -> Told:
    """Read an identity, with its credentials where the export has them."""
    traits = _inner(given.get("traits"))
    email, notes = traits.get("email"), list[str]()
    credentials = _inner(given.get("credentials"))
    hashed = _inner(_inner(credentials.get("password")).get("config")).get("hashed_password")
    totp = _inner(_inner(credentials.get("totp")).get("config")).get("totp_url")
    notes += [_PASSKEYS] if {"webauthn", "passkey"} & set(credentials) else []
    notes += ["its recovery codes were left out: new ones can be made"] if "lookup_secret" in credentials else []
    addresses = [one for one in _objects(given.get("verifiable_addresses")) if one.get("via", "email") == "email"]
    if is_nothing(email) and addresses:
        email = addresses[0].get("value")
    called = traits.get("name")
    if isinstance(called, Mapping):
        called = name_of(called.get("first"), called.get("last"))
    return Told(
        {
            "id": uuid_of(given.get("id")),
            "email": email,
            "full_name": called,
            "password_hash": hashed,
            "is_active": given.get("state", "active") == "active",
            "email_verified": any(one.get("value") == email and one.get("verified") is True for one in addresses),
            "created_at": given.get("created_at"),
            "totp": totp,
        },
        tuple(notes),
    )


def ldap(given: Record) -> Told:
    """Read an entry of an LDIF file: attributes are lists of texts."""
    said = {name: cast("list[str]", value) for name, value in given.items()}
    if not _PERSONS & {one.lower() for one in said.get("objectclass", [])}:
        raise RefusedAccount("it is no person")
    first = {name: values[0] for name, values in said.items() if values}
    hashes = [one for one in said.get("userpassword", []) if one]
    if len(hashes) > 1:
        raise RefusedAccount("it has more than one password: leave the one in the file that counts")
    control = first.get("useraccountcontrol", "")  # Active Directory's; its hashes are in no LDIF
    locked = yes(first.get("nsaccountlock")) or "pwdaccountlockedtime" in first
    locked = locked or (control.isdecimal() and bool(int(control) & _DISABLED))
    return Told(
        {
            "email": first.get("mail"),
            "full_name": first.get("displayname") or first.get("cn"),
            "password_hash": hashes[0] if hashes else None,
            "created_at": first.get("createtimestamp"),
            "is_active": False if locked else None,
        }
    )


def _inner(found: object) -> Record:
    """Return an object, also one that is written in a text; an empty one for anything else."""
    try:
        found = json.loads(found) if isinstance(found, str) else found
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _objects(found: object) -> Iterator[Record]:
    try:
        found = json.loads(found) if isinstance(found, str) else found
    except (ValueError, RecursionError):
        return
    yield from (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def _raw(written: object) -> bytes:
    try:
        text = str(written).replace("-", "+").replace("_", "/")
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise RefusedAccount("its hash, or the salt of it, is not in base64") from None


def _unpadded(written: object) -> str:
    """Return base64 in the one spelling that hashes are read in."""
    return b64encode(_raw(written)).decode().rstrip("=")
