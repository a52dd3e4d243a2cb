"""The published key set, and the change of signing keys."""

from service.feature import Feature
from service.jwks import catalogue, commands
from service.jwks.routes import blueprint

FEATURE = Feature(
    name="jwks",
    tag="operations",
    blueprints=(blueprint,),
    commands={"keys": commands.app},
    events=catalogue.EVENTS,
)
