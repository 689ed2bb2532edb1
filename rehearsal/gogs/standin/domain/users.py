"""People and organisations: both are rows of `user`, told apart by `type`."""

from __future__ import annotations

import hashlib
import re

from ..store.database import Row, Session
from . import clock, passwords
from .errors import Exists, Refused

ORGANISATION = 1
_NAME = re.compile(r"[\w.-]+")
_RESERVED = frozenset(
    [
        "explore",
        "create",
        "assets",
        "css",
        "js",
        "img",
        "less",
        "plugins",
        "debug",
        "raw",
        "install",
        "api",
        "avatar",
        "user",
        "org",
        "help",
        "stars",
        "issues",
        "pulls",
        "commits",
        "repo",
        "template",
        "admin",
        "new",
        "healthcheck",
        "attachments",
    ]
)


def by_id(db: Session, user_id: int) -> Row | None:
    return db.one("SELECT * FROM `user` WHERE id = %s", user_id)


def by_name(db: Session, name: str) -> Row | None:
    return db.one("SELECT * FROM `user` WHERE lower_name = %s", name.lower())


def by_email(db: Session, email: str) -> Row | None:
    """The person who owns this address, whether it is the first one or a confirmed further one."""
    if not email:
        return None
    found = db.one("SELECT * FROM `user` WHERE email = %s AND type = 0 AND is_active = 1", email.lower())
    if found:
        return found
    other = db.one("SELECT uid FROM email_address WHERE email = %s AND is_activated = 1", email.lower())
    return by_id(db, other["uid"]) if other else None


def authenticate(db: Session, login: str, password: str) -> Row | None:
    """The person with this name or address and password."""
    found = by_email(db, login) if "@" in login else by_name(db, login)
    if not found or found["type"] == ORGANISATION or found["login_source"] > 0:
        return None
    return found if passwords.matches(password, found["salt"], found["passwd"]) else None


def check_name(db: Session, name: str) -> None:
    """Raises Refused for a name that the site uses itself, Exists for one that is taken."""
    if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
        raise Refused(f"name is not allowed: map[reason:reserved name:{name}]")
    if by_name(db, name):
        raise Exists(f"user already exists: map[name:{name}]")


def create(
    db: Session, name: str, email: str, password: str, *, full_name: str = "", admin: bool = False, **more: object
) -> Row:
    """A person who can sign in at once. Raises Exists, Refused."""
    check_name(db, name)
    email = email.strip().lower()
    if by_email(db, email):
        raise Exists(f"email has been used: map[email:{email}]")
    salt = passwords.random_text()
    seconds = clock.now()
    user_id = db.insert(
        "user",
        **{
            **_blank(name, salt),
            "full_name": full_name,
            "email": email,
            "avatar_email": email,
            "passwd": passwords.encoded(password, salt),
            "avatar": hashlib.md5(email.encode(), usedforsecurity=False).hexdigest(),
            "is_active": 1,
            "is_admin": int(admin),
            "created_unix": seconds,
            "updated_unix": seconds,
            **more,
        },
    )
    return existing(db, user_id)


def create_organisation_row(db: Session, name: str, full_name: str, **more: object) -> Row:
    """Only the row. Raises Exists, Refused."""
    check_name(db, name)
    row = {**_blank(name, passwords.random_text()), "full_name": full_name, "type": ORGANISATION, "is_active": 1}
    row |= {"use_custom_avatar": 1, "num_teams": 1, "num_members": 1, "created_unix": 0, "updated_unix": clock.now()}
    return existing(db, db.insert("user", **{**row, **more}))


def existing(db: Session, user_id: int) -> Row:
    """Raises LookupError for an id that no row has."""
    found = by_id(db, user_id)
    if not found:
        raise LookupError(f"user {user_id}")
    return found


def display_name(user: Row) -> str:
    return str(user["full_name"] or user["name"])


def update(db: Session, user_id: int, **columns: object) -> None:
    columns["updated_unix"] = clock.now()
    assignments = ", ".join(f"`{name}` = %s" for name in columns)
    db.run(f"UPDATE `user` SET {assignments} WHERE id = %s", *columns.values(), user_id)


def _blank(name: str, salt: str) -> dict[str, object]:
    """Gogs writes every column; so does this."""
    texts = ("email", "avatar_email", "passwd", "avatar", "login_name", "location", "website", "description")
    numbers = [
        "login_source",
        "type",
        "last_repo_visibility",
        "is_admin",
        "allow_git_hook",
        "allow_import_local",
        "prohibit_login",
        "use_custom_avatar",
        "num_followers",
        "num_following",
        "num_stars",
        "num_repos",
        "num_teams",
        "num_members",
    ]
    return {
        "lower_name": name.lower(),
        "name": name,
        **dict.fromkeys(texts, ""),
        **dict.fromkeys(numbers, 0),
        "rands": passwords.random_text(),
        "salt": salt,
        "max_repo_creation": -1,
    }
