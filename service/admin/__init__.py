"""Looking over the whole service, for administrators."""

from service.admin import (
    events_routes,
    statistics,
    statistics_routes,
    work,
)
from service.admin.catalogue import EVENTS
from service.audit import late
from service.feature import Background, Feature

FEATURE = Feature(
    name="admin",
    about="The record and the numbers, for superusers.",
    blueprints=(events_routes.blueprint, statistics_routes.blueprint),
    commands={
        "explain": "service.admin.commands:explain",
        "events": "service.admin.event_commands:app",
        "throttles": "service.admin.throttle_commands:app",
    },
    background=(Background(statistics.SECONDS, statistics.flush_and_show), Background(late.SECONDS, late.store_later)),
    events=EVENTS,
    jobs=work.KINDS,
)
