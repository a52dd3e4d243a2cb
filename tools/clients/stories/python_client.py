"""openapi-python-client: a module for each call, over httpx."""

import sys

from generated import AuthenticatedClient, Client
from generated.api.auth import login, refresh, register
from generated.api.users import my_events, read_me
from generated.models import (
    EventResponseType,
    LoginRequest,
    Problem,
    ProblemCode,
    RefreshRequest,
    RegisterRequest,
    TokenPairResponse,
    UserResponse,
)

BASE, EMAIL, PASSWORD = sys.argv[1], sys.argv[2], "correct horse battery"

client = Client(base_url=BASE)
registered = register.sync(client=client, body=RegisterRequest(email=EMAIL, password=PASSWORD))
assert isinstance(registered, UserResponse), registered
tokens = login.sync(client=client, body=LoginRequest(username=EMAIL, password=PASSWORD))
assert isinstance(tokens, TokenPairResponse), tokens
ours = AuthenticatedClient(base_url=BASE, token=tokens.access_token)
me = read_me.sync(client=ours)
assert isinstance(me, UserResponse), me
assert me.email == EMAIL
following = refresh.sync(client=client, body=RefreshRequest(refresh_token=tokens.refresh_token))
assert isinstance(following, TokenPairResponse), following
events = my_events.sync(client=ours, limit=2)
assert isinstance(events, list), events
assert events[0].type_ is EventResponseType.LOGIN_SUCCEEDED, events
problem = login.sync(client=client, body=LoginRequest(email=EMAIL, password="wrong"))
assert isinstance(problem, Problem), problem
assert problem.code is ProblemCode.INVALID_GRANT, problem
