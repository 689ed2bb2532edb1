"""One table under validation: which rows are compared next, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field

from rehearsal.dms.engine.compare import Key
from rehearsal.dms.engine.databases import Position
from rehearsal.dms.engine.tables import Name


@dataclass
class Doubt:
    """What the source had, and the end of its log after that."""

    digest: str | None
    logged: Position | None


@dataclass
class Watched:
    """One table under validation."""

    name: Name
    scanned: bool = False
    rows: int = 0
    last: Key | None = None
    pending: dict[Key, None] = field(default_factory=dict)
    doubts: dict[Key, Doubt] = field(default_factory=dict)
    failed: set[Key] = field(default_factory=set)
    suspended: set[Key] = field(default_factory=set)
    """Rows that could not be compared."""
    errors: int = 0
    keyless: int = 0
    """How often in a row the table was seen without a primary key."""
    given_up: str = ""
