"""Checks that need no store: secrets, origins, addresses, proxies (SECURITY.md R42, R54, R65, R66)."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit

from service.core.http.networks import is_loopback
from service.core.redis.tls import trust
from service.core.wire.descriptors import FEW, room
from service.feature.findings import Finding, error, ok, warning
from service.ops import letters
from service.ops.facts import Facts
from service.settings.guessing import DEVELOPMENT_SECRET, RANDOM_BITS, estimated_bits, flaw
from service.stores.keyring import FIX

_NEW_SECRET = "Set SECRET_KEY to the output of `openssl rand -base64 48`."  # noqa: S105 - an advice
GRPC_PORT, _HTTP_PORT = 4317, 4318
YEAR_SECONDS = 31_536_000
_LOCAL = ("localhost", "127.0.0.1", "::1")


def secret_strength(facts: Facts) -> Finding:
    """R42: no secret that a person made up or a document shows."""
    name, settings = "secret", facts.settings
    if not settings.production:
        return ok(name, "Secrets are not judged outside production.")
    for place, secret in enumerate(settings.secrets, start=1):
        if known := flaw(secret):
            return error(name, f"Secret {place} of SECRET_KEY {known}.", _NEW_SECRET)
        if (bits := estimated_bits(secret)) < RANDOM_BITS:
            return error(name, f"Secret {place} of SECRET_KEY can be guessed: about {bits:.0f} bits.", _NEW_SECRET)
    return ok(name, f"SECRET_KEY has {len(settings.secrets)} secret(s) that look random.")


def secret_fits(facts: Facts) -> Finding | None:
    """R42: SECRET_KEY is the one that belongs to this database; with another one everybody is logged out."""
    name = "secret_fits"
    if facts.keys is None:
        return None
    good, closed = facts.keys
    if closed and not good:
        says = f"SECRET_KEY opens none of the {closed} signing key(s) of this database: it is another one's."
        return (warning if facts.settings.NEW_SECRET else error)(name, says, f"{FIX}.")
    if good and facts.settings.NEW_SECRET:
        return warning(name, "NEW_SECRET is still set: a wrong SECRET_KEY would pass.", "Take NEW_SECRET away.")
    return ok(name, "SECRET_KEY opens what was sealed." if good else "Nothing is sealed under any SECRET_KEY yet.")


def late_letters(facts: Facts) -> Finding | None:
    """What is written gets out."""
    if facts.database_outage or facts.schema.pending:
        return None
    return letters.letters(facts.settings, facts.letters)


def files(facts: Facts) -> Finding:
    """R66: what holds secrets is for its owner's eyes only."""
    if not facts.exposed_files:
        return ok("files", "No file with secrets is open to other users of this machine.")
    names = " ".join(facts.exposed_files)
    return warning("files", f"Other users of this machine can read {names}.", f"`chmod -f 600 {names}`")


def origins(facts: Facts) -> Finding:
    """R54: in production every front end is elsewhere than on a developer's desk. (Without https none is taken.)"""
    name, settings = "cors", facts.settings
    if not settings.production:
        return ok(name, "Origins are not judged outside production.")
    local = [origin for origin in settings.BACKEND_CORS_ORIGINS if urlsplit(origin).hostname in _LOCAL]
    if local:
        return warning(
            name,
            f"{local[0]} may call: any program on a user's own machine can serve a page there.",
            "Name only your front ends, such as https://app.example.com, in BACKEND_CORS_ORIGINS.",
        )
    return ok(name, f"{len(settings.BACKEND_CORS_ORIGINS)} origin(s) may call, all on https.")


def reach(facts: Facts) -> Finding:
    """R66, R67: what is set up for one developer's machine is reached from there only."""
    name, settings = "host", facts.settings
    if settings.production or is_loopback(settings.HOST):
        return ok(name, f"The service listens on {settings.HOST}, and ENVIRONMENT is {settings.ENVIRONMENT}.")
    fix = "Set HOST=127.0.0.1; or, where others are to reach it, ENVIRONMENT=production and a SECRET_KEY of your own."
    says = f"ENVIRONMENT is development and HOST is {settings.HOST}: everybody in reach meets a service without guards"
    if DEVELOPMENT_SECRET in settings.secrets:
        return error(name, f"{says}, and its SECRET_KEY stands in the source for all to read.", fix)
    return warning(name, f"{says}. Letters are in its log; /api/dev/mail is shown to this machine only.", fix)


