"""Commands under `latchkey`: a flow is run with everything open, and what goes wrong is said in one line."""

from service.console import EXIT_FAILED, EXIT_USAGE, Email, Json, UserId, fail, find_user, out, print_json, run

__all__ = [
    "EXIT_FAILED",
    "EXIT_USAGE",
    "Email",
    "Json",
    "UserId",
    "fail",
    "find_user",
    "out",
    "print_json",
    "run",
]
