"""Letters that no secret opens any more, written anew: those that say nothing but a link.

What a letter said is lost with the secret it was sealed under. Of one that somebody asked for that is a token which was
good for nothing before the letter went: another one does as well. What any other said (when, where, from which device)
nobody knows any more: its recipient is to be told by whoever runs the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import OutboxMail
from service.core.sql.transactions import transaction
from service.letters import typed
from service.runtime import Runtime
from service.stores.letter_kinds import Letter


@dataclass(frozen=True, slots=True)
class Rewritten:
    """How many were written anew, and those that can't be."""

    written: int
    left: Sequence[OutboxMail]


@dataclass(frozen=True, slots=True)
class WrongSecret:
    """SECRET_KEY opens nothing of this database: nothing was done, for it may be what is wrong."""


async def rewrite(runtime: Runtime) -> Rewritten | WrongSecret:
    """Write anew what can be. It may be cut off anywhere, and run again: each goes once. Raises `Unavailable`."""
    if not await runtime.keyring.opens_any():
        return WrongSecret()
    written, left = 0, list[OutboxMail]()
    for row in await runtime.outbox.unreadable():
        letter = runtime.outbox.letters.get(row.letter)
        if letter is None or not _says_only_a_link(letter):
            left.append(row)
            continue
        async with transaction():
            # The deletion decides: somebody else may be at it, or a worker that has the secret has sent it.
            if await OutboxMail.filter(id=row.id, values_sealed=row.values_sealed).delete():
                token = typed.new_token()
                await runtime.outbox.post(
                    letter, to=row.recipient, language=row.language, user_id=row.user_id, token=token
                )
                written += 1
    return Rewritten(written, left)


def _says_only_a_link(letter: Letter) -> bool:
    """Whether a token is all that such a letter is made of, and it is of use however late it comes."""
    return letter.link is not None and letter.waits and not (letter.says or letter.says_anybody)
