"""Store the attachments of issues, comments and releases: a row each, and a file named by its UUID."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from ..config.config import Config
from ..store.database import Row, Session
from . import clock, paths
from .exceptions import RequestRefused

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"\x1f\x8b": "application/gzip",
}
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1b")


def detect_mime_type(data: bytes) -> str:
    """Return the MIME type by the file signature. Unknown data without control characters is text."""
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return kind
    binary = any(byte < 32 and byte not in _TEXT_CONTROLS for byte in data[:512])
    return "application/octet-stream" if binary else "text/plain; charset=utf-8"


def store(db: Session, config: Config, name: str, data: bytes, allowed: Sequence[str]) -> str:
    """Store a new attachment that belongs to nothing yet. Return its UUID.

    Raises RequestRefused for a type that the site does not allow.
    """
    kind = detect_mime_type(data)
    if not any(fnmatch(kind, pattern) for pattern in allowed):
        raise RequestRefused(f"files of type {kind} are not taken here")
    number = str(uuid.uuid4())
    path = paths.locate_file(config.attachments, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    db.insert("attachment", uuid=number, name=name, created_unix=clock.now())
    return number


def attach(db: Session, uuids: Sequence[str], **on: int) -> None:
    """Attach files to an issue (`issue_id`), a comment (also `comment_id`) or a release (`release_id`).

    It ignores unknown UUIDs.
    """
    assignments = ", ".join(f"{column} = %s" for column in on)
    for number in uuids:
        db.run(f"UPDATE attachment SET {assignments} WHERE uuid = %s", *on.values(), number)


def find_by_uuid(db: Session, config: Config, number: str) -> tuple[Row, Path] | None:
    """Return the row and the path of an attachment, None when either is missing."""
    row = db.fetch_one("SELECT * FROM attachment WHERE uuid = %s", number)
    path = paths.locate_file(config.attachments, row["uuid"]) if row else None
    return (row, path) if row and path and path.is_file() else None


def find_repository_id(db: Session, row: Row) -> int | None:
    """Return the repository of the attachment's issue or release, None when it belongs to neither."""
    table, number = ("issue", row["issue_id"]) if row["issue_id"] else ("release", row["release_id"])
    found = db.fetch_one(f"SELECT repo_id FROM `{table}` WHERE id = %s", number)
    return found["repo_id"] if found else None


def list_attachments(db: Session, **on: int) -> list[Row]:
    """Return the attachments whose columns have these values, oldest first."""
    condition = " AND ".join(f"{column} = %s" for column in on)
    return db.fetch_all(f"SELECT * FROM attachment WHERE {condition} ORDER BY id", *on.values())
