"""Profiles, and the administration of users."""

from service.feature import Feature
from service.users import admin_routes, commands, identity_routes, last_logins, list_routes, routes
from service.users.catalogue import EVENTS

FEATURE = Feature(
    name="users",
    about="Yourself, and for superusers everybody.",
    blueprints=(routes.blueprint, list_routes.blueprint, admin_routes.blueprint, identity_routes.blueprint),
    commands={"users": commands.app},
    jobs=last_logins.KINDS,
    events=EVENTS,
)
