"""What the service says of itself before anybody has logged in: its name, its ways in, what a password must be."""

from service.feature import Feature
from service.offers.routes import publish

FEATURE = Feature(name="offers", tag="auth", mount=publish)
