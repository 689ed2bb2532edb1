"""Store persons and organisations: both are rows of `user`, with different values of `type`."""

from __future__ import annotations

import hashlib
import re

from ..store.database import Row, Session
from . import clock, passwords
from .exceptions import Exists, RequestRefused

PERSON, ORGANISATION = 0, 1
_NAME = re.compile(r"[\w.-]+")
RESERVED = {
    "admin",
    "api",
    "attachments",
    "avatars",
    "explore",
    "healthcheck",
    "issues",
    "org",
    "pulls",
    "releases",
    "repo",
    "repo-avatars",
    "user",
}
"""first words of the site's own addresses; a test compares them with its routes"""


_NOT_ALLOWED = frozenset(
    {
        "assets", "avatar", "commits", "create", "css", "debug", "help", "img", "install", "js", "less", "new",
        "plugins", "raw", "stars", "template",
    }
)  # fmt: skip
"""further names that Gogs reserves; this stand-in has no such addresses"""


def find_by_id(db: Session, user_id: int) -> Row | None:
    """Return the row of a user or organisation, or None."""
    return db.fetch_one("SELECT * FROM `user` WHERE id = %s", user_id)


def get_by_id(db: Session, user_id: int) -> Row:
    """Return the row of a user or organisation. Raises LookupError."""
    return db.fetch_existing("SELECT * FROM `user` WHERE id = %s", user_id)


def find_by_name(db: Session, name: str) -> Row | None:
    """Return the row of a user or organisation, or None. The name is case-insensitive."""
    return db.fetch_one("SELECT * FROM `user` WHERE lower_name = %s", name.lower())


def find_by_email(db: Session, email: str) -> Row | None:
    """Return the person with this email address, or None."""
    return db.fetch_one("SELECT * FROM `user` WHERE email = %s AND type = %s", email.lower(), PERSON) if email else None


def authenticate(db: Session, login: str, password: str) -> Row | None:
    """Return the person with this name or email address and password, or None.

    It accepts users who may not sign in: pages refuse them, git does not, as recorded.
    """
    found = find_by_email(db, login) if "@" in login else find_by_name(db, login)
    if not found or found["type"] != PERSON:
        return None
    return found if passwords.is_match(password, found["salt"], found["passwd"]) else None


def has_second_factor(db: Session, user_id: int) -> bool:
    """Return whether the user must give a second factor. Git and LFS then accept only tokens."""
    return db.fetch_one("SELECT id FROM two_factor WHERE user_id = %s", user_id) is not None


def use_recovery_code(db: Session, user_id: int, code: str) -> bool:
    """Mark the code as used. Return False when it is no unused code of this user."""
    return bool(
        db.run(
            "UPDATE two_factor_recovery_code SET is_used = 1 WHERE user_id = %s AND code = %s AND is_used = 0",
            user_id, code,
        )
    )  # fmt: skip


def create(db: Session, name: str, email: str, password: str, *, full_name: str = "", admin: bool = False) -> Row:
    """Create a person who can sign in at once. Raises Exists, RequestRefused."""
    email = email.strip().lower()
    _check_name(db, name)
    if find_by_email(db, email):
        raise Exists(f"email has been used: map[email:{email}]")
    salt = passwords.generate_text()
    return _insert(
        db,
        name,
        PERSON,
        full_name=full_name,
        email=email,
        avatar_email=email,
        avatar=hashlib.md5(email.encode(), usedforsecurity=False).hexdigest(),
        salt=salt,
        passwd=passwords.encode_password(password, salt),
        is_admin=int(admin),
    )


def create_organisation(db: Session, name: str, full_name: str, **more: object) -> Row:
    """Insert only the row; `organisations.create` adds the team. Raises Exists, RequestRefused."""
    return _insert(db, name, ORGANISATION, full_name=full_name, use_custom_avatar=1, **more)


def display_name(user: Row) -> str:
    """Return the full name, or the name without one."""
    return str(user["full_name"] or user["name"])


def update(db: Session, user_id: int, **columns: object) -> None:
    """Set the columns, and the time of the change."""
    columns["updated_unix"] = clock.now()
    assignments = ", ".join(f"`{name}` = %s" for name in columns)
    db.run(f"UPDATE `user` SET {assignments} WHERE id = %s", *columns.values(), user_id)


def _check_name(db: Session, name: str) -> None:
    """Raise Exists or RequestRefused for a name that cannot be used. The texts are recorded."""
    if not _NAME.fullmatch(name) or name.lower() in RESERVED | _NOT_ALLOWED:
        raise RequestRefused(f"name is not allowed: map[name:{name} reason:reserved]")
    if find_by_name(db, name):
        raise Exists(f"user already exists: map[name:{name}]")


def _insert(db: Session, name: str, kind: int, **columns: object) -> Row:
    _check_name(db, name)
    times = dict.fromkeys(("created_unix", "updated_unix"), clock.now())
    who = {"name": name, "lower_name": name.lower(), "type": kind, "is_active": 1, "max_repo_creation": -1}
    return get_by_id(db, db.insert("user", **who, **times, **columns))
