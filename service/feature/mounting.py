"""An application's routes, added feature by feature; those of others stay out of everybody's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic_routing.exceptions import BaseException as RoutingException
from sanic_routing.route import Route

from service.core.http.openapi import examine
from service.core.http.operations import ABOUT, TAGS
from service.feature import Feature
from service.settings import Settings
from service.settings.checks import ConfigurationError

PREFIX: Final = "/api/"
_THE_REST: Final = ":path>"


@dataclass(frozen=True, slots=True)
class Served:
    """A route: its name, the template of its path, its methods."""

    name: str
    path: str
    methods: frozenset[str]


def mount(app: Sanic[Any, Any], settings: Settings, feature: Feature) -> None:
    """Add what one of our features serves, and what the documents say of it."""
    before = set(app.blueprints)
    for blueprint in feature.blueprints:
        app.blueprint(blueprint)
    if feature.mount is not None:
        feature.mount(app, settings)
    tag = feature.tag or feature.name
    _noted(app, TAGS).update(dict.fromkeys(app.blueprints.keys() - before, tag))
    if feature.about:
        _noted(app, ABOUT).setdefault(tag, feature.about)


def mount_others(app: Sanic[Any, Any], settings: Settings, features: Sequence[Feature]) -> None:
    """Add what features of others serve, each under /api/ and at paths that nobody has.

    Raises `ConfigurationError` with a line for each mistake.
    """
    mistakes: list[str] = []
    for feature in features:
        before = routes(app)
        taken = sorted({route.path for route in before})
        try:
            mount(app, settings, feature)
        except (SanicException, RoutingException, AssertionError) as error:  # the last: two blueprints of one name
            mistakes.append(f"{feature.name} can't be served: {' '.join(str(error).split())}")
            continue
        mistakes += [f"{feature.name} {mistake}" for mistake in _misdescribed(app, before)]
        names = Counter(route.name for route in routes(app))
        mistakes += [
            f"{feature.name} has {times} routes called {name.partition('.')[2]}: give each a `name`"
            for name, times in names.items()
            if times > 1
        ]
        for path in sorted({route.path for route in routes(app) - before}):
            if not path.startswith(PREFIX):
                mistakes.append(f"{feature.name} serves {path}: its routes have to be under {PREFIX}")
            elif others := [other for other in taken if overlap(path, other)]:
                other = path if path in others else others[0]
                mistakes.append(f"{feature.name} serves {path}, but {other} is there already")
    if mistakes:
        raise ConfigurationError([f"FEATURES: {mistake}" for mistake in mistakes])


def routes(app: Sanic[Any, Any]) -> set[Served]:
    """Return the routes of an application."""
    return {_served(route) for group in app.router.groups.values() for route in group.routes}


def _served(route: Route) -> Served:
    return Served(route.name, f"/{route.path.strip('/')}", frozenset(route.methods))


def _misdescribed(app: Sanic[Any, Any], before: Collection[Served]) -> Iterator[str]:
    """Find what is wrong with what new routes say of themselves: until the document is built nobody would notice."""
    for group in app.router.groups.values():
        for route in group.routes:
            served = _served(route)
            if served in before:
                continue
            try:
                examine(route.handler)
            except ValueError as error:  # pydantic's is one, too
                yield f"says of {served.path} what isn't so: {' '.join(str(error).split())}"


def overlap(one: str, other: str) -> bool:
    """Return whether a path could be meant by both templates: `/users/count` by `/users/<id>`, too."""
    for ours, theirs in zip_longest(one.strip("/").split("/"), other.strip("/").split("/"), fillvalue=""):
        if ours.endswith(_THE_REST) or theirs.endswith(_THE_REST):
            return bool(ours and theirs)
        if not ours or not theirs or not (ours == theirs or ours.startswith("<") or theirs.startswith("<")):
            return False
    return True


def _noted(app: Sanic[Any, Any], what: str) -> dict[str, str]:
    """Return what an application keeps for its documents."""
    found: dict[str, str] | None = getattr(app.ctx, what, None)
    if found is None:
        found = {}
        setattr(app.ctx, what, found)
    return found
