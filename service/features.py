"""The features of Latchkey, and those that FEATURES names: what the application and the commands are made of.

To take one of ours out, delete its folder and its lines here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sanic import Sanic

from service.admin import FEATURE as ADMIN
from service.audit.catalogue import composed
from service.auth import FEATURE as AUTH
from service.binding import FEATURE as BINDING
from service.confirmations import FEATURE as CONFIRMATIONS
from service.core.http.operations import EVENT_TYPES, VALUES
from service.devices import FEATURE as DEVICES
from service.documents import FEATURE as DOCUMENTS
from service.factors import FEATURE as FACTORS
from service.feature import Feature
from service.feature.loading import load_features
from service.feature.mounting import mount, mount_others
from service.feature.ways import WAYS, misnamed, ways_in
from service.frontend import FEATURE as FRONTEND
from service.jwks import FEATURE as JWKS
from service.keeping import FEATURE as KEEPING
from service.mail_login import FEATURE as MAIL_LOGIN
from service.oauth import FEATURE as OAUTH
from service.offers import FEATURE as OFFERS
from service.ops import FEATURE as OPS
from service.post import FEATURE as POST
from service.providers import FEATURE as PROVIDERS
from service.restores import FEATURE as RESTORES
from service.runtime import settings_of
from service.settings import Settings, load_settings, named_features
from service.settings.checks import ConfigurationError
from service.users import FEATURE as USERS
from service.work import FEATURE as WORK

FEATURES: Final[tuple[Feature, ...]] = (
    KEEPING,  # first: what is open while it serves finds the sessions there
    AUTH,
    BINDING,
    MAIL_LOGIN,
    PROVIDERS,
    OFFERS,
    CONFIRMATIONS,
    USERS,
    DEVICES,
    JWKS,
    OPS,
    OAUTH,
    FACTORS,
    ADMIN,
    POST,
    WORK,
    RESTORES,
    DOCUMENTS,
    FRONTEND,
)


def all_features(names: Sequence[str]) -> tuple[Feature, ...]:
    """Return ours, and behind them those of the modules `names`; raise `ConfigurationError` for a mistake in one."""
    return (*FEATURES, *load_features(names, FEATURES))


def read_settings(**overrides: object) -> Settings:
    """Read the settings, with those of all features; raise `ConfigurationError` with a line for each mistake."""
    return load_settings(settings_of(all_features(named_features(**overrides))), **overrides)


def compose(app: Sanic[Any, Any], settings: Settings, features: Sequence[Feature]) -> None:
    """Add to an application what features serve; raise `ConfigurationError` where one is in another's way."""
    others = features[len(FEATURES) :]
    if mistakes := [f"FEATURES: {mistake}" for mistake in misnamed(settings, others)]:
        raise ConfigurationError(mistakes)
    setattr(app.ctx, VALUES, {EVENT_TYPES: sorted(composed(features))})
    setattr(app.ctx, WAYS, ways_in(settings, features))
    for feature in FEATURES:
        mount(app, settings, feature)
    mount_others(app, settings, others)
