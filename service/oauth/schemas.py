"""Forms and answers of /oauth/token, /oauth/revoke and /oauth/introspect (RFC 6749, RFC 7009, RFC 7662)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, SecretStr

from service.core.http.messages import RequestModel, ResponseModel
from service.core.http.operations import never_null, of_a_form
from service.core.passwords.hashing import MAX_LENGTH
from service.signin.tokens import TokenPair

_UnreadField = Annotated[str | None, Field(description="Taken, and changes nothing")]

_CLIENT: Final = "What the client calls itself; first-party clients may leave it out"


class _OAuthForm(RequestModel):
    """A form of OAuth 2: what isn't known in it is passed over (RFC 6749 section 3.2)."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=of_a_form)

    client_id: Annotated[str | None, Field(description=_CLIENT)] = None
    client_secret: Annotated[
        SecretStr | None, Field(description="Only of a client that was registered by the service's operator")
    ] = None


class TokenForm(_OAuthForm):
    """What a client asks for tokens with."""

    grant_type: Annotated[Literal["password", "refresh_token"], Field(description="What is given for the tokens")]
    # What is empty isn't there: so none of them has a least length, which the document would tell.
    username: Annotated[str | None, Field(max_length=320, description="Of `password`: the e-mail address")] = None
    password: Annotated[SecretStr | None, Field(max_length=MAX_LENGTH, description="Of `password`")] = None
    refresh_token: Annotated[str | None, Field(description="Of `refresh_token`")] = None
    scope: _UnreadField = None


class RevocationForm(_OAuthForm):
    """What a client ends a session with."""

    token: Annotated[str, Field(min_length=1, description="A refresh token or an access token of the session")]
    token_type_hint: _UnreadField = None


class OAuthTokenResponse(ResponseModel):
    """The tokens of a session (RFC 6749 section 5.1); `expires_in` is the access token's life in seconds."""

    access_token: str
    token_type: Literal["Bearer", "DPoP"] = "Bearer"  # noqa: S105 - a token's type
    expires_in: int
    refresh_token: str

    @classmethod
    def of(cls, tokens: TokenPair) -> OAuthTokenResponse:
        """Return the answer."""
        return cls(
            access_token=tokens.access_token,
            token_type="DPoP" if tokens.bound else "Bearer",
            expires_in=tokens.expires_in,
            refresh_token=tokens.refresh_token,
        )


class IntrospectionForm(_OAuthForm):
    """What a resource server asks about."""

    token: Annotated[str, Field(min_length=1, description="An access token; of any other kind none is active")]
    token_type_hint: _UnreadField = None


class InactiveTokenResponse(ResponseModel):
    """A token that is good for nothing: why isn't said (RFC 7662 section 2.2)."""

    active: Literal[False] = False


class ConfirmationResponse(ResponseModel):
    """What a token is bound to (RFC 7800 section 3.1; RFC 9449 section 6.2)."""

    jkt: Annotated[str, Field(description="The thumbprint (RFC 7638) of the key whose holder's the token is")]


class ActiveTokenResponse(ResponseModel):
    """A token that is good. What is of the session or the user is as it is now, not as the token has it."""

    active: Literal[True] = True
    sub: Annotated[str, Field(description="The user's id")]
    username: Annotated[str, Field(description="The user's e-mail address")]
    scope: Literal["", "superuser"]
    client_id: Annotated[str, Field(description="Of the token's, not of who asks")]
    token_type: Literal["Bearer", "DPoP"] = "Bearer"  # noqa: S105 - a token's type
    exp: int
    iat: int
    auth_time: Annotated[int, Field(description="When the user has last proven to be there")]
    sid: Annotated[str, Field(description="The session's id")]
    amr: Annotated[tuple[str, ...], Field(description="How: names of RFC 8176 section 2, and ours")]
    acr: Literal["aal1", "aal2", "phr"]
    iss: str
    aud: str
    cnf: Annotated[
        ConfirmationResponse | None,
        Field(
            description="Of a token that is bound to a key, and left out of every other answer",
            exclude_if=lambda found: found is None,
            json_schema_extra=never_null,
        ),
    ] = None
