"""Save the account of a run for machines: <home>/evidence.json. What people read (summary.py) is made from the same object."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.client.overlap import Overlap
from rehearsal.job.comparison import Comparison
from rehearsal.job.goals import Goal
from rehearsal.job.progress import Phase
from rehearsal.job.secrecy import Secrecy


@dataclass
class Evidence:
    """The account of a run. Times are seconds, the other numbers counts.

    `provider` is the service that replicated the source server, as people call it. `program` is what ran, a key of `RehearsedApplication.PROGRAMS`; `database` is what ran behind RDS, with `why` where it is not MySQL; `ledger` is the
    result of the client's check; `steps` are the procedure's own records, those of failed steps and of the roll back too.
    `source`: what was observed of a source that others installed, and of its preparation, one sentence each.
    `missing`: what a run that failed does not know, one sentence each.
    """

    outcome: str = "not finished"
    reason: str | None = None
    provider: str = ""
    program: str = ""
    source: list[str] = field(default_factory=list)
    database: dict[str, str] = field(default_factory=dict)
    site_url: str = ""
    served_by: str = ""
    content: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)
    overlap: Overlap | None = None
    comparison: Comparison | None = None
    secrecy: Secrecy | None = None
    phases: list[Phase] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    independent: dict[str, Any] = field(default_factory=dict)
    """`checks` and `counts` of what was compared from outside, for the product's report"""
    replication_lag: list[dict[str, float]] | None = None
    """`time` (seconds since 1970), `source` and `target` (seconds), as the replication published them; None: not read"""
    resources: list[dict[str, str]] | None = None
    """`stack`, `type`, `id` and `name` of every resource of the stacks; None: not read"""
    expected_seconds: dict[str, float] = field(default_factory=dict)
    """of each step, from the evidence of the run before; empty: there is none"""

    def format_json(self) -> str:
        """Return it as JSON. `client` is what the migration was for the users of the site (rehearsal/client/pause.py)."""
        return json.dumps({**asdict(self), "client": self.ledger.get("pause")}, indent=1, default=str) + "\n"

    def save(self, path: Path) -> None:
        """Write it to a file."""
        path.write_text(self.format_json())
