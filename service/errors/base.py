"""What every error is made of (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in a request that isn't acceptable; `pointer` is an RFC 6901 JSON pointer."""

    pointer: str
    detail: str


class ServiceError(Exception):
    """An answer >= 400. Subclasses fix `status`, `code` and `title`; an instance may word its `detail`.

    `line` is what the log calls it where it is worth a line, `why` the log's reason: clients see neither. `nonsense` is
    what no client of ours sends: it counts against who sent it (`service.core.http.refusals`).
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    default_detail: ClassVar[str] = "Something went wrong on our side; it has been logged."
    nonsense: ClassVar[bool] = False
    shown: ClassVar[Mapping[str, object]] = {}
    """An example of `extra`, for the API's document."""
    line: str = ""
    why: str = ""

    def __init__(
        self,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Fault] = (),
    ) -> None:
        self.detail = detail or self.default_detail
        self.headers: dict[str, str] = dict(headers or {})
        self.cookies: list[str] = []  # Set-Cookie lines, which can't be one header
        self.errors = tuple(errors)
        super().__init__(self.detail)

    @property
    def extra(self) -> Mapping[str, object]:
        """Further members of the problem document."""
        return {}

    def noted(self, line: str, why: str = "") -> Self:
        """Have the log say `line`, one of `service.core.http.refusals.LINES`; return the error."""
        self.line, self.why = line, why
        return self


class InternalError(ServiceError):
    """500: ours to mend; logged with the request id."""
