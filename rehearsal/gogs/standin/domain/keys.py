"""Public SSH keys of users."""

from __future__ import annotations

import base64
import binascii
import hashlib

from ..store.database import Row, Session
from . import clock
from .errors import Exists, Refused


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
    if db.one("SELECT id FROM public_key WHERE content = %s", content):
        raise Exists("Key content has been used as non-deploy key")  # recorded
    if db.one("SELECT id FROM public_key WHERE owner_id = %s AND name = %s", owner_id, name):
        raise Exists(f"there is a key called {name} already")
    number = db.insert(
        "public_key",
        owner_id=owner_id,
        name=name,
        fingerprint=fingerprint(content),
        content=content,
        created_unix=clock.now(),
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
