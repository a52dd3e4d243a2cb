"""Logging in with a password: one way in, whatever the request and its answer look like."""

from __future__ import annotations

from service.accounts import accounts
from service.core.client import Client
from service.credentials import verification
from service.credentials.passwords import Password
from service.credentials.proof import Unproven
from service.errors import EmailNotVerified, InvalidGrant
from service.runtime import Runtime
from service.signin import door
from service.signin.door import Pending, SignedIn


async def log_in(runtime: Runtime, name: str, password: str, client: Client) -> SignedIn | Pending:
    """Open a new session for the user `name` (an e-mail address), or say what is still owed.

    Raises `InvalidGrant` or `RateLimited`; with the right password also `InactiveUser`. An address that is still to be
    confirmed is refused like a wrong password (R17): with `REQUIRE_EMAIL_VERIFICATION` both get the same hint.
    """
    wrong = EmailNotVerified() if runtime.settings.REQUIRE_EMAIL_VERIFICATION else InvalidGrant()
    user, known = await accounts.find_with_device(name, client)
    proof = await verification.verify(runtime, user, Password(password, name), client, known=known)
    return await door.begin(runtime, user, proof or Unproven("password", wrong), client)
