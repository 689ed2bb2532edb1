"""Hash passwords with scrypt and a salt per user, and generate random text. The format is this stand-in's own."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_COST = {"n": 2**11, "r": 8, "p": 1}
"""a few milliseconds, because git authenticates every request of a push"""


def generate_text() -> str:
    """Return ten hexadecimal digits."""
    return secrets.token_hex(5)


def encode_password(password: str, salt: str) -> str:
    """Return the hash of a password as the column `passwd` stores it."""
    return "scrypt:" + hashlib.scrypt(password.encode(), salt=salt.encode(), dklen=32, **_COST).hex()


def is_match(password: str, salt: str, stored: str) -> bool:
    """Compare a password with a stored hash in constant time."""
    return hmac.compare_digest(encode_password(password, salt), stored)
