"""Sign tokens against forged forms. They are bound to the user, and valid for a day on every machine with the same SECRET_KEY."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

LIFE_SECONDS = 24 * 3600


def issue_token(secret: str, user_id: int) -> str:
    """Return a new token for the user; 0 is a visitor who has not signed in."""
    token = _make_signer(secret).dumps(user_id)
    assert isinstance(token, str)
    return token


def is_valid(secret: str, user_id: int, token: str) -> bool:
    """Return whether the token is of this user and at most a day old."""
    try:
        return bool(_make_signer(secret).loads(token, max_age=LIFE_SECONDS) == user_id)
    except BadSignature:
        return False


def _make_signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="form")
