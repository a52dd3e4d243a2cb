"""Settings whose names another one says: `PROVIDERS=corp` is what makes PROVIDER_CORP_ID one.

They become fields of the class of all settings like any others, so that they are read from the environment and `.env`,
tidied, checked, told and hidden as those are.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource


@dataclass(frozen=True, slots=True)
class Pattern:
    """What the README says of such settings: a name with a gap, the default, what they are for."""

    name: str
    default: str
    about: str


class NamingSettings(BaseSettings, defer_build=True):
    """Settings of a topic that name further ones."""

    @classmethod
    @abstractmethod
    def patterns(cls) -> Sequence[Pattern]:
        """Return what can be named."""

    @abstractmethod
    def named(self) -> type[BaseSettings]:
        """Return the class of those that these name: the same for the same."""

    @abstractmethod
    def strays(self, names: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return a line for each name that is meant to be one of them and is none, and for each that none names.

        The first are mistakes. The others may be left over, of what is switched off.
        """


def given_names(settings: type[BaseSettings], overrides: Mapping[str, object]) -> set[str]:
    """Return every name that has a value, in the environment, in `.env` or in a call, in capitals.

    Raises what reading a file raises.
    """
    file = overrides.get("_env_file", settings.model_config.get("env_file"))
    sources = [EnvSettingsSource(settings)]
    if file:
        sources.append(DotEnvSettingsSource(settings, env_file=str(file)))
    found = {name.upper() for source in sources for name in source.env_vars}
    return found | {name.upper() for name in overrides if not name.startswith("_")}
