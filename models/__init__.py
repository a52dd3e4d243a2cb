"""The tables. Tortoise and aerich load this module."""

from models.known_device import KnownDevice
from models.security_event import SecurityEvent
from models.signing_key import SigningKey
from models.user import User

__all__ = ["KnownDevice", "SecurityEvent", "SigningKey", "User"]
