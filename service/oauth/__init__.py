"""OAuth 2's own calls: tokens by forms, revocation, introspection; what other services hear of sessions that end."""

from service.feature import Background, Feature
from service.oauth import catalogue, forward_routes, introspection_routes, revocation_routes, token_routes, uses
from service.oauth.checks import check_up
from service.oauth.settings import OAuthSettings

FEATURE = Feature(
    name="oauth",
    about="For libraries that speak OAuth 2, and for services that ask whether a token is good.",
    blueprints=(
        token_routes.blueprint,
        introspection_routes.blueprint,
        revocation_routes.blueprint,
        forward_routes.blueprint,
    ),
    mount=revocation_routes.follow,
    commands={"clients": "service.oauth.commands:app"},
    checks=(check_up,),
    events=catalogue.EVENTS,
    settings=OAuthSettings,
    background=(Background(uses.SECONDS, uses.write),),
)
