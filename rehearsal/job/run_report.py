"""The report of a rehearsal: the product writes it, by the command that an operator runs, with files in place of AWS."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.client import ledger
from rehearsal.errors import RehearsalError
from rehearsal.job.aws import Aws
from rehearsal.job.evidence import Evidence
from rehearsal.job.failure import try_read
from rehearsal.job.report_input import build_independent, count_held_writes, write_operations
from rehearsal.job.survey import Survey
from rehearsal.settings import MARK

PAGE, CONTENT, OPERATIONS, EVIDENCE = "report.html", "report.json", "client.jsonl", "evidence.json"
STACKS = ("DataStack", "ServersStack", "SourceStack", "ReplicationStack", "TestLaunchStack", "MigrationStack")
COMMAND = "cutover"
"""the product's command line, installed beside the interpreter"""
SECONDS = 120


@dataclass
class RunReport:
    """Writes the report of one run into `folder`, beside its evidence. `environment` names the configuration of the product."""

    root: Path
    folder: Path
    environment: Mapping[str, str]
    evidence: Evidence
    _began: float = field(default_factory=time.time, init=False)

    def remove_earlier(self) -> None:
        """Remove the report of an earlier run, so that nobody takes it for the one of a run that fails."""
        for name in (PAGE, CONTENT, OPERATIONS):
            (self.folder / name).unlink(missing_ok=True)

    def read_input(self, aws: Aws, survey: Survey, book: Path | None) -> None:
        """Store what the report shows besides the evidence so far, while the world runs. `book`: the client's ledger, None without a client.

        Never raises: what cannot be read is named as missing, once. The client must have stopped.
        """
        evidence = self.evidence
        evidence.independent = build_independent(evidence)
        if book is not None and "pause" in evidence.ledger:
            evidence.ledger["pause"]["held_writes"] = try_read("the held writes", lambda: count_held_writes(ledger.read(book), evidence.steps), evidence)  # fmt: skip
        if not evidence.steps:
            return  # no run of the procedure has begun, so there will be no report
        if book is not None:
            try_read("the client's operations", lambda: write_operations(ledger.read(book), evidence.steps, self.folder / OPERATIONS), evidence)  # fmt: skip
        if evidence.resources is None:
            evidence.resources = try_read("the stacks", lambda: aws.list_resources(STACKS), evidence)
        if evidence.replication_lag is None:
            task = "replication_task_arn"
            evidence.replication_lag = try_read("the lag of the replication", lambda: aws.read_lag(survey.facts[task], self._began), evidence)  # fmt: skip

    def write(self) -> Path:
        """Write the evidence so far and the page. Raises RehearsalError with the product's sentence when it writes no page."""
        self.evidence.save(self.folder / EVIDENCE)
        if not self.evidence.steps:
            raise RehearsalError("there is no report: no run of the procedure has left a record")
        words = ["report", "--evidence", str(self.folder / EVIDENCE), "--output", str(self.folder / PAGE)]
        if (self.folder / OPERATIONS).exists():
            words += ["--client", str(self.folder / OPERATIONS)]
        done = subprocess.run(
            [str(Path(sys.executable).parent / COMMAND), *words],
            cwd=self.root,
            # It is no process of the world, because the last page is written while the world ends.
            env={name: value for name, value in self.environment.items() if name != MARK},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise RehearsalError(f"the report was not written: {done.stderr.strip()[-500:]}")
        return self.folder / PAGE

    def describe(self) -> str:
        """Write the page at the end of a run. Return the line that names it, or the reason why there is none."""
        try:
            return f"the report: {self.write()}"
        except RehearsalError as error:
            return str(error)

    def list_files(self) -> list[Path]:
        """Return the files that a reader of the report gets."""
        return [self.folder / name for name in (PAGE, CONTENT, OPERATIONS)]
