"""What no request waits for, done: letters, and jobs of every kind; beside the requests, or by `latchkey worker`."""

from service.feature import Feature
from service.work import worker
from service.work.kinds import KINDS
from service.work.settings import WorkSettings

FEATURE = Feature(
    name="work",
    commands={"worker": "service.work.commands:work", "jobs": "service.work.commands:app"},
    alongside=worker.alongside,
    jobs=KINDS,
    settings=WorkSettings,
)
