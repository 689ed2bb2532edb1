"""The main job: a migration that fails, then the same one without the fault, under a client that never stops."""

from __future__ import annotations

import os

import pytest
import requests

from rehearsal.client import ledger
from rehearsal.job.deploys import DeployFailed
from rehearsal.job.rehearse import Job
from rehearsal.world import enter
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.timeout(1500),
    pytest.mark.skipif("WORLD" in os.environ, reason="a world that was kept has migrated before"),
]

# Runs on the launched replica before the product's own script, and only there: git no longer takes a push of any size.
BREAK = "/boot/ce_conversion/00-break"
BROKEN_PUSH = "#!/bin/sh\ngit config --system receive.maxInputSize 1\n"


def on_source(job: Job, *command: str, text: str | None = None) -> str:
    done = enter.run(job.settings, "source-app", command, input=text, timeout=60)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def roles(job: Job) -> set[str]:
    return {machine.role for machine in enter.machines(job.settings) if machine.state == "running"}


def test_a_failing_acceptance_fails_the_deploy_and_leaves_the_source_alone(job: Job) -> None:
    # Given a replica on which a push will fail
    on_source(job, "tee", BREAK, text=BROKEN_PUSH)
    on_source(job, "chmod", "755", BREAK)
    before = roles(job)
    # When the migration is deployed
    try:
        with pytest.raises(DeployFailed) as failed:
            job.migrate()
    finally:
        on_source(job, "rm", BREAK)
    # Then CloudFormation's event names the phase, the machine, the reason
    said = str(failed.value)
    assert "acceptance" in said.lower() or "report" in said.lower()
    assert "push" in said
    assert "i-" in said
    # And the source has never refused a write, and nothing is left running
    assert job.writers
    written = ledger.read(job.writers.ledger)
    assert [op for op in written if op.writes and not op.acknowledged] == []
    assert roles(job) == before


def test_the_site_moves_with_everything_in_it(stage: Stage) -> None:
    # When the same migration was deployed again, without the fault, and kept for a moment before its cutover
    job = stage.job
    job.go_on()
    job.look_up()
    job.compare()
    job.search_secrets()
    job.conclude()
    # Then every acknowledged write, row, ref and file is there, no two sites wrote at a time, and no secret is anywhere
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
    # And a browser on the host sees it
    assert requests.get(f"{job.settings.site_url}/healthcheck", timeout=10).ok
    # And the two targets serve, the source's machines still run
    assert {"source-app", "source-database", "target", "rds"} <= roles(job)
