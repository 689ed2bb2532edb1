"""A migration that waits before its window: its window would be too long, then a person starts it in maintenance.

The person uses the command line. `make scenarios` runs it in a world of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rehearsal.job.deploys import DeployFailed
from rehearsal.job.rehearse import Job
from tests.rehearsal.scenarios.fault_injection import wait_for
from tests.rehearsal.scenarios.worlds import replicated_world

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1500)]
PROGRAM = Path(sys.executable).with_name("cutover")
READY_SECONDS, ANSWER_SECONDS = 400.0, 60.0
OPENS_AFTER = timedelta(minutes=4)
"""longer than the run takes until it waits for its go"""
ACCEPTED, REFUSED = 0, 1


@pytest.fixture(scope="module")
def job() -> Iterator[Job]:
    with replicated_world() as job:
        yield job


@pytest.fixture(scope="module")
def settings(job: Job) -> str:
    """Return migration.toml without a gate."""
    return (job.settings.home / "migration.toml").read_text()


def set_gate(job: Job, settings: str, table: str) -> None:
    """Add keys to the table [cutover], which the worlds of scenarios have (limits.py)."""
    assert settings.count("\n[cutover]\n") == 1
    text = settings.replace("\n[cutover]\n", f"\n[cutover]\n{table}\n")
    (job.settings.home / "migration.toml").write_text(text)


def call(job: Job, command: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the result of a command of the operator."""
    called = subprocess.run(
        [PROGRAM, command, "--json"], env=job.environment, capture_output=True, text=True, timeout=ANSWER_SECONDS
    )
    assert called.stdout, called.stderr
    return called.returncode, json.loads(called.stdout)


def read_status(job: Job) -> dict[str, Any]:
    return call(job, "status")[1]


def read_steps(job: Job) -> dict[str, dict[str, Any]]:
    """Return the evidence of the last cutover by step."""
    run_id = read_status(job)["run"]["id"]
    records = job.aws.read_records(job.survey.facts["evidence_bucket"])
    return {one["step"]: one for one in records if one.get("run_id") == run_id and "step" in one}


def test_a_window_that_would_be_too_long_is_not_begun(job: Job, settings: str) -> None:
    # Given a window that no migration can have
    set_gate(job, settings, "max_window_seconds = 1")
    # When the user deploys the migration
    with pytest.raises(DeployFailed) as failed:
        job.migrate()
    # Then the deploy gives the prediction and the limit
    assert "the window is predicted to take" in str(failed.value)
    assert "max_window_seconds allows 1" in str(failed.value)
    # And no write was held, and the source serves
    steps = read_steps(job)
    assert "verify" in steps
    assert "freeze" not in steps
    assert read_status(job)["serves"] == "the source"
    assert job.writers
    job.writers.wait_for_writes(10, ANSWER_SECONDS, print)


def lead(job: Job) -> str:
    """Give the go, take it back, and give it again, as soon as each is possible. Return who gave it."""

    def is_awaited() -> bool:
        status = read_status(job)
        return status["go"]["state"] == "awaited" and "the go of an operator" in status["waiting_for"]

    wait_for("a run that waits for its go", READY_SECONDS, is_awaited)
    assert call(job, "go")[0] == ACCEPTED
    wait_for(
        "a run that waits for its maintenance window",
        ANSWER_SECONDS,
        lambda: "maintenance window" in read_status(job)["waiting_for"],
    )
    assert call(job, "hold")[0] == ACCEPTED
    wait_for("a run that waits again", ANSWER_SECONDS, is_awaited)
    code, given = call(job, "go")
    assert code == ACCEPTED
    return str(given["by"])


def test_a_person_starts_the_window_in_its_maintenance_window(job: Job, settings: str) -> None:
    # Given a go before any run waits for it, which is refused
    code, early = call(job, "go")
    assert code == REFUSED
    assert early["error"]["reason"] == "no run holds the site"
    # When the user deploys with a maintenance window, and gives the go before it
    opens = datetime.now(UTC).replace(microsecond=0) + OPENS_AFTER
    window = f'window = {{ from = "{opens.isoformat()}", until = "{(opens + timedelta(hours=1)).isoformat()}" }}'
    set_gate(job, settings, f'go = "manual"\nmax_window_seconds = 60\n{window}')
    with ThreadPoolExecutor(1) as threads:
        led = threads.submit(lead, job)
        job.migrate()
        by = led.result()
    # Then the freeze came in the maintenance window, by the go of this person
    steps = read_steps(job)
    assert datetime.fromisoformat(steps["freeze"]["began"]) >= opens
    assert steps["await-go"]["facts"]["by"] == by
    assert by.startswith("arn:aws:iam::")
    # And later it can be neither given nor taken back
    assert [call(job, word)[0] for word in ("go", "hold")] == [REFUSED, REFUSED]
    # And no operation has failed, and no write is lost
    job.require_writes()
    job.look_up()
    assert job.evidence.ledger["lost"] == []
    assert job.evidence.ledger["pause"]["failed_operations"] == 0
    print("predicted", steps["await-go"]["facts"]["predicted_window_seconds"])
    print("window", job.evidence.ledger["pause"])
