"""Whatever is stored of a person (R83): what their export shows of it, and what becomes of it when they are deleted.

One table over every column of every table, every member of an event's detail, and every key in Redis. The deletion
reads it (traces.py); tests hold it to the models, to the calls that record events, to the export, and to what is found
in the stores after a deletion. What isn't here is taken from events, whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from service.stores.event_kinds import Event

Taken = Literal["deleted", "cleared", "kept"]


@dataclass(frozen=True, slots=True)
class Stored:
    """One field: under which name the export shows it (None: why not), and what a deletion makes of it."""

    shown: str | None
    taken: Taken
    why: str = ""


def _rows(*shown: str, withheld: Mapping[str, str]) -> dict[str, Stored]:
    """Fields of rows that a deletion deletes: shown by their own names, or withheld with the reason."""
    return {name: Stored(name, "deleted") for name in shown} | {
        name: Stored(None, "deleted", why) for name, why in withheld.items()
    }


_OWNER: Final = "whose it is: the one who reads the export"
_SENDING: Final = "how the sending goes: the operator's"

SECTIONS: Final[Mapping[str, str]] = {
    "users": "user",
    "credentials": "credentials",
    "known_devices": "devices",
    "one_time_tokens": "links",
    "outbox_mails": "letters",
    "registrations": "registrations",
    "security_events": "events",
}
"""Where the rows of a table stand in the export."""

OF_FEATURES: Final[Mapping[str, str]] = {"factor_recoveries": "factors", "identities": "providers"}
"""Tables whose rows stand in the export as what a feature of ours says."""

TABLES: Final[Mapping[str, Mapping[str, Stored]]] = {
    "users": _rows(
        "id", "email", "full_name", "language", "is_active", "is_superuser", "email_verified", "sessions_valid_after",
        "created_at", "updated_at", "last_login_at", "factors",
        withheld={
            "email_canonical": "the address again, as it is compared",
            "credentials_version": "how often what proves the account has changed: the events say when",
        },
    ),
    "credentials": _rows(
        "kind", "label", "created_at", "last_used_at",
        withheld={
            "id": "of the credential", "user_id": _OWNER, "verifier": "could be guessed at",
            "sealed": "opens the account", "counter": "how far a credential that counts has come",
            "used_for": "which log-in a code was used for",
        },
    ),
    # With the rest of second factors, in what features export.
    "passkeys": _rows(
        "rp_id", "backup_eligible", "backed_up", "discoverable", "transports", "aaguid", "suspended_at",
        withheld={
            "credential_id": "of the credential", "raw_id": "what browsers are told to look for",
            "uv_initialised": "how far the passkey is believed",
        },
    ),
    # What the feature exports.
    "identities": _rows(
        "id", "provider", "issuer", "subject", "email", "created_at", "last_used_at", withheld={"user_id": _OWNER}
    ),
    "factor_recoveries": _rows(
        "created_at", "due_at",
        withheld={
            "user_id": _OWNER, "standing": "what it stands on, under a key of the service",
            "next_at": "when a worker looks at it",
        },
    ),
    "known_devices": _rows(
        "id", "network", "user_agent", "first_seen_at", "last_seen_at", "forgotten_at", "name",
        withheld={
            "user_id": _OWNER, "session_id": "which session was the device's last for certain",
            "shared": "whether its cookie may be in several browsers",
        },
    ),
    "one_time_tokens": _rows(
        "purpose", "subject", "created_at", "expires_at",
        withheld={
            "token_hash": "opens the account", "user_id": _OWNER, "held_address": "the subject, as it is compared",
            "by_known_device": "which of two links is kept", "registration_id": "of the registration",
        },
    ),
    "registrations": _rows(
        "created_at", "expires_at",
        withheld={
            "id": "of the registration", "user_id": _OWNER, "hashed_password": "could be guessed at",
            "full_name": "nobody knows yet whose it is", "language": "nobody knows yet whose it is",
        },
    ),
    # The letter that tells of the deletion is there until it is sent.
    "outbox_mails": _rows(
        "letter", "recipient", "language", "state", "created_at", "sent_at",
        withheld={
            "id": "of the letter", "user_id": _OWNER, "values_sealed": "may hold a link; wiped once it is sent",
            "attempts": _SENDING, "due_at": _SENDING, "last_error": _SENDING, "lane": _SENDING, "turn": _SENDING,
            "domain": _SENDING,
        },
    ),
    "mail_budgets": {
        name: Stored(None, "kept", "a time under a keyed hash; it ends by itself") for name in ("key", "full_at")
    },
    "security_events": {
        "id": Stored("id", "kept", "of the event"),
        "type": Stored("type", "kept", "how many log-ins failed that day, not whose"),
        "created_at": Stored("created_at", "kept", "when, not who"),
        "user_id": Stored(None, "cleared", _OWNER),
        "session_id": Stored("session_id", "cleared"),
        "actor_id": Stored(None, "cleared", "who else did it; where the deleted one did it to others, traces.GONE"),
        "ip": Stored("ip", "cleared"),
        "user_agent": Stored("user_agent", "cleared"),
        "request_id": Stored("request_id", "cleared"),
        "detail": Stored("detail", "kept", "by member: the catalogue of events"),
    },
    "unfinished_removals": _rows(
        withheld={"id": "of an account that is gone: until nothing names it any more", "created_at": "when it went"}
    ),
    "jobs": _rows(
        withheld={
            "payload_sealed": "may name an account that is gone: until nothing else does",
            **dict.fromkeys(("id", "kind", "state", "attempts", "due_at", "last_error", "created_at", "every_seconds",
                             "done_at"), "how the work goes: the operator's"),
        }
    ),
    "signing_keys": {
        name: Stored(None, "kept", "the service's own")
        for name in ("kid", "algorithm", "public_jwk", "private_encrypted", "created_at", "active_from", "retired_at")
    },
    "oauth_clients": {
        name: Stored(None, "kept", "a service of the operator's, no user's")
        for name in ("id", "name", "kind", "created_at")
    },
    "oauth_client_secrets": {
        name: Stored(None, "kept", "a service of the operator's, no user's")
        for name in ("id", "client_id", "hash", "created_at", "last_used_at")
    },
    "statistics": {
        name: Stored(None, "kept", "numbers over all users") for name in ("id", "hour", "name", "value")
    },
}  # fmt: skip

OF_THE_ACTOR: Final = ("ip", "user_agent", "request_id")
"""What an event says of whoever did it, where that was somebody else than its user; beside `actor_id`."""


def _details(kept: Iterable[str] = (), cleared: Iterable[str] = ()) -> dict[str, Stored]:
    return {name: Stored(name, "kept", "says nothing of anybody") for name in kept} | {
        name: Stored(name, "cleared") for name in cleared
    }


def details(known: Mapping[str, Event]) -> dict[str, dict[str, Stored]]:
    """Return the members of an event's detail, by its type, as the catalogue of events has them."""
    return {
        name: _details(event.keeps, (*event.clears, *(event.ends.names if event.ends else ())))
        for name, event in known.items()
    }


