"""Domains of which platforms hand out names: nothing wider than such a name can be an RP ID, and nobody takes it along.

Not the Public Suffix List, of which these are a few dozen lines: only where a service such as this one is likely to
run. A name that is missing here costs a warning, and nothing else (docs/decisions/083-names-of-platforms.md).
"""

from __future__ import annotations

from typing import Final

SUFFIXES: Final = frozenset(
    {
        "amplifyapp.com", "appspot.com", "awsapprunner.com", "azurecontainerapps.io", "azurestaticapps.net",
        "azurewebsites.net", "cleverapps.io", "cloudapp.net", "cloudfront.net", "code.run", "deno.dev",
        "duckdns.org", "elasticbeanstalk.com", "firebaseapp.com", "fly.dev", "github.io", "gitlab.io", "glitch.me",
        "herokuapp.com", "koyeb.app", "netlify.app", "ngrok-free.app", "ngrok-free.dev", "ngrok.app", "ngrok.io",
        "northflank.app", "now.sh", "ondigitalocean.app", "onrender.com", "pages.dev", "platformsh.site",
        "pythonanywhere.com", "railway.app", "repl.co", "replit.app", "replit.dev", "run.app", "scalingo.io",
        "surge.sh", "trycloudflare.com", "ts.net", "vercel.app", "web.app", "workers.dev", "zeabur.app",
    }
)  # fmt: skip


def platform_of(domain: str) -> str | None:
    """Return the platform's domain that `domain` is, or is below; None where it is of no platform known here."""
    labels = domain.lower().rstrip(".").split(".")
    above = (".".join(labels[start:]) for start in range(len(labels)))
    return next((name for name in above if name in SUFFIXES), None)
