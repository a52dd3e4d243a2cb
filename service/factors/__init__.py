"""The second factor: an app that shows codes, recovery codes, devices that aren't asked; set up, shown, taken away."""

from service.factors import admin_routes, door_routes, own_routes, trust
from service.factors.checks import check_up
from service.feature import Feature

FEATURE = Feature(
    name="factors",
    about="The second factor: setting it up, showing it, recovery codes, trusted devices.",
    blueprints=(door_routes.blueprint, own_routes.blueprint, admin_routes.blueprint),
    checks=(check_up,),
    exported=trust.exported,
    deleted=trust.deleted,
)
