"""Create the missing tables.

There is no lock, as in Gogs: only one process may make the first start on an empty database.
"""

from __future__ import annotations

from .database import Session
from .schema import load_tables

VERSION = 1
"""of the rows that this stand-in writes; the table `version` has it"""


def create_missing(db: Session) -> int:
    """Create the missing tables and return their number. It leaves existing tables unchanged."""
    rows = db.fetch_all("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()")
    there = {row["name"] for row in rows}
    missing = [table for table in load_tables().values() if table.name not in there]
    for table in missing:
        db.run(table.ddl)
    if not db.fetch_one("SELECT id FROM version"):
        db.insert("version", version=VERSION)
    return len(missing)
