"""Profiles, and the administration of users."""

from service.feature import Feature
from service.users import admin_routes, commands, routes

FEATURE = Feature(
    name="users",
    about="Yourself, and for superusers everybody.",
    blueprints=(routes.blueprint, admin_routes.blueprint),
    commands={"users": commands.app},
)
