"""Store public SSH keys: those of users, and deploy keys of repositories."""

from __future__ import annotations

import base64
import binascii
import hashlib

from ..store.database import Row, Session
from . import clock
from .exceptions import Exists, Missing, RequestRefused

_DEPLOY_KEYS = "SELECT d.*, p.content FROM deploy_key d JOIN public_key p ON p.id = d.key_id"
USER, DEPLOY = 1, 2
"""values of the column `type`"""


def parse(content: str) -> str:
    """Return the key as `type base64 comment`, with the type that the base64 text contains. Raises RequestRefused with the reason."""
    words = content.strip().split(maxsplit=2)
    if not words or len(content.strip().splitlines()) > 1:
        raise RequestRefused("a key is one line: type, text and comment")
    given, text, comment = words[0] if words[1:] else "", words[1] if words[1:] else words[0], words[2:]
    inside = _read_type(text)
    if given and given != inside:
        raise RequestRefused(f"the key claims that it is {given}, but it is {inside}")
    return " ".join([inside, text, *comment])


def check_type(content: str, refused: tuple[str, ...]) -> str:
    """Return the key unchanged. Raises RequestRefused when its type begins with one of `refused`."""
    if content.startswith(refused):
        raise RequestRefused("keys of this type are not taken here")
    return content


def _read_type(text: str) -> str:
    """Return the type that the base64 text contains: its first length-prefixed string. Raises RequestRefused."""
    reason = "extractTypeFromBase64Key: invalid key format:"  # recorded
    try:
        blob = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise RequestRefused(f"{reason} {error}") from error
    length = int.from_bytes(blob[:4], "big")
    if len(blob) < 4 + length or length == 0:
        raise RequestRefused(f"{reason} not enough length {length}")
    return blob[4 : 4 + length].decode(errors="replace")


def compute_fingerprint(content: str) -> str:
    """Return the SHA-256 fingerprint as ssh-keygen prints it."""
    digest = hashlib.sha256(base64.b64decode(content.split(" ")[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def add(db: Session, owner_id: int, name: str, content: str) -> Row:
    """Add a user's key. Raises Exists when a user has the key already, or the owner has a key of that name."""
    if _is_used(db, content):
        raise Exists("Key content has been used as non-deploy key")  # recorded
    if db.fetch_one("SELECT id FROM public_key WHERE owner_id = %s AND name = %s", owner_id, name):
        raise Exists(f"there is a key called {name} already")
    return _insert(db, content, owner_id=owner_id, name=name)


def add_deploy_key(db: Session, repository_id: int, name: str, content: str) -> Row:
    """Add a read-only key to a repository. Return the row of deploy_key. Other repositories may have the same key. Raises Exists."""
    if _is_used(db, content):
        raise Exists("Key content has been used as non-deploy key")
    if db.fetch_one("SELECT id FROM deploy_key WHERE repo_id = %s AND name = %s", repository_id, name):
        raise Exists("Key title has been used")
    known = db.fetch_one("SELECT * FROM public_key WHERE content = %s AND type = %s", content, DEPLOY)
    key = known or _insert(db, content, type=DEPLOY, mode=1)
    times = dict.fromkeys(("created_unix", "updated_unix"), clock.now())
    number = db.insert(
        "deploy_key", key_id=key["id"], repo_id=repository_id, name=name, fingerprint=key["fingerprint"], **times
    )
    return get_deploy_key(db, repository_id, number)


def list_deploy_keys(db: Session, repository_id: int) -> list[Row]:
    """Return the deploy keys of a repository, each with the key's text as `content`."""
    return db.fetch_all(f"{_DEPLOY_KEYS} WHERE d.repo_id = %s ORDER BY d.id", repository_id)


def get_deploy_key(db: Session, repository_id: int, number: int) -> Row:
    """Return one deploy key of a repository. Raises Missing."""
    found = db.fetch_one(f"{_DEPLOY_KEYS} WHERE d.repo_id = %s AND d.id = %s", repository_id, number)
    if not found:
        raise Missing(f"no deploy key {number}")
    return found


def remove_deploy_key(db: Session, row: Row) -> None:
    """Remove a deploy key from its repository. Delete the key itself when no other repository has it."""
    db.run("DELETE FROM deploy_key WHERE id = %s", row["id"])
    if not db.fetch_one("SELECT id FROM deploy_key WHERE key_id = %s", row["key_id"]):
        db.run("DELETE FROM public_key WHERE id = %s", row["key_id"])


def record_deploy_key_use(db: Session, key_id: int, repository_id: int) -> bool:
    """Record that the key was used. Return False when the repository does not have it."""
    there = db.fetch_one("SELECT id FROM deploy_key WHERE key_id = %s AND repo_id = %s", key_id, repository_id)
    if there:
        db.run("UPDATE deploy_key SET updated_unix = %s WHERE id = %s", clock.now(), there["id"])
    return there is not None


def _is_used(db: Session, content: str) -> bool:
    return db.fetch_one("SELECT id FROM public_key WHERE content = %s AND type = %s", content, USER) is not None


def _insert(db: Session, content: str, **columns: object) -> Row:
    number = db.insert(
        "public_key", fingerprint=compute_fingerprint(content), content=content, created_unix=clock.now(), **columns
    )
    return db.fetch_existing("SELECT * FROM public_key WHERE id = %s", number)


def list_keys_of_user(db: Session, user_id: int) -> list[Row]:
    """Return a user's keys, without deploy keys, oldest first."""
    return db.fetch_all("SELECT * FROM public_key WHERE owner_id = %s ORDER BY id", user_id)


def find_by_content(db: Session, kind: str, data: str) -> Row | None:
    """Return the row of the key with this type and base64 text."""
    found = db.fetch_one(
        "SELECT * FROM public_key WHERE fingerprint = %s ORDER BY id", compute_fingerprint(f"{kind} {data}")
    )
    return found if found and found["content"].split(" ")[:2] == [kind, data] else None


def record_use(db: Session, key_id: int) -> None:
    """Record that the key was used now."""
    db.run("UPDATE public_key SET updated_unix = %s WHERE id = %s", clock.now(), key_id)
