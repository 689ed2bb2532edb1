"""Public SSH keys of users and of single repositories (deploy keys)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct

from ..store.database import Row, Session
from . import access, clock
from .errors import Exists, Refused

USER_KEY, DEPLOY_KEY = 1, 2


def parsed(content: str) -> str:
    """`type base64 comment` on one line. Raises Refused with the reason, in Gogs's words."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    if len(lines) > 1:
        raise Refused("only a single line with a single key please")
    parts = lines[0].split(" ", 2)
    given, data, comment = (
        ("", parts[0], "") if len(parts) == 1 else (parts[0], parts[1], parts[2] if len(parts) == 3 else "")
    )
    kind = _type_of(data)
    if given and given != kind:
        raise Refused(f"key type and content does not match: {given} - {kind}")
    return f"{kind} {data} {comment}".strip()


def _type_of(data: str) -> str:
    try:
        blob = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise Refused(f"extractTypeFromBase64Key: invalid key format: {error}") from error
    if len(blob) < 4:
        raise Refused("extractTypeFromBase64Key: invalid key format: <nil>")
    length = struct.unpack(">I", blob[:4])[0]
    if len(blob) < 4 + length:
        raise Refused(f"extractTypeFromBase64Key: invalid key format: not enough length {length}")
    return blob[4 : 4 + length].decode(errors="replace")


def fingerprint(content: str) -> str:
    digest = hashlib.sha256(base64.b64decode(content.split(" ")[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def add(db: Session, owner_id: int, name: str, content: str) -> Row:
    """Raises Exists when somebody uses the key, or the owner the name."""
    if db.one("SELECT id FROM public_key WHERE content = %s AND type = %s", content, USER_KEY):
        raise Exists("Key content has been used as non-deploy key")
    if db.one("SELECT id FROM public_key WHERE owner_id = %s AND name = %s", owner_id, name):
        raise Exists("Key title has been used")
    number = _insert(db, owner_id, name, content, access.WRITE, USER_KEY)
    return db.all("SELECT * FROM public_key WHERE id = %s", number)[0]


def add_deploy_key(db: Session, repository_id: int, name: str, content: str) -> Row:
    """Read-only, for one repository; several repositories may share the key. Raises Exists."""
    shared = db.one("SELECT * FROM public_key WHERE content = %s AND type = %s", content, DEPLOY_KEY)
    key_id = shared["id"] if shared else _insert(db, 0, name, content, access.READ, DEPLOY_KEY)
    if db.one("SELECT id FROM deploy_key WHERE key_id = %s AND repo_id = %s", key_id, repository_id):
        raise Exists("Key content has been used as deploy key")
    if db.one("SELECT id FROM deploy_key WHERE repo_id = %s AND name = %s", repository_id, name):
        raise Exists("Key title has been used")
    columns = {"key_id": key_id, "repo_id": repository_id, "name": name, "fingerprint": fingerprint(content)}
    number = db.insert("deploy_key", **columns, created_unix=clock.now(), updated_unix=0)
    return db.all(
        "SELECT d.*, k.content FROM deploy_key d JOIN public_key k ON k.id = d.key_id WHERE d.id = %s", number
    )[0]


def _insert(db: Session, owner_id: int, name: str, content: str, mode: int, kind: int) -> int:
    columns = {"owner_id": owner_id, "name": name, "fingerprint": fingerprint(content), "content": content}
    return db.insert("public_key", **columns, mode=mode, type=kind, created_unix=clock.now(), updated_unix=0)


def of_user(db: Session, user_id: int) -> list[Row]:
    return db.all("SELECT * FROM public_key WHERE owner_id = %s AND type = %s ORDER BY id", user_id, USER_KEY)


def by_content(db: Session, kind: str, data: str) -> Row | None:
    """The row of the key with this type and base64 text."""
    found = db.one("SELECT * FROM public_key WHERE fingerprint = %s ORDER BY id", fingerprint(f"{kind} {data}"))
    return found if found and found["content"].split(" ")[:2] == [kind, data] else None


def touch(db: Session, key_id: int) -> None:
    db.run("UPDATE public_key SET updated_unix = %s WHERE id = %s", clock.now(), key_id)
