"""Passwords and the other secrets: what is kept is only what checks them."""

from __future__ import annotations

import hashlib
import hmac

PASSWORD_CHARACTERS_MIN = 6
PASSWORD_CHARACTERS_MAX = 200
SALT_BYTES = 16
_HASH_BYTES = 32
#: 16 MiB and some 50 ms a try.
_COST = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 2**20}

#: Without 0 O 1 l I: first passwords are typed from a mail.
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
FIRST_BYTES = 12

#: After so many wrong tries in a row each further one has to wait.
FAILURES_MAX = 5
WAIT_S = 30


def hash_password(password: str, salt: bytes) -> bytes:
    """For what people choose: slow on purpose."""
    return hashlib.scrypt(password.encode(), salt=salt, dklen=_HASH_BYTES, **_COST)


def password_is_right(password: str, salt: bytes, hashed: bytes) -> bool:
    return hmac.compare_digest(hash_password(password, salt), hashed)


def hash_secret(secret: bytes) -> bytes:
    """For random secrets of 16 bytes or more, which nobody can try out: quick."""
    return hashlib.sha256(secret).digest()


def secret_is_right(secret: bytes, hashed: bytes) -> bool:
    return hmac.compare_digest(hash_secret(secret), hashed)


def refuse_password(password: str, old: str) -> str:
    """The refusal's code, "" when it may be taken."""
    if len(password) < PASSWORD_CHARACTERS_MIN:
        return "password_too_short"
    if len(password) > PASSWORD_CHARACTERS_MAX:
        return "password_too_long"
    return "password_unchanged" if password == old else ""


def first_password(random: bytes) -> str:
    """A letter a byte."""
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in random)


def must_wait(failures: int, failed_s: int, now_s: int) -> bool:
    return failures >= FAILURES_MAX and now_s < failed_s + WAIT_S
