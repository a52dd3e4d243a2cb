"""openapi-generator's python: a class for each tag, over urllib3."""

import sys

from generated import (
    ApiClient,
    ApiException,
    AuthApi,
    Configuration,
    LoginRequest,
    Problem,
    RefreshRequest,
    RegisterRequest,
    TokenPairResponse,
    UserResponse,
    UsersApi,
)

BASE, EMAIL, PASSWORD = sys.argv[1], sys.argv[2], "correct horse battery"

auth = AuthApi(ApiClient(Configuration(host=BASE)))
registered = auth.register(RegisterRequest(email=EMAIL, password=PASSWORD))
assert isinstance(registered, UserResponse), registered
tokens = auth.login(LoginRequest(username=EMAIL, password=PASSWORD)).actual_instance
assert isinstance(tokens, TokenPairResponse), tokens
users = UsersApi(ApiClient(Configuration(host=BASE, access_token=tokens.access_token)))
assert users.read_me().email == EMAIL
following = auth.refresh(refresh_request=RefreshRequest(refresh_token=tokens.refresh_token)).actual_instance
assert isinstance(following, TokenPairResponse), following
assert users.my_events(limit=2)[0].type == "login.succeeded"
try:
    auth.login(LoginRequest(email=EMAIL, password="wrong"))
except ApiException as error:
    problem = Problem.from_json(error.body or "")
    assert problem is not None
    assert (problem.code, problem.error) == ("invalid_grant", "invalid_grant"), problem
else:
    raise AssertionError("a wrong password is none")
