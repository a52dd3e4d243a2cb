"""Everything that our features and the rooms below them bring, put together."""

from __future__ import annotations

from typing import Final

from service.audit.catalogue import composed
from service.feature.ways import ways_in
from service.features import FEATURES, read_settings
from service.jobs.kinds import Kind
from service.runtime import settings_of
from service.settings import Settings, settings_with
from service.stores.letter_kinds import LETTERS as OF_NONE
from service.stores.letter_kinds import Letter

EVENTS: Final = composed(FEATURES)
KINDS: Final[tuple[Kind, ...]] = tuple(kind for feature in FEATURES for kind in feature.jobs)
LETTERS: Final[tuple[Letter, ...]] = (*OF_NONE, *(letter for feature in FEATURES for letter in feature.letters))
SETTINGS: Final[type[Settings]] = settings_with(settings_of(FEATURES))
WAYS: Final = ways_in(read_settings(EMAIL_SIGN_IN="both", _env_file=None), FEATURES)
