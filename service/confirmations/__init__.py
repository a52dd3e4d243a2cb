"""What is done with a link from a letter: confirming an address, another address, another password."""

from service.confirmations import routes, well_known_routes
from service.feature import Feature

FEATURE = Feature(
    name="confirmations",
    tag="account",
    about="Passwords and addresses: asking for letters, and what their links lead to.",
    blueprints=(routes.blueprint, well_known_routes.blueprint),
)
