"""What a broker gets to know its cars by, which is never what opens them.

A broker is not trusted with a car's key: who has that can open the car. What it gets for TLS is
HMAC-SHA256 of the key over `kb/1 psk`, from which nobody comes back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

PSK_LABEL = b"kb/1 psk"
SALT_BYTES = 12
#: Passwords of cars are 24 random bytes, which nobody tries out: one round would do.
ROUNDS = 101


def hashed(password: str, salt: bytes) -> str:
    """As Mosquitto 2 keeps passwords: PBKDF2 with SHA-512."""
    found = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS, 64)
    return f"$7${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(found).decode()}"


def shared_key(key: bytes) -> bytes:
    """What a car shows to a broker instead of a certificate (TLS-PSK)."""
    return hmac.new(key, PSK_LABEL, hashlib.sha256).digest()