def proxies(facts: Facts) -> Finding:
    """R65: as many proxies are trusted as there are."""
    name, settings = "proxies", facts.settings
    if "DYNO" in facts.environment and settings.PROXIES_COUNT == 0:
        return error(
            name,
            "This is Heroku, and PROXIES_COUNT is 0: every client seems to have the router's address.",
            "Set PROXIES_COUNT=1.",
        )
    if "DYNO" in facts.environment and settings.PROXIES_COUNT > 1:
        return warning(
            name,
            f"This is Heroku, and PROXIES_COUNT is {settings.PROXIES_COUNT}: clients may choose their address.",
            "Set PROXIES_COUNT=1, unless a proxy of your own stands in front of Heroku's router.",
        )
    if settings.production and settings.PROXIES_COUNT == 0 and settings.PUBLIC_URL.startswith("https:"):
        return warning(
            name,
            "PUBLIC_URL is https, so a proxy stands in front, and PROXIES_COUNT is 0: all clients look like it.",
            "Set PROXIES_COUNT to how many of your proxies append to X-Forwarded-For.",
        )
    return ok(name, f"The addresses of {settings.PROXIES_COUNT} proxies are trusted.")


def strict_transport(facts: Facts) -> Finding | None:
    """R55: browsers that were here once don't come in clear again."""
    name, settings = "hsts", facts.settings
    if not settings.production:
        return None
    if settings.HSTS_SECONDS < YEAR_SECONDS:
        days = settings.HSTS_SECONDS // 86_400
        said = f"for {days} day(s) only" if settings.HSTS_SECONDS else "no more"
        return warning(
            name,
            f"Browsers are told to come by https {said}: a first call in clear can be read, and answered, in between.",
            "Set HSTS_SECONDS to 31536000 or more once https works for good, or take it away.",
        )
    host = urlsplit(settings.PUBLIC_URL).hostname
    below = f", to {host} and every name below it" if settings.HSTS_SUBDOMAINS else f", to {host}"
    return ok(name, f"Browsers come by https alone for {settings.HSTS_SECONDS // 86_400} days{below}.")


def traces(facts: Facts) -> Finding | None:
    """R73: where somebody wants traces, they can be made, and go to where they are understood."""
    name, target = "tracing", facts.settings.traces_go_to
    if not target:
        return None
    shown = f"Traces go to {target}"
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        return warning(name, f"{shown}, but nothing here makes any.", "Install the extra `tracing`.")
    if urlsplit(target).port == GRPC_PORT:
        return warning(
            name,
            f"{shown}, as http/protobuf, and at {GRPC_PORT} collectors mostly speak grpc: then none arrives.",
            f"Give the port for http/protobuf: {_HTTP_PORT}, as a rule.",
        )
    return ok(name, f"{shown}.")


def file_descriptors(facts: Facts) -> Finding:
    """R82: a connection takes a descriptor, and so does everything else."""
    name, limit = "descriptors", facts.descriptors
    if limit < FEW:
        found = room(facts.settings.DATABASE_POOL_SIZE + facts.settings.REDIS_POOL_SIZE, limit)
        return warning(
            name,
            f"A process may have {limit} file descriptors: room for about {found.connections} connections.",
            f"Allow {FEW} or more: `ulimit -n`, LimitNOFILE= of systemd, --ulimit nofile= of Docker.",
        )
    return ok(name, f"A process may have {limit} file descriptors.")


def redis_tls(facts: Facts) -> Finding | None:
    """Who answers at REDIS_URL is known to be Redis."""
    name = "redis_tls"
    pin = f"Set REDIS_TLS_FINGERPRINT={facts.fingerprint} if that is your server's" if facts.fingerprint else ""
    match trust(facts.settings):
        case "none":
            return None
        case "off":
            return warning(
                name,
                "REDIS_URL is rediss:// but nobody's certificate is checked: whoever poses as Redis is let in.",
                f"{pin or 'Set REDIS_TLS_CA or REDIS_TLS_FINGERPRINT'}, and take REDIS_TLS_VERIFY=off away.",
            )
        case _ if facts.redis_outage and facts.fingerprint and _is_about_trust(facts.redis_outage):
            return error(name, f"Redis's certificate is not trusted: {facts.redis_outage}.", f"{pin}.")
        case _ if facts.redis_outage:
            return None
        case "pinned":
            return ok(name, "Redis's certificate is the one expected.")
        case _:
            return ok(name, "Redis's certificate is checked.")


def mail_tls(facts: Facts) -> Finding | None:
    """Who takes the letters is known to be the mail server."""
    name, settings = "mail_tls", facts.settings
    if not settings.SMTP_URL.startswith(("smtp:", "smtps:")):
        return None
    if settings.SMTP_URL.endswith("starttls=off"):
        return warning(
            name,
            "Letters go to the mail server in clear (?starttls=off): whoever is in between reads every link.",
            "Take ?starttls=off away; a relay's own certificate is named by SMTP_TLS_CA or SMTP_TLS_FINGERPRINT.",
        )
    if settings.SMTP_TLS_VERIFY == "off" and not settings.SMTP_TLS_FINGERPRINT:
        return warning(
            name,
            "Nobody looks at the mail server's certificate: whoever poses as it reads every link.",
            "Set SMTP_TLS_CA or SMTP_TLS_FINGERPRINT, and take SMTP_TLS_VERIFY=off away.",
        )
    return ok(name, "The mail server's certificate is checked where there is TLS.")


def _is_about_trust(outage: str) -> bool:
    return any(word in outage for word in ("CERTIFICATE", "certificate"))
