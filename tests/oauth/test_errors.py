"""Every error there is has a word of OAuth 2's, a status that goes with it, and a sentence in the letters it allows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.http.oauth_errors import described, is_oauth, status_of, word_of
from service.errors import (
    EnrolmentRequired,
    InactiveUser,
    InternalError,
    InvalidClient,
    InvalidDpopProof,
    InvalidRefreshToken,
    Misconfigured,
    RateLimited,
    ServiceError,
    TooLarge,
    UnsupportedGrantType,
    UseDpopNonce,
    ValidationFailed,
)
from tests.test_openapi import every_error

ALLOWED = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
OF_A_GRANT = {"invalid_grant", "unauthorized_client", "unsupported_grant_type"}
OF_A_PROOF = {"invalid_dpop_proof", "use_dpop_nonce"}  # RFC 9449 sections 5 and 8


@pytest.mark.parametrize("error", sorted(set(every_error()), key=str))
def test_each(error: type[ServiceError]) -> None:
    """RFC 6749 section 5.2: 400 for what it has a word for, but a client's 401; what is HTTP's own keeps its status."""
    word, status = word_of(error), status_of(error)
    others = {"invalid_request", "invalid_client", "temporarily_unavailable", "server_error"}
    assert word in OF_A_GRANT | OF_A_PROOF | others
    assert (word in OF_A_PROOF) == issubclass(error, InvalidDpopProof | UseDpopNonce)
    assert status not in (403, 409, 422)
    assert (word == "invalid_client") == issubclass(error, InvalidClient)
    if word in OF_A_GRANT:
        assert status == 400
    if word == "temporarily_unavailable":
        assert status in (429, 503)
    assert (word == "server_error") == (status >= 500 and status != 503)
    assert described(error.default_detail) == error.default_detail, "a client's author reads question marks"


@pytest.mark.parametrize(
    ("error", "word", "status"),
    [
        (InvalidRefreshToken, "invalid_grant", 400),
        (InactiveUser, "invalid_grant", 400),
        (EnrolmentRequired, "invalid_grant", 400),
        (UnsupportedGrantType, "unsupported_grant_type", 400),
        (InvalidClient, "invalid_client", 401),
        (InvalidDpopProof, "invalid_dpop_proof", 400),
        (UseDpopNonce, "use_dpop_nonce", 400),
        (ValidationFailed, "invalid_request", 400),
        (TooLarge, "invalid_request", 413),
        (RateLimited, "temporarily_unavailable", 429),
        (Misconfigured, "temporarily_unavailable", 503),
        (InternalError, "server_error", 500),
    ],
)
def test_some(error: type[ServiceError], word: str, status: int) -> None:
    assert (word_of(error), status_of(error)) == (word, status)


@given(st.text())
def test_a_sentence(text: str) -> None:
    """Section 5.2: whatever was in it; and what is allowed stays as it is."""
    assert ALLOWED.fullmatch(described(text))
    assert len(described(text)) == len(text)
    allowed = "".join(ALLOWED.findall(text))
    assert described(allowed) == allowed


@pytest.mark.parametrize(("path", "yes"), [("/oauth", True), ("/oauth/token", True), ("/oauthx", False), ("/", False),
                                           ("/api/oauth/token", False), ("/OAUTH/token", False)])  # fmt: skip
def test_where(path: str, yes: bool) -> None:
    assert is_oauth(path) == yes
