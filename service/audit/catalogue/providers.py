"""Events of accounts at other providers: linked, taken away again, sent back."""

from __future__ import annotations

from typing import Final

from service.errors.end_reasons import EndReason
from service.stores.event_kinds import Ending, Event, Words

PROVIDER_LINKED: Final = Event(
    "provider.linked",
    "Account at another provider linked",
    Words(
        "An account at another provider opens this one from now on{where}: {provider}.",
        "Ein Konto bei einem anderen Anbieter öffnet dieses von nun an{where}: {provider}.",
    ),
    "an account at another provider (`provider`) opens the account from now on; `by` an "
    "`operator`, where it wasn't the user",
    with_change=True,
    tone="good",
    keeps=("provider", "by"),
)
PROVIDER_UNLINKED: Final = Event(
    "provider.unlinked",
    "Account at another provider taken away",
    Words(
        "An account at another provider doesn't open this one any more{where}: {provider}. Every other session ended.",
        "Ein Konto bei einem anderen Anbieter öffnet dieses nicht mehr{where}: {provider}. Alle anderen Sitzungen "
        "wurden beendet.",
    ),
    "an account at another provider (`provider`) doesn't open the account any more; other sessions, log-ins under way "
    "and trusted devices ended",
    with_change=True,
    tone="warning",
    ends=Ending("others", EndReason.OTHERS_ENDED),
    keeps=("provider", "by"),
)
PROVIDER_REFUSED: Final = Event(
    "provider.refused",
    "Log-in by another provider stopped",
    Words(
        "A log-in by another provider came to nothing{where}: {provider} ({why}).",
        "Eine Anmeldung über einen anderen Anbieter führte zu nichts{where}: {provider} ({why}).",
    ),
    "somebody came from another provider (`provider`) and wasn't let in at once; `why`: nobody vouches for their "
    "address (`unvouched`), the account has to be shown to be theirs (`not_linked`), the provider `failed`, its "
    "`answer` was no good, nobody registers so (`registration`), it opens another account (`taken`)",
    with_change=False,
    keeps=("provider", "why"),
    anybodys=True,
)
