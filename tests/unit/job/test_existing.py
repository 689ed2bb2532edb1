"""The rehearsal of an existing source never reports a migration that did not happen, and says what is not possible yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.job.deploys import DeployFailed
from rehearsal.job.evidence import Evidence
from rehearsal.job.existing import NOT_YET, ExistingJob, _list_blocking, run_existing
from rehearsal.job.progress import Progress
from rehearsal.settings import Settings


class FakeJob(ExistingJob):
    """Ends as ordered, without a world."""

    error: Exception | None = None

    def run(self) -> None:
        self.lines.append("node mi-0123456789abcdef0")
        if self.error:
            raise self.error


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PORT": "48004"})


def run(settings: Settings, error: Exception | None) -> tuple[int, dict[str, Any]]:
    def make_job(settings: Settings, progress: Progress, evidence: Evidence) -> ExistingJob:
        job = FakeJob(settings, progress, evidence)
        job.error = error
        return job

    code = run_existing(settings, keep=True, make_job=make_job)
    found: dict[str, Any] = json.loads((settings.home / "evidence.json").read_text())
    return code, found


def test_a_complete_run_ends_with_one_sentence_and_is_no_success(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    code, evidence = run(settings, None)
    assert (code, evidence["outcome"], evidence["reason"]) == (1, "not migrated", NOT_YET)
    output = " ".join(capsys.readouterr().out.split())
    assert "node mi-0123456789abcdef0" in output
    assert NOT_YET in output


@pytest.mark.parametrize("error", [RehearsalError("install.sh failed on forge"), DeployFailed("no settings")])
def test_a_failed_run_reports_its_reason(settings: Settings, error: Exception) -> None:
    code, evidence = run(settings, error)
    assert (code, evidence["outcome"], evidence["reason"]) == (1, "failed", str(error))


def test_findings_that_were_not_checked_count_as_those_that_stop() -> None:
    findings = [
        {"check": "clock", "level": "unknown"},
        {"check": "ssh", "level": "warning"},
        {"check": "binary-log", "level": "stops"},
    ]
    assert _list_blocking({"findings": findings}) == "2 findings (binary-log, clock)"
    assert _list_blocking({"findings": findings[1:2]}) == "nothing would stop a migration"
