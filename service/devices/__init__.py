"""The devices somebody is logged in on: seeing them, ending them, watching them end."""

from service.devices import routes, stream_routes
from service.feature import Feature

FEATURE = Feature(
    name="devices",
    tag="sessions",
    about="Where you are logged in.",
    blueprints=(routes.blueprint, stream_routes.blueprint),
    commands={"sessions": "service.devices.commands:app"},
)
