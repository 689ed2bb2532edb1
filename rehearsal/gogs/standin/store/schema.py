"""Creates what is missing of the 37 tables. No lock, as in Gogs: the first start on an empty database is one process's."""

from __future__ import annotations

import re
from importlib.resources import files

from .database import Session

VERSION = 22
"""Of the schema, as Gogs 0.14.3 stores it in the table `version`."""


def create_missing(db: Session) -> int:
    """How many tables were created."""
    there = {
        row["name"]
        for row in db.all("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()")
    }
    created = 0
    for statement in files(__package__).joinpath("schema.sql").read_text().split(";\n"):
        found = re.search(r"CREATE TABLE `(\w+)`", statement)
        if found and found.group(1) not in there:
            db.run(statement.strip())
            created += 1
    if not db.one("SELECT id FROM version"):
        db.insert("version", version=VERSION)
    return created
