"""Tokens against forged forms: bound to the user and good for a day, on every machine that shares SECRET_KEY."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

LIFE_SECONDS = 24 * 3600


def issue(secret: str, user_id: int) -> str:
    return _made(secret, user_id, int(time.time()))


def valid(secret: str, user_id: int, token: str) -> bool:
    _, _, seconds = token.rpartition(":")
    if not seconds.isdecimal() or abs(time.time() - int(seconds)) > LIFE_SECONDS:
        return False
    return hmac.compare_digest(token, _made(secret, user_id, int(seconds)))


def _made(secret: str, user_id: int, seconds: int) -> str:
    digest = hmac.new(secret.encode(), f"{user_id}:{seconds}".encode(), hashlib.sha256).digest()
    return f"{base64.urlsafe_b64encode(digest[:20]).decode().rstrip('=')}:{seconds}"
