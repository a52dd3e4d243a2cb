"""Events of one's own: told, listed, exported and forgotten like Latchkey's."""

from service.audit.events import record
from service.stores.event_kinds import Event, Words

__all__ = ["Event", "Words", "record"]
