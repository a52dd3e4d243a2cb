"""Not now: too many, or something is away."""

from __future__ import annotations

from typing import ClassVar

from service.errors.base import ServiceError


class RateLimited(ServiceError):
    """429: throttled; the headers say when to come back (RFC 6585; draft-ietf-httpapi-ratelimit-headers-10)."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"
    default_detail = "Too many attempts. Please wait a while and try again."

    def __init__(self, policy: str = "requests", *, quota: int = 1, window: int = 1, retry_after: int = 1) -> None:
        """`policy` names the budget that is used up: `quota` in `window` seconds, again in `retry_after` seconds."""
        self.policy = policy
        super().__init__(
            headers={
                "Retry-After": str(retry_after),
                "RateLimit-Policy": f'"{policy}";q={quota};w={window}',
                "RateLimit": f'"{policy}";r=0;t={retry_after}',
            }
        )


class Unavailable(ServiceError):
    """503: a store is out of reach or the service sheds load; nothing was lost, try again."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
    default_detail = "The service is temporarily unavailable. Please try again."
    outage: ClassVar[bool] = True  # something is away or overloaded: worth a warning each time

    def __init__(self, what: str = "", *, retry_after: int = 1) -> None:
        """`what` names the part for our log ("redis", "database", "passwords"); clients never see it."""
        self.what = what
        super().__init__(headers={"Retry-After": str(retry_after)})


class NoStream(Unavailable):
    """503: no place for one more session stream. Everything works; clients ask now and then instead."""

    outage = False

    def __init__(self, share: str) -> None:
        """`share` is what is used up, for our own counting: the session's, the user's, the network's, or all places."""
        self.share = share
        super().__init__("streams", retry_after=10)


class TooSlow(Unavailable):
    """503: what an administrator has asked for took too long. The database is well, and everything else works."""

    default_detail = "This took too long to find. Please ask for less of it, or try again."
    outage = False

    def __init__(self) -> None:
        """It is only ever the database's."""
        super().__init__("database", retry_after=5)


class Misconfigured(Unavailable):
    """503: a store is there, and is not such that the service can work with it: only its operator can mend that."""

    outage = False  # the log has said it, once, with what to do

    def __init__(self, what: str, says: str, fix: str, kind: str) -> None:
        """`what` names the store, `says` what is wrong with it, `fix` what mends it, `kind` is the store's own code."""
        self.says = says
        self.fix = fix
        self.kind = kind
        super().__init__(what, retry_after=10)
