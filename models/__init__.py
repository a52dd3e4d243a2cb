"""The tables. Tortoise and aerich load this module."""

from models.credential import Credential
from models.factor_recovery import FactorRecovery
from models.identity import Identity
from models.job import Job
from models.known_device import KnownDevice
from models.mail_budget import MailBudget
from models.oauth_client import OAuthClient, OAuthClientSecret
from models.one_time_token import OneTimeToken
from models.outbox_mail import OutboxMail
from models.passkey import Passkey
from models.registration import Registration
from models.security_event import SecurityEvent
from models.signing_key import SigningKey
from models.statistic import Statistic
from models.unfinished_removal import UnfinishedRemoval
from models.user import User

__all__ = [
    "Credential",
    "FactorRecovery",
    "Identity",
    "Job",
    "KnownDevice",
    "MailBudget",
    "OAuthClient",
    "OAuthClientSecret",
    "OneTimeToken",
    "OutboxMail",
    "Passkey",
    "Registration",
    "SecurityEvent",
    "SigningKey",
    "Statistic",
    "UnfinishedRemoval",
    "User",
]
