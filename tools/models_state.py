"""Write the models' state into the newest migration: `python -m tools.models_state`.

aerich compares the models with the `MODELS_STATE` of the newest file. It writes that itself when it proposes one;
a file that was written by hand, or met another one in a merge, gets it from here.
"""

from __future__ import annotations

import asyncio
import re
import sys

from aerich.utils import get_formatted_compressed_data, get_models_describe
from tortoise import Tortoise

from service.core.sql.database import MIGRATIONS, migration_config
from service.settings import Settings


async def main() -> int:
    """Rewrite the newest file's state; return the exit status."""
    newest = max((MIGRATIONS / "models").glob("[0-9]*.py"), key=lambda path: int(path.name.partition("_")[0]))
    await Tortoise.init(config=migration_config(Settings.model_construct()))
    try:
        state = get_formatted_compressed_data(get_models_describe("models"))
    finally:
        await Tortoise.close_connections()
    text = newest.read_text(encoding="utf-8")
    before = re.sub(r"\n+MODELS_STATE = \(.*?\n\)\n", "", text, flags=re.DOTALL).rstrip()
    newest.write_text(f"{before}\n\n\nMODELS_STATE = (\n    {state.lstrip()}\n)\n", encoding="utf-8")
    print(f"{newest.name} has the state of the models.")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
