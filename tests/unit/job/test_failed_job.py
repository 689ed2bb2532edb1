"""A failed job collects the records of the world and the ledger of its client, as far as they exist."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rich.console import Console

from rehearsal.errors import RehearsalError
from rehearsal.job.deploys import DeployFailed
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import PLAN, Job
from rehearsal.settings import Settings

LEDGER: dict[str, Any] = {"lost": [], "unclear": [], "pace": None, "read_downtime": None, "write_downtime": None}
RECORD = {"step": "freeze", "outcome": "failed", "ended": "2026-01-01T10:00:05.000Z", "facts": {}}


def job(tmp_path: Path) -> Job:
    settings = Settings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PORT": "4999"})
    made = Job(settings, Progress([*PLAN], Console(file=io.StringIO())), Evidence(provider="CloudEndure"))
    made.survey = cast(Any, SimpleNamespace(facts={"evidence_bucket": "evidence"}))
    made.aws = cast(Any, SimpleNamespace(read_records={"evidence": [RECORD]}.__getitem__))
    return made


def test_the_client_of_a_failed_job_is_stopped_and_its_ledger_is_kept(tmp_path: Path) -> None:
    failed, stopped = job(tmp_path), []
    failed.writers = cast(Any, SimpleNamespace(stop=lambda: stopped.append(True), check=lambda: LEDGER))
    failed.record_failure(DeployFailed("MigrationStack: rows differ"))
    assert stopped
    assert (failed.evidence.outcome, failed.evidence.reason) == ("not migrated", "MigrationStack: rows differ")
    assert (failed.evidence.steps, failed.evidence.ledger) == ([RECORD], LEDGER)


def test_a_failed_job_without_a_client_reports_the_missing_ledger(tmp_path: Path) -> None:
    failed = job(tmp_path)
    failed.record_failure(DeployFailed("no SourceStack"))
    assert failed.evidence.missing == ["what the client saw: RehearsalError: no client had begun to write"]


def test_a_job_whose_world_did_not_start_takes_no_records_of_another_world(tmp_path: Path) -> None:
    failed = job(tmp_path)
    failed.evidence.provider = ""
    failed.record_failure(RehearsalError("a world runs with port 4566"))
    failed.read_report_input()
    assert failed.evidence.steps == []
    assert failed.evidence.missing[0] == "the procedure's records: RehearsalError: the local AWS did not start"
