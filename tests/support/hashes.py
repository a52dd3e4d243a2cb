"""Password hashes as other systems make them, as cheap as their formats allow."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Callable

import bcrypt
from argon2 import PasswordHasher, Type


def _bcrypt(prefix: bytes) -> Callable[[str], str]:
    def make(password: str) -> str:
        hashed = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4))
        return hashed.replace(b"$2b$", prefix).decode()

    return make


def _argon2(kind: Type) -> Callable[[str], str]:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=kind).hash


def _django_pbkdf2(digest: str) -> Callable[[str], str]:
    def make(password: str) -> str:
        salt = os.urandom(8).hex()
        key = hashlib.pbkdf2_hmac(digest, password.encode(), salt.encode(), 10)
        return f"pbkdf2_{digest}$10${salt}${b64encode(key).decode()}"

    return make


def _werkzeug_pbkdf2(password: str) -> str:
    salt = os.urandom(8).hex()
    return f"pbkdf2:sha256:10${salt}${hashlib.pbkdf2_hmac('sha256', password.encode(), salt.encode(), 10).hex()}"


def _scrypt_key(password: str, salt: bytes, length: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=16, r=8, p=1, dklen=length)


def _django_scrypt(password: str) -> str:
    salt = os.urandom(8).hex()
    return f"scrypt$16${salt}$8$1${b64encode(_scrypt_key(password, salt.encode(), 64)).decode()}"


def _werkzeug_scrypt(password: str) -> str:
    salt = os.urandom(8).hex()
    return f"scrypt:16:8:1${salt}${_scrypt_key(password, salt.encode(), 64).hex()}"


def _passlib_scrypt(password: str) -> str:
    salt = os.urandom(16)
    plain = [b64encode(part).decode().rstrip("=") for part in (salt, _scrypt_key(password, salt, 32))]
    return f"$scrypt$ln=4,r=8,p=1${plain[0]}${plain[1]}"


FORMATS: dict[str, Callable[[str], str]] = {
    "bcrypt-2a": _bcrypt(b"$2a$"),
    "bcrypt-2b": _bcrypt(b"$2b$"),
    "bcrypt-2y": _bcrypt(b"$2y$"),
    "argon2i": _argon2(Type.I),
    "argon2d": _argon2(Type.D),
    "argon2id": _argon2(Type.ID),
    "django-pbkdf2-sha256": _django_pbkdf2("sha256"),
    "django-pbkdf2-sha1": _django_pbkdf2("sha1"),
    "django-scrypt": _django_scrypt,
    "werkzeug-pbkdf2": _werkzeug_pbkdf2,
    "werkzeug-scrypt": _werkzeug_scrypt,
    "passlib-scrypt": _passlib_scrypt,
}
