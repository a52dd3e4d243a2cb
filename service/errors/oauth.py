"""What OAuth 2 clients are answered: errors that RFC 6749 section 5.2 has a word for and nobody else needs."""

from __future__ import annotations

from service.errors.base import ServiceError


class InvalidClient(ServiceError):
    """401: the client isn't known, or its secret is wrong: never told apart (RFC 6749 section 5.2)."""

    status = 401
    code = "invalid_client"
    line = "refused.client"
    nonsense = True
    title = "Invalid client"
    default_detail = "The client could not be authenticated."

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="latchkey"'})


class UnauthorizedClient(ServiceError):
    """400: the client is known, and this isn't for it (RFC 6749 section 5.2)."""

    status = 400
    code = "unauthorized_client"
    title = "Unauthorized client"
    default_detail = "This client may not do that."


class UnsupportedGrantType(ServiceError):
    """400: a grant type that the token endpoint doesn't have (RFC 6749 section 5.2)."""

    status = 400
    code = "unsupported_grant_type"
    title = "Unsupported grant type"
    default_detail = "The grant types are `password` and `refresh_token`."
