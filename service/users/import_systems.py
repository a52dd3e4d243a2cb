"""Accounts as the systems write them that people move from: recognised by their members, and put into our words.

What a system keeps and this doesn't is left out; where that takes something from somebody (a second factor, rights),
it is noted. docs/moving-in.md has a recipe for each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from service.users import import_exports as exports
from service.users import import_identities as identities
from service.users.import_identities import Provider
from service.users.import_records import Record
from service.users.import_values import is_nothing, read_moment
from service.users.import_words import Project, RefusedAccount, Told, name_of, uuid_of, yes

__all__ = ["SYSTEMS", "Project", "RefusedAccount", "Settled", "System", "Told", "by_name", "recognised"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What whoever imports has said beside the file. `now` is when it is imported."""

    system: str | None = None
    encoding: str | None = None
    project: Project | None = field(default=None, repr=False)
    no_pepper: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    """Which of the file's columns is which of ours; the others are left out."""
    providers: tuple[Provider, ...] = ()
    """Which providers that names in the file mean, beside those that are known."""
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class System:
    """A system: its records have all members of one of these `signs`, in whatever case."""

    name: str
    title: str
    signs: tuple[frozenset[str], ...]
    tell: Callable[[Record, Settled], Told]


def _signs(*written: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(one.lower().split()) for one in written)


def _django(given: Record, settled: Settled) -> Told:
    fields = given.get("fields")
    if isinstance(fields, Mapping):  # dumpdata's
        if not {"email", "password"} <= set(fields):
            raise RefusedAccount(f"it is no account, but a {given.get('model')}")
        given = {str(key).lower(): value for key, value in fields.items()}
    notes = _rights(given, "is_superuser", "is_staff")
    return Told(
        {
            "email": given.get("email"),
            "full_name": name_of(given.get("first_name"), given.get("last_name")) or given.get("name"),
            "password_hash": given.get("password"),
            "is_active": given.get("is_active"),
            "created_at": given.get("date_joined"),
            "email_verified": given.get("email_verified"),
        },
        notes,
    )


def _wordpress(given: Record, _: Settled) -> Told:
    return Told(
        {
            "email": given.get("user_email"),
            "full_name": given.get("display_name"),
            "password_hash": given.get("user_pass"),
            "created_at": given.get("user_registered"),
            "is_active": False if yes(given.get("spam")) or yes(given.get("deleted")) else None,
        }
    )


def _drupal(given: Record, _: Settled) -> Told:
    if str(given.get("uid")) == "0":
        raise RefusedAccount("it is the visitor without an account, whom Drupal keeps as number 0")
    return Told(
        {
            "email": given.get("mail"),
            "full_name": given.get("name"),
            "password_hash": given.get("pass"),
            "is_active": given.get("status"),
            "created_at": given.get("created"),
        }
    )


def _supabase(given: Record, settled: Settled) -> Told:
    if not is_nothing(given.get("deleted_at")):
        raise RefusedAccount("it was deleted there")
    meta = given.get("raw_user_meta_data")
    try:
        meta = json.loads(meta) if isinstance(meta, str) else meta
    except (ValueError, RecursionError):
        meta = None
    said = meta if isinstance(meta, Mapping) else {}
    confirmed = given.get("email_confirmed_at", given.get("confirmed_at"))
    return Told(
        {
            "id": given.get("id"),
            "email": given.get("email"),
            "full_name": said.get("full_name") or said.get("name") or said.get("display_name"),
            "password_hash": given.get("encrypted_password"),
            "email_verified": not is_nothing(confirmed),
            "is_active": False if _lasts(given.get("banned_until"), settled) else None,
            "created_at": given.get("created_at"),
        },
        _rights(given, "is_super_admin"),
        tuple(identities.supabase(given)),
    )


def _devise(given: Record, settled: Settled) -> Told:
    hashed = given.get("encrypted_password")
    if not is_nothing(hashed) and not settled.no_pepper:
        raise RefusedAccount(
            "a hash of Devise's doesn't tell whether a pepper is in it. Say --no-pepper where config.pepper is not "
            "set; where it is, take encrypted_password out of the file: everybody sets a new password"
        )
    left = [] if is_nothing(given.get("otp_secret")) and is_nothing(given.get("encrypted_otp_secret")) else [FACTOR]
    return Told(
        {
            "email": given.get("email"),
            "full_name": given.get("name") or name_of(given.get("first_name"), given.get("last_name")),
            "password_hash": hashed,
            # Without Devise's :confirmable nobody was ever asked.
            "email_verified": not is_nothing(given.get("confirmed_at")),
            "created_at": given.get("created_at"),
        },
        tuple(left),
    )


