"""Sessions in a browser, bound to a key that it can't give away (Device Bound Session Credentials)."""

from service.binding.checks import check_settings
from service.binding.routes import blueprint
from service.feature import Feature

FEATURE = Feature(
    name="binding",
    tag="auth",
    about="Registering, logging in, and what keeps a session or ends it.",
    blueprints=(blueprint,),
    settings_checks=(check_settings,),
)
