"""How a command ends: its exit codes, and one clear line for whatever went wrong."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from tortoise.exceptions import BaseORMException

from service.core.faults import why
from service.core.redis.faults import FAILURES as REDIS_FAILURES
from service.core.sql.faults import FAILURES as DATABASE_FAILURES
from service.core.text.printable import visible
from service.errors import Misconfigured, ServiceError, TooSlow, Unavailable
from service.settings.checks import ConfigurationError

EXIT_FAILED, EXIT_USAGE, EXIT_NOTHING, EXIT_TRY_AGAIN = 1, 2, 3, 75
EXIT_SIGNAL = 128  # and the signal's number, as shells have it

# What drivers raise where nothing has told it apart: the reason is on standard error, and no traceback.
_OF_STORES = (*DATABASE_FAILURES, *REDIS_FAILURES, BaseORMException)

_OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
_NAMES = {"database": "The database", "redis": "Redis"}


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say why on standard error, and exit."""
    sys.stderr.write(visible(message) + "\n")  # not by click, which has its own idea of a stream's encoding
    from typer import Exit  # here: who serves, and has nothing to refuse, goes without

    raise Exit(code)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what may go wrong into one clear line and an exit code."""
    try:
        yield
    except ConfigurationError as error:
        fail("\n".join(error.mistakes), EXIT_USAGE)
    except TooSlow as error:
        fail(error.detail, EXIT_TRY_AGAIN)
    except Misconfigured as error:
        fail(f"{_NAMES.get(error.what, error.what)} can't be used. {error.says}. {error.fix}.")
    except Unavailable as error:
        said = f" ({why(error.__cause__)})" if error.__cause__ else ""
        what = _NAMES.get(error.what or "", "A store")
        fail(f"{what} is out of reach; nothing was changed. Try again.{said}", EXIT_TRY_AGAIN)
    except ServiceError as error:
        fail(error.detail)
    except BrokenPipeError:  # who reads what we write has seen enough
        raise
    except _OF_STORES as error:  # and of files
        if isinstance(error, OSError) and error.errno in _OF_DISKS:
            fail(f"{error.filename or 'standard output'}: {error.strerror}")
        fail(f"{type(error).__name__}: {why(error)}")
