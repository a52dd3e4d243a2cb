"""`latchkey`, and `python -m service`, which is the same.

The command line takes most of a second to import. Who ends it meanwhile gets an end, and no traceback.
"""

from __future__ import annotations

import sys

from service.core.process import beginning


def main() -> None:
    """Run the command line."""
    serving = sys.argv[1:2] in (["serve"], ["worker"])
    beginning.end_at_once(serving=serving)
    from service import cli

    if not serving:
        beginning.listen_to_ctrl_c()
    try:
        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
