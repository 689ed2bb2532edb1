"""Access tokens. Only the SHA-256 of one is stored; what the user sees is shown once."""

from __future__ import annotations

import hashlib
import logging
import secrets

import pymysql

from ..store.database import Row, Session
from . import clock, users
from .errors import Exists

_log = logging.getLogger(__name__)


def create(db: Session, user_id: int, name: str) -> str:
    """The token, 40 hexadecimal digits. Raises Exists."""
    if db.one("SELECT id FROM access_token WHERE uid = %s AND name = %s", user_id, name):
        raise Exists(f"access token already exists: map[name:{name} userID:{user_id}]")
    token = secrets.token_hex(20)
    digest = hashlib.sha256(token.encode()).hexdigest()
    seconds = clock.now()
    # The column sha1 is unique and of no further use: it holds the beginning of the other digest.
    db.insert(
        "access_token", uid=user_id, name=name, sha1=digest[:40], sha256=digest, created_unix=seconds, updated_unix=0
    )
    return token


def listed(db: Session, user_id: int) -> list[Row]:
    return db.all("SELECT * FROM access_token WHERE uid = %s ORDER BY id", user_id)


def user_of(db: Session, token: str) -> Row | None:
    """The token's owner. Notes the use; when that cannot be written (a database that is read-only) the token works all the same."""
    if not token:
        return None
    found = db.one("SELECT id, uid FROM access_token WHERE sha256 = %s", hashlib.sha256(token.encode()).hexdigest())
    if not found:
        return None
    try:
        db.run("UPDATE access_token SET updated_unix = %s WHERE id = %s", clock.now(), found["id"])
        db.commit()
    except pymysql.MySQLError as error:
        _log.error("Failed to touch access token: %s", error)
    return users.by_id(db, found["uid"])
