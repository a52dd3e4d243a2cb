"""The published key set, and the change of signing keys."""

from service.feature import Feature
from service.jwks import catalogue, metadata_routes, routes

FEATURE = Feature(
    name="jwks",
    tag="operations",
    blueprints=(routes.blueprint, metadata_routes.blueprint),
    commands={"keys": "service.jwks.commands:app"},
    events=catalogue.EVENTS,
)
