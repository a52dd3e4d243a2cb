"""Events of accounts at other providers: linked, unlinked, refused."""

from __future__ import annotations

from typing import Final

from service.errors.end_reasons import EndReason
from service.stores.event_kinds import Ending, Event, Words

PROVIDER_LINKED: Final = Event(
    "provider.linked",
    "Account at a provider linked",
    Words(
        "{Account} was linked by {who}{where}: it opens this one.",
        "{Account} wurde durch {who} verknüpft{where}: Es öffnet dieses.",
    ),
    "an account at another provider (`provider`, as `PROVIDERS` calls it) opens this one from now on; `by` an "
    "`operator` where it came with an import",
    with_change=True,
    tone="good",
    keeps=("provider", "by"),
)
PROVIDER_UNLINKED: Final = Event(
    "provider.unlinked",
    "Account at a provider unlinked",
    Words(
        "{Account} was unlinked by {who}{where}, and every other session ended.",
        "{Account} wurde durch {who} getrennt{where}, und alle anderen Sitzungen wurden beendet.",
    ),
    "an account at another provider opens this one no more; other sessions, log-ins under way and trusted devices "
    "ended. `by` an `administrator` (`actor_id`) or `operator`: then all sessions did; `reason` is what was given",
    with_change=True,
    tone="warning",
    ends=Ending(
        "others",
        EndReason.OTHERS_ENDED,
        by="by",
        reasons=dict.fromkeys(("administrator", "operator"), EndReason.ENDED_BY_ADMINISTRATOR),
    ),
    told_of={
        EndReason.ENDED_BY_ADMINISTRATOR: Words(
            "{Account} was unlinked by {who}{where}, and every session ended.",
            "{Account} wurde durch {who} getrennt{where}, und alle Sitzungen wurden beendet.",
        )
    },
    keeps=("provider", "by"),
    clears=("reason",),
)
PROVIDER_REFUSED: Final = Event(
    "provider.refused",
    "Account at a provider not let in",
    Words("{Account} wasn't let in{where}: {why}.", "{Account} wurde nicht eingelassen{where}: {why}."),
    "somebody came from another provider (`provider`) and wasn't let in. `why`: the address is `unvouched` for, the "
    "account here is `not_linked` yet, the provider `failed`, its `answer` was no good, it makes no accounts "
    "(`registration`), or it was to be linked and is `taken`: it opens another account",
    with_change=False,
    tone="warning",
    keeps=("provider", "why"),
    anybodys=True,
    spelt={
        "why": {
            "unvouched": Words("its address isn't vouched for", "für seine Adresse bürgt niemand"),
            "not_linked": Words(
                "it isn't linked to the account with its address, which has to be shown first",
                "es ist mit dem Konto seiner Adresse nicht verknüpft, und das muss erst gezeigt werden",
            ),
            "failed": Words(
                "the provider didn't answer as it should", "der Anbieter hat nicht geantwortet, wie er sollte"
            ),
            "answer": Words(
                "what the browser brought from there was no good", "was der Browser von dort brachte, gilt nicht"
            ),
            "registration": Words(
                "it has no account here, and none is made that way",
                "es hat hier kein Konto, und so entsteht auch keines",
            ),
            "taken": Words("it opens another account here", "es öffnet hier ein anderes Konto"),
        }
    },
)
