"""Which other providers one can log in with, and what that does here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, create_model
from pydantic_settings import BaseSettings, NoDecode

from service.providers.given import ID, MEMBERS, SUFFIXES, fields_of
from service.settings import checks as check
from service.settings.further import NamingSettings, Pattern

_OF_ONE: Final = re.compile(r"PROVIDER_([A-Z][A-Z0-9]*)_([A-Z0-9_]+)", re.ASCII)


def _check_ids(names: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(name.lower() for name in names)
    for name in found:
        if not ID.fullmatch(name):
            raise ValueError("each is a name of a letter and then letters and digits, at most 31: google, github, corp")
    if len(set(found)) != len(found):
        raise ValueError("a provider is named twice")
    return found


class NamedProviders(NamingSettings, defer_build=True):
    """Which other providers one can log in with: each brings settings of its own."""

    PROVIDERS: Annotated[tuple[str, ...], NoDecode, BeforeValidator(check.split_list), AfterValidator(_check_ids)] = (
        Field(
            default=(),
            description="Other providers that one can log in with, comma-separated, in the order in which they are "
            "offered: `google`, `github`, `microsoft`, `apple`; any other name is an OpenID provider of your choice. "
            "Each has settings of its own, such as `PROVIDER_GOOGLE_ID`.",
        )
    )

    @classmethod
    def patterns(cls) -> Sequence[Pattern]:
        """Return what each provider has, of its kind."""
        return [
            Pattern(
                f"PROVIDER_<P>_{member.suffix}",
                str(member.default).lower() if isinstance(member.default, bool) else member.default,
                member.about,
            )
            for member in MEMBERS
        ]

    def named(self) -> type[BaseSettings]:
        """Return the class of the settings of all providers that are named."""
        return _settings_of(self.PROVIDERS)

    def strays(self, names: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return a line for each name that is no setting of a provider's, and for each of one that isn't named."""
        known = self.named().model_fields
        wrong: list[str] = []
        left: list[str] = []
        for name in sorted(names):
            found = _OF_ONE.fullmatch(name)
            if found is None or name in known:
                continue
            provider = found[1].lower()
            if provider not in self.PROVIDERS:
                left += [f"{name}: PROVIDERS doesn't name {provider}"] if found[2] in SUFFIXES else []
            elif found[2] in SUFFIXES:
                wrong.append(f"{name}: {provider} has no such setting; leave it out")
            else:
                from difflib import get_close_matches  # for mistakes alone

                near = get_close_matches(name, known, n=1)
                wrong.append(f"{name}: there is no such setting{f'; {near[0]} is one' if near else ''}")
        return wrong, left


class ProviderSettings(NamedProviders, defer_build=True):
    """Which other providers one can log in with, and what that does here."""

    PROVIDER_LINKING: Literal["confirm", "verified"] = Field(
        default="confirm",
        description="Who comes from a provider with the address of an account has to show that it is theirs; with "
        "`verified` it is enough that the provider vouches for the address.",
    )
    REGISTER_BY_PROVIDER: bool = Field(
        default=True, description="Who comes from a provider with an address that has no account gets one."
    )


@lru_cache(maxsize=64)  # a process has one; tests have many
def _settings_of(providers: tuple[str, ...]) -> type[BaseSettings]:
    fields = dict(each for provider in providers for each in fields_of(provider))
    made: type[BaseSettings] = create_model(  # type: ignore[call-overload]  # made of what is set
        "OfProviders", __base__=BaseSettings, __cls_kwargs__={"defer_build": True}, **fields
    )
    made.__doc__ = "What is set of each provider."
    return made
