"""What those are answered who can't show the key that a session is bound to."""

from __future__ import annotations

from typing import ClassVar

from service.errors.base import ServiceError


class DeviceProofRequired(ServiceError):
    """403: the session is bound to a key, and nothing shows that this caller has it. Nothing has changed: it lives.

    To a client it means: go on with the access token, and try again later; then offer to log in in place.
    """

    status = 403
    code = "device_proof_required"
    line = "refused.device_proof"
    title = "Device proof required"
    default_detail = "This session belongs to another device. Please log in here."
    later_detail = "This browser can't prove at the moment that the session is its own. Nothing was lost."

    def __init__(self, *, retry_after: int | None = None) -> None:
        """`retry_after`: in so many seconds the browser may be able to prove it. It is the session's own, then."""
        if retry_after is None:
            super().__init__()
        else:
            super().__init__(self.later_detail, headers={"Retry-After": str(retry_after)})


class DeviceChallenge(ServiceError):
    """403: a browser is to sign a challenge, which is in a header: the ordinary course of a proof.

    403 is what browsers wait for (Device Bound Session Credentials, section 8.7): any other 4xx has them forget the
    key.
    """

    status = 403
    code = "device_challenge"
    title = "Device challenge"
    default_detail = "Sign the challenge in Secure-Session-Challenge."

    def __init__(self, challenge: str = "") -> None:
        """`challenge` is the header's value."""
        super().__init__(headers={"Secure-Session-Challenge": challenge} if challenge else None)


class DeviceBindingRequired(ServiceError):
    """403: an administrator's call, and the session is bound to no key, which `DEVICE_BINDING=superusers` asks for."""

    status = 403
    code = "device_binding_required"
    line = "refused.forbidden"
    title = "Device binding required"
    default_detail = "This needs a session that is bound to your device. Log in with a browser that can do that."


class InvalidDeviceProof(ServiceError):
    """400: what should prove a key is no proof: one answer for all reasons. The session lives."""

    status = 400
    code = "invalid_device_proof"
    line = "refused.device_proof"
    title = "Invalid device proof"
    default_detail = "This is no proof of the session's key."
    reasons: ClassVar[tuple[str, ...]] = ("form", "algorithm", "key", "challenge", "signature", "bound", "session")
    """What the log says."""
