"""Passwords and random texts as Gogs stores them, so that a database serves either."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def random_text(length: int = 10) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def encoded(password: str, salt: str) -> str:
    """PBKDF2-HMAC-SHA256, 10 000 rounds, 50 bytes, in hexadecimal."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 10_000, 50).hex()


def matches(password: str, salt: str, stored: str) -> bool:
    return hmac.compare_digest(encoded(password, salt), stored)
