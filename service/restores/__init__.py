"""What a restored backup means: noticed, looked at, and made safe."""

from service.feature import Feature
from service.restores import catalogue, comparing
from service.restores.checking import check_up

FEATURE = Feature(
    name="restores",
    commands={"restore": "service.restores.commands:app"},
    checks=(check_up,),
    jobs=comparing.KINDS,
    events=catalogue.EVENTS,
)
