"""Work that no request waits for, done by `latchkey worker`: `runtime.jobs.add("notes.…")`, or by a schedule."""

from service.jobs.kinds import DAILY, HOURLY, Again, Kind, Schedule, Turn, repeated

__all__ = ["DAILY", "HOURLY", "Again", "Kind", "Schedule", "Turn", "repeated"]
