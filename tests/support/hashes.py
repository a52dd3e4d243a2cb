"""Password hashes as other systems make them, as cheap as their formats allow."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import string
import struct
import unicodedata
from base64 import b64encode
from collections.abc import Callable

import bcrypt
from argon2 import PasswordHasher, Type
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


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


def _scrypt_key(password: str, salt: bytes, length: int, n: int = 16) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=8, p=1, dklen=length)


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


def _binary_pbkdf2(digest: str, rounds: int, salt: bytes, password: str, length: int | None = None) -> bytes:
    return hashlib.pbkdf2_hmac(digest, password.encode(), salt, rounds, length)


def _bare64(raw: bytes) -> str:
    return b64encode(raw).decode().rstrip("=")


def _ab64(raw: bytes) -> str:
    return _bare64(raw).replace("+", ".")


def _passlib_pbkdf2(name: str, digest: str) -> Callable[[str], str]:
    def make(password: str) -> str:
        salt = os.urandom(16)
        return f"{name}10${_ab64(salt)}${_ab64(_binary_pbkdf2(digest, 10, salt, password))}"

    return make


def _prepared_bcrypt(before: str, prepare: Callable[[bytes], bytes]) -> Callable[[str], str]:
    return lambda password: before + bcrypt.hashpw(prepare(password.encode()), bcrypt.gensalt(4)).decode()


def _passlib_bcrypt(password: str) -> str:
    salt = bcrypt.gensalt(4).decode()[7:]
    prepared = b64encode(hmac.digest(salt.encode(), password.encode(), "sha256"))
    return f"$bcrypt-sha256$v=2,t=2b,r=4${salt}${bcrypt.hashpw(prepared, f'$2b$04${salt}'.encode()).decode()[29:]}"


def _spring_pbkdf2(password: str) -> str:
    salt = os.urandom(8)
    return "{pbkdf2}" + (salt + _binary_pbkdf2("sha1", 185_000, salt, password, 32)).hex()


def _spring_scrypt(password: str) -> str:
    salt = os.urandom(64)
    return f"{{scrypt}}$40801${b64encode(salt).decode()}${b64encode(_scrypt_key(password, salt, 32)).decode()}"


def _asp_net(version: int) -> Callable[[str], str]:
    def make(password: str) -> str:
        salt = os.urandom(16)
        if version == 2:
            raw = b"\0" + salt + _binary_pbkdf2("sha1", 1000, salt, password, 32)
        else:
            head = b"\1" + struct.pack(">III", 2, 100, 16)
            raw = head + salt + _binary_pbkdf2("sha512", 100, salt, password, 32)
        return b64encode(raw).decode()

    return make


def _node_scrypt(before: str, r: int, letters: str) -> Callable[[str], str]:
    def make(password: str) -> str:
        salt = "".join(secrets.choice(letters) for _ in range(32 if letters.endswith("f") else 16))
        text = unicodedata.normalize("NFKC", password).encode()
        key = hashlib.scrypt(text, salt=salt.encode(), n=16_384, r=r, p=1, maxmem=1 << 26, dklen=64)
        return f"{before}{salt}:{key.hex()}"

    return make


def _firebase(password: str) -> str:
    salt, separator, signer = os.urandom(10), b"\x07", os.urandom(64)
    key = hashlib.scrypt(password.encode(), salt=salt + separator, n=16, r=8, p=1, dklen=32)
    encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    parts = "$".join(b64encode(one).decode() for one in (salt, encryptor.update(signer), separator, signer))
    return f"$firescrypt$ln=4,r=8,p=1${parts}"


def _kratos_scrypt(password: str) -> str:
    salt = os.urandom(16)
    written = [b64encode(part).decode() for part in (salt, _scrypt_key(password, salt, 32, n=1024))]
    return f"$scrypt$ln=1024,r=8,p=1${written[0]}${written[1]}"


def _phpass(before: str, digest: str, length: int) -> Callable[[str], str]:
    def make(password: str) -> str:
        letters, salt = "./0123456789" + string.ascii_uppercase + string.ascii_lowercase, secrets.token_hex(4)
        raw = hashlib.new(digest, (salt + password).encode()).digest()
        for _ in range(2**7):
            raw = hashlib.new(digest, raw + password.encode()).digest()
        bits = "".join(f"{byte:08b}"[::-1] for byte in raw)
        text = "".join(letters[int(bits[at : at + 6][::-1], 2)] for at in range(0, len(bits), 6))
        return f"{before}{letters[7]}{salt}{text[:length]}"

    return make


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
    "django-argon2": lambda password: f"argon2{_argon2(Type.ID)(password)}",
    "django-bcrypt": lambda password: f"bcrypt${_bcrypt(b'$2b$')(password)}",
    "django-bcrypt-sha256": _prepared_bcrypt(
        "bcrypt_sha256$", lambda secret: hashlib.sha256(secret).hexdigest().encode()
    ),
    "passlib-pbkdf2-sha1": _passlib_pbkdf2("$pbkdf2$", "sha1"),
    "passlib-pbkdf2-sha256": _passlib_pbkdf2("$pbkdf2-sha256$", "sha256"),
    "passlib-pbkdf2-sha512": _passlib_pbkdf2("$pbkdf2-sha512$", "sha512"),
    "passlib-bcrypt-sha256": _passlib_bcrypt,
    "openldap-pbkdf2": _passlib_pbkdf2("{PBKDF2-SHA256}", "sha256"),
    "openldap-bcrypt": lambda password: "{CRYPT}" + _bcrypt(b"$2y$")(password),
    "openldap-argon2": lambda password: "{ARGON2}" + _argon2(Type.ID)(password),
    "spring-bcrypt": lambda password: "{bcrypt}" + _bcrypt(b"$2a$")(password),
    "spring-argon2": lambda password: "{argon2@SpringSecurity_v5_8}" + _argon2(Type.ID)(password),
    "spring-pbkdf2": _spring_pbkdf2,
    "spring-scrypt": _spring_scrypt,
    "wordpress": lambda password: _prepared_bcrypt(
        "$wp", lambda secret: b64encode(hmac.digest(b"wp-sha384", secret, "sha384"))
    )(password).replace("$2b$", "$2y$"),
    "wordpress-phpass": _phpass("$P$", "md5", 22),
    "phpbb": _phpass("$H$", "md5", 22),
    "drupal": _phpass("$S$", "sha512", 43),
    "drupal-of-md5": lambda password: "U" + _phpass("$S$", "sha512", 43)(hashlib.md5(password.encode()).hexdigest()),
    "aspnet-2": _asp_net(2),
    "aspnet-3": _asp_net(3),
    "better-auth": _node_scrypt("", 16, "0123456789abcdef"),
    "lucia-2": _node_scrypt("s2:", 16, string.ascii_lowercase),
    "lucia-1": _node_scrypt("", 8, string.ascii_lowercase),
    "firebase": _firebase,
    "kratos-scrypt": _kratos_scrypt,
}


def _salted(name: str, before: str) -> Callable[[str], str]:
    def make(password: str) -> str:
        salt = os.urandom(8)
        return before + b64encode(hashlib.new(name, password.encode() + salt).digest() + salt).decode()

    return make


def _old_django(password: str) -> str:
    salt = secrets.token_hex(4)
    return f"sha1${salt}${hashlib.sha1((salt + password).encode()).hexdigest()}"


def _old_werkzeug(name: str) -> Callable[[str], str]:
    def make(password: str) -> str:
        salt = secrets.token_hex(8)
        return f"{name}${salt}${hmac.new(salt.encode(), password.encode(), name).hexdigest()}"

    return make


def _spring_sha256(password: str) -> str:
    raw = salt = os.urandom(8)
    raw += password.encode()
    for _ in range(1024):
        raw = hashlib.sha256(raw).digest()
    return "{sha256}" + (salt + raw).hex()


QUICK: dict[str, Callable[[str], str]] = {
    "ldap-ssha": _salted("sha1", "{SSHA}"),
    "ldap-ssha256": _salted("sha256", "{SSHA256}"),
    "ldap-ssha512": _salted("sha512", "{ssha512}"),
    "ldap-smd5": _salted("md5", "{SMD5}"),
    "django-sha1": _old_django,
    "spring-sha256": _spring_sha256,
    "werkzeug-sha1": _old_werkzeug("sha1"),
    "werkzeug-sha256": _old_werkzeug("sha256"),
}
"""What is stored only under a hash of ours."""
