"""The tables. Tortoise and aerich load this module."""

from models.security_event import SecurityEvent
from models.signing_key import SigningKey
from models.statistic import Statistic
from models.user import User

__all__ = ["SecurityEvent", "SigningKey", "Statistic", "User"]
