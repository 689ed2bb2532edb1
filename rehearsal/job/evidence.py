"""<home>/evidence.json: the account of a run, for machines. What people read is printed from the same object."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rehearsal.job.comparison import Comparison
from rehearsal.job.progress import Phase


@dataclass
class Evidence:
    """Seconds and counts. `gogs` is `release` or `stand-in`; `ledger` is what the client's check answered; `steps` the procedure's own records."""

    outcome: str = "not finished"
    reason: str | None = None
    gogs: str = ""
    site_url: str = ""
    served_by: str = ""
    content: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)
    comparison: Comparison | None = None
    phases: list[Phase] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, default=str) + "\n")

    def show(self, console: Console) -> None:
        """The short account that a run ends with."""
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_row("outcome", self.outcome)
        if self.reason:
            table.add_row("reason", self.reason)
        if self.gogs:
            table.add_row(
                "Gogs",
                {"release": "the real release", "stand-in": "a stand-in that gives the real one's recorded answers"}[
                    self.gogs
                ],
            )
        if self.served_by:
            table.add_row("the site runs", f"{self.site_url} at {self.served_by}")
        if self.content:
            table.add_row("moved", ", ".join(f"{count} {name}" for name, count in self.content.items()))
        if self.comparison:
            compared = self.comparison
            files = ", ".join(f"{count} {name}" for name, count in compared.files.items())
            table.add_row(
                "compared",
                f"{compared.rows} rows in {compared.tables} tables, {compared.refs} refs in {compared.repositories} repositories, {files}",
            )
            table.add_row("missing", "nothing" if not compared.missing else "; ".join(compared.missing[:5]))
        if self.ledger:
            table.add_row(
                "client",
                f"{self.ledger['acknowledged_writes']} acknowledged writes, {sum(self.ledger['found'].values())} found, {len(self.ledger['lost'])} lost",
            )
            for name in ("write_downtime", "read_downtime"):
                gap = self.ledger[name]
                table.add_row(name.replace("_", " "), f"{gap['seconds']:.2f} s" if gap else "not measured")
        for phase in self.phases:
            table.add_row(f"  {phase.name}", f"{phase.seconds:.1f} s")
        console.print(table)
