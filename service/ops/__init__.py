"""Health, for platforms and load balancers; metrics; the check-up of settings and stores."""

from service.feature import Background, Feature
from service.ops import metrics_routes, routes, sampling
from service.ops.doctor import check_up

FEATURE = Feature(
    name="ops",
    tag="operations",
    about="For load balancers, for services that verify tokens, for tools.",
    blueprints=(routes.blueprint,),
    mount=metrics_routes.offer_metrics,
    checks=(check_up,),
    background=(
        Background(sampling.SECONDS, sampling.sample),
        Background(sampling.JOBS_SECONDS, sampling.sample_jobs_once),
    ),
)
