"""Letters of one's own: `tell` writes one to a user, in the transaction of what it tells of; a worker sends it."""

from service.letters.links import page
from service.letters.notices import tell
from service.stores.letter_kinds import Letter, moment

__all__ = ["Letter", "moment", "page", "tell"]
