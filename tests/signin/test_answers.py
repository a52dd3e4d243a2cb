"""What is written by hand says what the models say."""

from __future__ import annotations

import pytest

from service.signin.schemas import AccessTokenResponse, TokenPairResponse, written
from service.signin.tokens import TokenPair


@pytest.mark.parametrize(("model", "in_cookie"), [(TokenPairResponse, False), (AccessTokenResponse, True)])
def test_tokens_are_written_as_their_model_says(
    model: type[TokenPairResponse | AccessTokenResponse], in_cookie: bool
) -> None:
    tokens = TokenPair("an.access.token", 'lkr_with "quotes" and ü', 874, 2_592_000)
    assert written(tokens, in_cookie=in_cookie).decode() == model.model_validate(tokens).model_dump_json()
    assert (b"lkr_" in written(tokens, in_cookie=in_cookie)) is not in_cookie
