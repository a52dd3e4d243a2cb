"""Health, for platforms and load balancers; metrics; the check-up of settings and stores."""

from service.feature import Background, Feature
from service.ops import metrics_routes, routes, sampling, sampling_stores, sampling_work
from service.ops.doctor import check_up, examine_settings

FEATURE = Feature(
    name="ops",
    tag="operations",
    about="For load balancers, for services that verify tokens, for tools.",
    blueprints=(routes.blueprint,),
    mount=metrics_routes.offer_metrics,
    commands={"top": "service.ops.commands:top"},
    checks=(check_up,),
    settings_checks=(examine_settings,),
    background=(
        Background(sampling.SECONDS, sampling.sample, workers=True),
        Background(sampling.LAG_SECONDS, sampling.sample_lag, workers=True),
        Background(sampling_work.SECONDS, sampling_work.sample_jobs_once, workers=True),
        Background(sampling_stores.SECONDS, sampling_stores.sample_stores_once, workers=True),
        Background(sampling_stores.READY_SECONDS, sampling_stores.sample_readiness_once),
    ),
)
