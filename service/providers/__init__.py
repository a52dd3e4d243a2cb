"""Logging in with an account at another provider, linking it, and taking it away again."""

from service.feature import Feature
from service.providers import link_routes, own_routes, routes
from service.providers.catalogue import LETTERS
from service.providers.checks import check_settings, check_up
from service.providers.offer import ways
from service.providers.own import exported
from service.providers.settings import ProviderSettings

FEATURE = Feature(
    name="providers",
    about="Logging in with an account at another provider, linking it, and taking it away again.",
    blueprints=(link_routes.blueprint, routes.blueprint, own_routes.blueprint),
    checks=(check_up,),
    settings_checks=(check_settings,),
    letters=LETTERS,
    settings=ProviderSettings,
    ways=ways,
    exported=exported,
)