REDIS: Final[Mapping[str, Mapping[str, Stored]]] = {
    # The names of keys without REDIS_KEY_PREFIX, as patterns, and the fields of a hash.
    "user:{*}:session:*": {
        **{name: Stored(shown, "deleted") for name, shown in (
            ("created_at", "created_at"), ("last_used_at", "last_used_at"), ("expires_at", "expires_at"), ("ip", "ip"),
            ("user_agent", "user_agent"), ("amr", "methods"), ("level", "level"), ("name", "name"),
            ("tag", "bound"), ("jkt", "bound"),
        )},
        **{name: Stored(None, "deleted", "how the session stands") for name in (
            "gen", "prev", "ack", "spare", "rotated_at", "handed_at", "caught_up_at", "valid_from", "auth_at", "proofs",
            "permits2", "factor_at", "phr", "proven_at",
        )},
        "key": Stored(None, "deleted", "the public half of its browser's key"),
    },
    "user:{*}:pending:*": {
        name: Stored(None, "kept", "a log-in under way; it ends by itself within twenty minutes")
        for name in (
            "sid", "proofs", "network", "standing", "valid_from", "ends_at", "attempts", "done_at", "done_by",
        )
    },
    "user:{*}:mail_login:*": {
        "asked": Stored(None, "kept", "who asked for a letter to log in with, sealed; it ends by itself as well"),
        **{name: Stored(None, "kept", "what of that log-in was tried; it ends by itself") for name in ("tries", "way")},
    },
    "user:{*}:provider_link:*": {
        "asked": Stored(None, "kept", "an account at a provider that isn't linked yet, sealed; it ends by itself"),
        **{name: Stored(None, "kept", "what of that was tried; it ends by itself") for name in ("tries", "used")},
    },
    "flow:*": {"": Stored(None, "kept", "a log-in by another provider under way, sealed; it ends by itself")},
    "user:{*}:enrolment:*": {
        name: Stored(None, "kept", "a second factor that isn't set up yet, sealed; it ends by itself")
        for name in ("sealed", "made_for", "valid_from", "ends_at", "attempts")
    },
    "user:{*}:tried:*": {"tries": Stored(None, "kept", "which codes were tried in a log-in; it ends by itself")},
    "user:{*}:trusted:*": {"": Stored("trusted_devices", "deleted", "in the part of the second factors")},
    "user:{*}:sessions": {"": Stored(None, "deleted", "the ids of the sessions, again")},
    "user:{*}:ended:*": {"": Stored(None, "kept", "why a session ended, for seconds; it ends by itself")},
    "throttle:*": {
        name: Stored(None, "kept", "a count under a keyed hash; it ends by itself")
        for name in ("taken", "opens_at", "ends_at")
    },
    "statistics:{events}:waiting": {
        "": Stored(None, "kept", "events that the database couldn't take yet: once it can they are rows")
    },
    "statistics:{events}:lost": {
        name: Stored(None, "kept", "how many events were lost") for name in ("number", "since", "until")
    },
    "statistics:*": {
        "": Stored(None, "kept", "how many sessions an hour had, about; when stores were compared; it ends by itself")
    },
}  # fmt: skip


def cleared(table: str) -> list[str]:
    """Return the columns of a table that a deletion empties."""
    return [name for name, stored in TABLES[table].items() if stored.taken == "cleared"]


def kept_detail(event: Event | None, detail: Mapping[str, object]) -> dict[str, object]:
    """Return of an event's detail what a deletion keeps: of one that isn't in the catalogue, nothing."""
    return {name: value for name, value in detail.items() if event is not None and name in event.keeps}
