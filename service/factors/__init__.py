"""Second factors: an app for codes, passkeys, recovery codes, devices that aren't asked; set up, shown, taken away."""

from service.factors import (
    admin_routes,
    door_routes,
    own_routes,
    passkey_checks,
    passkey_routes,
    passkeys_shown,
    recovering,
    recovery_routes,
    registering_routes,
    trust,
)
from service.factors.checks import check_up
from service.feature import Feature

FEATURE = Feature(
    name="factors",
    about="Second factors and passkeys: setting them up, showing them, recovery codes, trusted devices.",
    blueprints=(
        door_routes.blueprint,
        own_routes.blueprint,
        recovery_routes.blueprint,
        passkey_routes.blueprint,
        registering_routes.blueprint,
        passkey_routes.well_known,
        admin_routes.blueprint,
    ),
    jobs=recovering.KINDS,
    checks=(check_up, passkey_checks.check_up),
    ways=passkeys_shown.ways,
    exported=trust.exported,
    deleted=trust.deleted,
)
