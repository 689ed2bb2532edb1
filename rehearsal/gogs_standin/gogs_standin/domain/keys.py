"""Public SSH keys of users."""

from __future__ import annotations

import base64
import binascii
import hashlib

from ..store.database import Row, Session
from . import clock
from .exceptions import Exists, Missing, Refused

_DEPLOY_KEYS = "SELECT d.*, p.content FROM deploy_key d JOIN public_key p ON p.id = d.key_id"
USER, DEPLOY = 1, 2
"""The column `type`."""


def parsed(content: str) -> str:
    """`type base64 comment`, with the type that is inside. Raises Refused with the reason."""
    words = content.strip().split(maxsplit=2)
    if not words or len(content.strip().splitlines()) > 1:
        raise Refused("a key is one line: type, text and comment")
    given, text, comment = words[0] if words[1:] else "", words[1] if words[1:] else words[0], words[2:]
    inside = _type_inside(text)
    if given and given != inside:
        raise Refused(f"the key says that it is {given}, but it is {inside}")
    return " ".join([inside, text, *comment])


def taken(content: str, refused: tuple[str, ...]) -> str:
    """The key. Raises Refused for one whose type begins with one of `refused`."""
    if content.startswith(refused):
        raise Refused("keys of this type are not taken here")
    return content


def _type_inside(text: str) -> str:
    """The first of the length-prefixed strings of which a key's text is made."""
    reason = "extractTypeFromBase64Key: invalid key format:"  # recorded
    try:
        blob = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refused(f"{reason} {error}") from error
    length = int.from_bytes(blob[:4], "big")
    if len(blob) < 4 + length or length == 0:
        raise Refused(f"{reason} not enough length {length}")
    return blob[4 : 4 + length].decode(errors="replace")


def fingerprint(content: str) -> str:
    """As ssh-keygen shows it."""
    digest = hashlib.sha256(base64.b64decode(content.split(" ")[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def add(db: Session, owner_id: int, name: str, content: str) -> Row:
    """Raises Exists when somebody uses the key, or the owner the name."""
    if _used(db, content):
        raise Exists("Key content has been used as non-deploy key")  # recorded
    if db.one("SELECT id FROM public_key WHERE owner_id = %s AND name = %s", owner_id, name):
        raise Exists(f"there is a key called {name} already")
    return _insert(db, content, owner_id=owner_id, name=name)


def add_deploy_key(db: Session, repository_id: int, name: str, content: str) -> Row:
    """A key that reads one repository, or several that it is added to. The row of deploy_key. Raises Exists."""
    if _used(db, content):
        raise Exists("Key content has been used as non-deploy key")
    if db.one("SELECT id FROM deploy_key WHERE repo_id = %s AND name = %s", repository_id, name):
        raise Exists("Key title has been used")
    known = db.one("SELECT * FROM public_key WHERE content = %s AND type = %s", content, DEPLOY)
    key = known or _insert(db, content, type=DEPLOY, mode=1)
    times = dict.fromkeys(("created_unix", "updated_unix"), clock.now())
    number = db.insert(
        "deploy_key", key_id=key["id"], repo_id=repository_id, name=name, fingerprint=key["fingerprint"], **times
    )
    return deploy_key(db, repository_id, number)


def deploy_keys(db: Session, repository_id: int) -> list[Row]:
    """Each with the key's text as `content`."""
    return db.all(f"{_DEPLOY_KEYS} WHERE d.repo_id = %s ORDER BY d.id", repository_id)


def deploy_key(db: Session, repository_id: int, number: int) -> Row:
    """Raises Missing."""
    found = db.one(f"{_DEPLOY_KEYS} WHERE d.repo_id = %s AND d.id = %s", repository_id, number)
    if not found:
        raise Missing(f"no deploy key {number}")
    return found


def remove_deploy_key(db: Session, row: Row) -> None:
    """And the key itself, when it was given to no other repository."""
    db.run("DELETE FROM deploy_key WHERE id = %s", row["id"])
    if not db.one("SELECT id FROM deploy_key WHERE key_id = %s", row["key_id"]):
        db.run("DELETE FROM public_key WHERE id = %s", row["key_id"])


def touch_deploy_key(db: Session, key_id: int, repository_id: int) -> bool:
    """Note its use; False when the key was not given to this repository."""
    there = db.one("SELECT id FROM deploy_key WHERE key_id = %s AND repo_id = %s", key_id, repository_id)
    if there:
        db.run("UPDATE deploy_key SET updated_unix = %s WHERE id = %s", clock.now(), there["id"])
    return there is not None


def _used(db: Session, content: str) -> bool:
    return db.one("SELECT id FROM public_key WHERE content = %s AND type = %s", content, USER) is not None


def _insert(db: Session, content: str, **columns: object) -> Row:
    number = db.insert(
        "public_key", fingerprint=fingerprint(content), content=content, created_unix=clock.now(), **columns
    )
    return db.existing("SELECT * FROM public_key WHERE id = %s", number)


def of_user(db: Session, user_id: int) -> list[Row]:
    return db.all("SELECT * FROM public_key WHERE owner_id = %s ORDER BY id", user_id)


def by_content(db: Session, kind: str, data: str) -> Row | None:
    """The row of the key with this type and base64 text."""
    found = db.one("SELECT * FROM public_key WHERE fingerprint = %s ORDER BY id", fingerprint(f"{kind} {data}"))
    return found if found and found["content"].split(" ")[:2] == [kind, data] else None


def touch(db: Session, key_id: int) -> None:
    db.run("UPDATE public_key SET updated_unix = %s WHERE id = %s", clock.now(), key_id)
