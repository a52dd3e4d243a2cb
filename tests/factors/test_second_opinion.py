"""What our authenticator makes and shows, judged by another library too: else the tests would agree with themselves."""

from __future__ import annotations

from typing import Any

import pytest
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.exceptions import InvalidAuthenticationResponse, InvalidRegistrationResponse

from service.core.webauthn import ceremonies
from service.core.webauthn.ceremonies import Assertion, Attestation, Party, Unacceptable
from tests.support.authenticator import ORIGIN, UP, Authenticator, b64, unb64

PARTY = Party("localhost", lambda origin: origin == ORIGIN)
CHALLENGE = b64(bytes(range(56)))
CREATION = {
    "attestation": "none",
    "pubKeyCredParams": [{"alg": number} for number in ceremonies.ALGORITHMS],
    "rp": {"id": "localhost"},
    "user": {"id": b64(b"ada")},
    "challenge": CHALLENGE,
}
REQUEST = {"challenge": CHALLENGE}


def attestation(made: dict[str, Any]) -> Attestation:
    said = made["response"]
    return Attestation(made["rawId"], said["clientDataJSON"], said["attestationObject"], (), None)


def assertion(shown: dict[str, Any]) -> Assertion:
    said = shown["response"]
    return Assertion(
        shown["rawId"], said["clientDataJSON"], said["authenticatorData"], said["signature"], said["userHandle"]
    )


def they_take_the_new(made: dict[str, Any]) -> Any:
    return verify_registration_response(
        credential=made,
        expected_challenge=unb64(CHALLENGE),
        expected_rp_id="localhost",
        expected_origin=ORIGIN,
    )


def they_take(shown: dict[str, Any], key: Any, *, verified: bool = False) -> bool:
    try:
        verify_authentication_response(
            credential=shown,
            expected_challenge=unb64(CHALLENGE),
            expected_rp_id="localhost",
            expected_origin=ORIGIN,
            credential_public_key=key,
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    except InvalidAuthenticationResponse:
        return False
    return True


def we_take(shown: dict[str, Any], key: bytes, *, verified: bool = False) -> bool:
    try:
        read = ceremonies.read_assertion(assertion(shown), PARTY)
    except Unacceptable:
        return False
    if read.challenge != CHALLENGE or (verified and not read.flags.verified):
        return False
    return ceremonies.is_signed(read, key)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
@pytest.mark.parametrize("synced", [True, False])
def test_both_take_it(algorithm: Any, synced: bool) -> None:
    """The same key is read of it, and what it shows is good to both."""
    device = Authenticator(algorithm=algorithm, synced=synced)
    made = device.make(CREATION)
    theirs, ours = they_take_the_new(made), ceremonies.read_attestation(attestation(made), PARTY)
    assert theirs.credential_id == ours.raw_id
    assert theirs.sign_count == ours.flags.counter == 0
    assert theirs.user_verified == ours.flags.verified
    assert (theirs.credential_device_type.value == "multi_device") == ours.flags.backup_eligible == synced
    assert theirs.credential_backed_up == ours.flags.backed_up
    shown = device.show(REQUEST)
    assert they_take(shown, theirs.credential_public_key, verified=True)
    assert we_take(shown, ours.public_key, verified=True)


@pytest.mark.parametrize(
    "says",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"type": "webauthn.create"},
        {"flags": 0},
        {"flags": UP},
        {"signature": b"0" * 70},
        {"client_data": {"challenge": b64(bytes(56))}},
    ],
    ids=str,
)
def test_both_refuse_it(says: dict[str, Any]) -> None:
    """Whatever the other library looks at, ours does as well."""
    device = Authenticator(synced=False)
    made = device.make(CREATION)
    shown = device.show(REQUEST, **says)
    assert not they_take(shown, they_take_the_new(made).credential_public_key, verified=True)
    ours = ceremonies.read_attestation(attestation(made), PARTY)
    assert not we_take(shown, ours.public_key, verified=True)


@pytest.mark.parametrize("says", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"flags": 0}], ids=str)
def test_both_refuse_to_set_it_up(says: dict[str, Any]) -> None:
    made = Authenticator(synced=False).make(CREATION, **says)
    with pytest.raises(InvalidRegistrationResponse):
        they_take_the_new(made)
    with pytest.raises(Unacceptable):
        ceremonies.read_attestation(attestation(made), PARTY)


@pytest.mark.parametrize("said", [{"crossOrigin": True}, {"topOrigin": "https://evil.example"}], ids=str)
def test_what_only_ours_refuses(said: dict[str, Any]) -> None:
    """A page in another site's frame: neither library looks at that."""
    device = Authenticator()
    made = device.make(CREATION)
    shown = device.show(REQUEST, client_data=said)
    assert they_take(shown, they_take_the_new(made).credential_public_key)
    assert not we_take(shown, ceremonies.read_attestation(attestation(made), PARTY).public_key)
