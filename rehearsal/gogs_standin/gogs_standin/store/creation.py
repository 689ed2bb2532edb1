"""Creates what is missing of the tables. No lock, as in Gogs: the first start on an empty database is one process's."""

from __future__ import annotations

from .database import Session
from .schema import tables

VERSION = 1
"""Of the rows that this stand-in writes; kept in the table `version`."""


def create_missing(db: Session) -> int:
    """How many tables were created."""
    rows = db.all("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()")
    there = {row["name"] for row in rows}
    missing = [table for table in tables().values() if table.name not in there]
    for table in missing:
        db.run(table.ddl)
    if not db.one("SELECT id FROM version"):
        db.insert("version", version=VERSION)
    return len(missing)
