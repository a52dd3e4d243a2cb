"""Looking over the whole service, for administrators."""

from service.admin import commands, events_routes, statistics, statistics_routes
from service.admin.catalogue import EVENTS
from service.feature import Background, Feature

FEATURE = Feature(
    name="admin",
    about="The record and the numbers, for superusers.",
    blueprints=(events_routes.blueprint, statistics_routes.blueprint),
    commands={"explain": commands.explain, "events": commands.app},
    background=(Background(statistics.SECONDS, statistics.flush),),
    events=EVENTS,
)
