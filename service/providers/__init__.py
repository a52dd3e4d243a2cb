"""Logging in with an account at another provider, linking it, and taking it away again."""

from service.feature import Feature
from service.providers.settings import ProviderSettings

FEATURE = Feature(
    name="providers",
    about="Logging in with an account at another provider, and linking it.",
    settings=ProviderSettings,
)
