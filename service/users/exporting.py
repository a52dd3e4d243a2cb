"""All accounts, page by page, in the form that the import reads."""

from __future__ import annotations

from collections.abc import AsyncIterator

from models import User
from service.core.sql.keyset import after
from service.credentials import passwords

PAGE = 1000
COLUMNS = ("id", "email", "full_name", "is_active", "is_superuser", "email_verified", "created_at")
HASH = "password_hash"


async def export_users(*, with_hashes: bool) -> AsyncIterator[dict[str, str | bool | None]]:
    """Yield every account, the oldest first; those made meanwhile come last."""
    page = await User.all().order_by("created_at", "id").limit(PAGE)
    while page:
        hashes = await passwords.of_many([user.id for user in page]) if with_hashes else {}
        for user in page:
            row: dict[str, str | bool | None] = {name: _plain(getattr(user, name)) for name in COLUMNS}
            if with_hashes:
                row[HASH] = hashes.get(user.id)
            yield row
        page = await User.filter(after(page[-1])).order_by("created_at", "id").limit(PAGE)


def _plain(value: object) -> str | bool | None:
    if value is None or isinstance(value, bool | str):
        return value
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)
