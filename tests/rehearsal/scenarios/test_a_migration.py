"""The main job: a migration that fails, then the same without the fault. A client writes continuously."""

from __future__ import annotations

import os

import pytest
import requests

from rehearsal.client import ledger
from rehearsal.job.deploys import DeployFailed
from rehearsal.job.rehearse import Job
from rehearsal.world import enter
from tests.rehearsal.scenarios import request_counts
from tests.rehearsal.scenarios.providers import registry
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.timeout(1500),
    pytest.mark.skipif("WORLD" in os.environ, reason="a kept world has already migrated"),
]

# The script runs only on the launched replica, before the product's own script. git then refuses every push.
FAULT_SCRIPT = "00-break"
REFUSE_PUSHES = "#!/bin/sh\ngit config --system receive.maxInputSize 1\n"


def run_on_source(job: Job, *command: str, text: str | None = None) -> str:
    done = enter.run(job.settings, "source-app", command, input=text, timeout=60)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def list_running_roles(job: Job) -> set[str]:
    return {machine.role for machine in enter.list_machines(job.settings) if machine.state == "running"}


def test_a_failed_acceptance_suite_fails_the_deploy_and_the_source_serves(job: Job) -> None:
    # Given a replica on which every push fails
    fault_script = f"{registry.connect(job.settings, job.aws).post_launch_folder}/{FAULT_SCRIPT}"
    run_on_source(job, "tee", fault_script, text=REFUSE_PUSHES)
    run_on_source(job, "chmod", "755", fault_script)
    before = list_running_roles(job)
    # When the user deploys the migration
    try:
        with pytest.raises(DeployFailed) as failed:
            job.migrate()
    finally:
        run_on_source(job, "rm", fault_script)
    # Then CloudFormation's event names the phase, the machine and the reason
    reason = str(failed.value)
    assert "acceptance" in reason.lower() or "report" in reason.lower()
    assert "push" in reason
    assert "i-" in reason
    # And the source has refused no write, and no other machine runs
    assert job.writers
    written = ledger.read(job.writers.ledger)
    assert [op for op in written if op.writes and not op.acknowledged] == []
    assert list_running_roles(job) == before


def test_a_migration_loses_no_write_row_ref_or_file(stage: Stage) -> None:
    # When the user deployed the same migration without the fault (Stage.prepare took a checkpoint before its cutover)
    job = stage.job
    job.require_writes()
    job.look_up()
    job.compare()
    job.search_secrets()
    job.conclude()
    # Then every acknowledged write, row, ref and file exists, only one site wrote at a time, and no secret is stored
    evidence = job.evidence
    assert (evidence.outcome, evidence.reason) == ("migrated", None)
    assert evidence.ledger["lost"] == []
    assert evidence.comparison is not None
    assert evidence.comparison.findings == []
    assert evidence.comparison.rows > 100
    assert evidence.content["repositories"] >= 20
    assert evidence.overlap is not None
    assert evidence.overlap.source > 0
    assert evidence.overlap.target > 0
    assert evidence.secrecy is not None
    assert len(evidence.secrecy.secrets) >= 20
    assert (evidence.secrecy.findings, evidence.secrecy.unsearched) == ([], [])
    # And what the proxies logged agrees with what the client saw
    assert job.writers
    assert request_counts.find_problems(evidence.steps, ledger.read(job.writers.ledger)) == []
    # And a browser on the host can open the site
    assert requests.get(f"{job.settings.site_url}/healthcheck", timeout=10).ok
    # And the two targets serve, and the source's machines still run
    assert {"source-app", "source-database", "target", "rds"} <= list_running_roles(job)