def _flask_security(given: Record, settled: Settled) -> Told:
    hashed = given.get("password")
    if not is_nothing(hashed) and not settled.no_pepper:
        raise RefusedAccount(
            "Flask-Security hashes what it has signed with SECURITY_PASSWORD_SALT, which nobody sees in a hash. Say "
            "--no-pepper where SECURITY_PASSWORD_SINGLE_HASH is set; where it is not, take password out of the file: "
            "everybody sets a new one"
        )
    left = () if is_nothing(given.get("tf_primary_method")) else (FACTOR,)
    return Told(
        {
            "email": given.get("email"),
            "full_name": given.get("name") or name_of(given.get("first_name"), given.get("last_name")),
            "password_hash": hashed,
            "is_active": given.get("active"),
            "email_verified": not is_nothing(given.get("confirmed_at")),
            "created_at": given.get("create_datetime") or given.get("created_at"),
        },
        left,
    )


def _asp_net(given: Record, settled: Settled) -> Told:
    return Told(
        {
            "id": uuid_of(given.get("id")),
            "email": given.get("email"),
            "full_name": given.get("name") or given.get("fullname"),
            "password_hash": given.get("passwordhash"),
            "email_verified": given.get("emailconfirmed"),
            "is_active": False if _lasts(given.get("lockoutend"), settled) else None,
        },
        (FACTOR,) if yes(given.get("twofactorenabled")) else (),
    )


def _laravel(given: Record, _: Settled) -> Told:
    left = () if is_nothing(given.get("two_factor_secret")) else (FACTOR,)
    return Told(
        {
            "email": given.get("email"),
            "full_name": given.get("name"),
            "password_hash": given.get("password"),
            "email_verified": not is_nothing(given.get("email_verified_at")),
            "created_at": given.get("created_at"),
        },
        left,
    )


def _better_auth(given: Record, _: Settled) -> Told:
    left = (FACTOR,) if yes(given.get("twofactorenabled")) else ()
    return Told(
        {
            "email": given.get("email"),
            "full_name": given.get("name"),
            "password_hash": given.get("password"),
            "email_verified": given.get("emailverified"),
            "created_at": given.get("createdat"),
            "is_active": False if yes(given.get("banned")) else None,
        },
        left,
    )


def _plain(tell: Callable[[Record], Told]) -> Callable[[Record, Settled], Told]:
    return lambda given, _: tell(given)


def _rights(given: Record, *names: str) -> tuple[str, ...]:
    """Nobody is an administrator here for having been one of something else."""
    return (RIGHTS,) if any(yes(given.get(name)) for name in names) else ()


def _lasts(until: object, settled: Settled) -> bool:
    """Return whether a ban is still on. What can't be read is one, and so is one where nobody says what time it is."""
    if is_nothing(until):
        return False
    if str(until).strip().lower() in ("infinity", "-infinity"):
        return not str(until).strip().startswith("-")
    moment = read_moment(until)
    return moment is None or settled.now is None or moment > settled.now


FACTOR: Final = exports.FACTOR
RIGHTS: Final = "it isn't an administrator's here (latchkey users create-superuser, or is_superuser in a file of ours)"

SYSTEMS: Final[tuple[System, ...]] = (
    System("cognito", "Cognito", _signs("username attributes", "cognito:username"), _plain(exports.cognito)),
    System("keycloak", "Keycloak", _signs("username enabled", "createdtimestamp", "requiredactions"),
           _plain(exports.keycloak)),
    System("firebase", "Firebase", _signs("localid"), lambda given, said: exports.firebase(given, said.project)),
    System("kratos", "Ory Kratos", _signs("traits schema_id", "traits credentials"), _plain(exports.kratos)),
    System("auth0", "Auth0", _signs("passwordhash email_verified", "user_id email", "user_id identities",
                                    "custom_password_hash email"),
           _plain(exports.auth0)),
    System("ldap", "an LDAP directory", _signs("dn objectclass"), _plain(exports.ldap)),
    System("supabase", "Supabase", _signs("encrypted_password email_confirmed_at",
                                          "encrypted_password raw_user_meta_data"), _supabase),
    System("devise", "Devise", _signs("encrypted_password email"), _devise),
    System("aspnet", "ASP.NET Identity", _signs("passwordhash securitystamp", "passwordhash emailconfirmed"), _asp_net),
    System("wordpress", "WordPress", _signs("user_email user_pass", "user_email user_login"), _wordpress),
    System("drupal", "Drupal", _signs("uid mail pass", "uid mail status"), _drupal),
    System("flask-security", "Flask-Security", _signs("fs_uniquifier password"), _flask_security),
    System("django", "Django", _signs("model fields", "email password date_joined",
                                      "email password is_active last_login", "email password is_staff"), _django),
    System("better-auth", "Better Auth", _signs("email emailverified"), _better_auth),
    System("laravel", "Laravel", _signs("email password remember_token", "email password email_verified_at"), _laravel),
)  # fmt: skip


def by_name(name: str) -> System | None:
    """Return a system by its name."""
    return next((system for system in SYSTEMS if system.name == name), None)


def recognised(members: frozenset[str]) -> System | None:
    """Return the system that writes such members; None where none does for certain."""
    lower = {member.lower() for member in members}
    return next((system for system in SYSTEMS if any(signs <= lower for signs in system.signs)), None)
