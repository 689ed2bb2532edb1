"""Store access tokens. Only the SHA-256 of a token is stored; its user sees it once."""

from __future__ import annotations

import hashlib
import logging
import secrets

import pymysql

from ..store.database import Row, Session
from . import clock, users
from .exceptions import Exists

_log = logging.getLogger(__name__)


def create(db: Session, user_id: int, name: str) -> str:
    """Create a token and return it: 40 hexadecimal digits. Raises Exists."""
    if db.fetch_one("SELECT id FROM access_token WHERE uid = %s AND name = %s", user_id, name):
        raise Exists(f"access token already exists: map[name:{name} userID:{user_id}]")  # recorded
    token = secrets.token_hex(20)
    digest = _hash_token(token)
    # A list of tokens shows the column sha1, so it must be 40 digits and not the token.
    db.insert("access_token", uid=user_id, name=name, sha1=digest[:40], sha256=digest, created_unix=clock.now())
    return token


def list_tokens(db: Session, user_id: int) -> list[Row]:
    """Return the user's tokens, oldest first."""
    return db.fetch_all("SELECT * FROM access_token WHERE uid = %s ORDER BY id", user_id)


def delete(db: Session, user_id: int, number: int) -> None:
    """Delete one of the user's tokens. It does nothing when the user has no such token."""
    db.run("DELETE FROM access_token WHERE id = %s AND uid = %s", number, user_id)


def find_owner(db: Session, token: str) -> Row | None:
    """Return the token's owner, and record the use. In a read-only database the token is valid too."""
    found = db.fetch_one("SELECT id, uid FROM access_token WHERE sha256 = %s", _hash_token(token)) if token else None
    if not found:
        return None
    try:
        db.run("UPDATE access_token SET updated_unix = %s WHERE id = %s", clock.now(), found["id"])
        db.commit()
    except pymysql.MySQLError as error:
        _log.warning("the use of an access token is not noted: %s", error)
    return users.find_by_id(db, found["uid"])


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
