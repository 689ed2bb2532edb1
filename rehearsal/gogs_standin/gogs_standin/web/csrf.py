"""Tokens against forged forms: bound to the user and good for a day, on every machine that shares SECRET_KEY."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

LIFE_SECONDS = 24 * 3600


def issue(secret: str, user_id: int) -> str:
    token = _signer(secret).dumps(user_id)
    assert isinstance(token, str)
    return token


def valid(secret: str, user_id: int, token: str) -> bool:
    try:
        return bool(_signer(secret).loads(token, max_age=LIFE_SECONDS) == user_id)
    except BadSignature:
        return False


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="form")
