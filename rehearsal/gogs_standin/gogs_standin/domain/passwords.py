"""Passwords and random texts, as this stand-in stores them: scrypt with a salt of its own for each user."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_COST = {"n": 2**11, "r": 8, "p": 1}
"""A few milliseconds: git authenticates every request of a push anew."""


def random_text() -> str:
    """Ten characters."""
    return secrets.token_hex(5)


def encoded(password: str, salt: str) -> str:
    return "scrypt:" + hashlib.scrypt(password.encode(), salt=salt.encode(), dklen=32, **_COST).hex()


def matches(password: str, salt: str, stored: str) -> bool:
    return hmac.compare_digest(encoded(password, salt), stored)
