"""Every error a client can see: code, status and title (RFC 9457), a file for each topic: the API's error table.

Flows raise these; `service.core.http.problems` renders them. `code` is stable, clients switch on it;
`detail` is one sentence a person can read. Nothing here ever carries a secret or an internal name.
"""

from __future__ import annotations

from service.errors.base import (
    Fault,
    InternalError,
    ServiceError,
)
from service.errors.binding import (
    DeviceBindingRequired,
    DeviceChallenge,
    DeviceProofRequired,
    InvalidDeviceProof,
)
from service.errors.dpop import (
    InvalidDpopProof,
    InvalidDpopProofHere,
    UseDpopNonce,
    UseDpopNonceHere,
)
from service.errors.identity import (
    AddressUnconfirmed,
    EmailNotVerified,
    EmailTaken,
    EnrolmentRequired,
    Forbidden,
    InactiveUser,
    InvalidAccessToken,
    InvalidChallenge,
    InvalidCode,
    InvalidGrant,
    InvalidPasskey,
    InvalidRefreshToken,
    InvalidToken,
    LastSuperuser,
    LastWayIn,
    NotAuthenticated,
    Reason,
    ReauthenticationRequired,
    SecondFactorRequired,
    TooManyPasskeys,
)
from service.errors.limits import (
    Misconfigured,
    NoStream,
    RateLimited,
    TooSlow,
    Unavailable,
)
from service.errors.oauth import (
    InvalidClient,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from service.errors.providers import (
    AccountNotLinked,
    AlreadyLinked,
    ProviderFailed,
)
from service.errors.requests import (
    BadRequest,
    ExpectationFailed,
    HeadTooLarge,
    MethodNotAllowed,
    NotFound,
    RequestTimedOut,
    TooLarge,
    UnsupportedMediaType,
    UriTooLong,
    ValidationFailed,
)

__all__ = [
    "AccountNotLinked",
    "AddressUnconfirmed",
    "AlreadyLinked",
    "BadRequest",
    "DeviceBindingRequired",
    "DeviceChallenge",
    "DeviceProofRequired",
    "EmailNotVerified",
    "EmailTaken",
    "EnrolmentRequired",
    "ExpectationFailed",
    "Fault",
    "Forbidden",
    "HeadTooLarge",
    "InactiveUser",
    "InternalError",
    "InvalidAccessToken",
    "InvalidChallenge",
    "InvalidClient",
    "InvalidCode",
    "InvalidDeviceProof",
    "InvalidDpopProof",
    "InvalidDpopProofHere",
    "InvalidGrant",
    "InvalidPasskey",
    "InvalidRefreshToken",
    "InvalidToken",
    "LastSuperuser",
    "LastWayIn",
    "MethodNotAllowed",
    "Misconfigured",
    "NoStream",
    "NotAuthenticated",
    "NotFound",
    "ProviderFailed",
    "RateLimited",
    "Reason",
    "ReauthenticationRequired",
    "RequestTimedOut",
    "SecondFactorRequired",
    "ServiceError",
    "TooLarge",
    "TooManyPasskeys",
    "TooSlow",
    "UnauthorizedClient",
    "Unavailable",
    "UnsupportedGrantType",
    "UnsupportedMediaType",
    "UriTooLong",
    "UseDpopNonce",
    "UseDpopNonceHere",
    "ValidationFailed",
]
