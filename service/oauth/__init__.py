"""OAuth 2's own calls: tokens by forms, revocation, introspection; what other services hear of sessions that end."""

from service.feature import Feature
from service.oauth import token_routes

FEATURE = Feature(
    name="oauth",
    about="For libraries that speak OAuth 2, and for services that ask whether a token is good.",
    blueprints=(token_routes.blueprint,),
)
