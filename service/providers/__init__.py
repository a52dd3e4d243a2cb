"""Logging in with an account at another provider, linking it, and taking it away again."""

from service.feature import Feature
from service.providers.checks import check_settings, check_up
from service.providers.settings import ProviderSettings

FEATURE = Feature(
    name="providers",
    about="Logging in with an account at another provider, and linking it.",
    checks=(check_up,),
    settings_checks=(check_settings,),
    settings=ProviderSettings,
)
