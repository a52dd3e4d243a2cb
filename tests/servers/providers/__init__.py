"""Stand-ins for other providers, each with its own manners, served from a thread: nothing of ours is in them.

They behave well until a test has them behave otherwise (`claims`, `header`, `metadata`, `instead`, …). What a shape is
taken from stands in its file.
"""

from .apple import Apple
from .base import Account, Back, Fake, Said
from .github import GitHub
from .google import Google
from .microsoft import Microsoft
from .openid import OpenId

__all__ = ["Account", "Apple", "Back", "Fake", "GitHub", "Google", "Microsoft", "OpenId", "Said"]
