"""The main job as a test: a migration that fails, then the same one without the fault, under a client that never stops."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rehearsal import supervise
from rehearsal.client import ledger
from rehearsal.client.ledger import Operation
from rehearsal.job.deploys import DeployFailed
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import PLAN, Job
from rehearsal.settings import Settings
from rehearsal.world import enter

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1500)]

# Runs on the launched replica before the product's own script, and only there: git no longer takes a push of any size.
BREAK = "/boot/ce_conversion/00-break"
BROKEN_PUSH = "#!/bin/sh\ngit config --system receive.maxInputSize 1\n"


class Migration:
    """One world with a replicated source and a client that writes."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.evidence = settings, Evidence()
        self.job = Job(settings, Progress([*PLAN]), self.evidence)

    def operations(self) -> list[Operation]:
        return ledger.read(self.settings.state / "client/run-1/ledger.jsonl")

    def on_source(self, *command: str, text: str | None = None) -> str:
        done = enter.run(self.settings, "source-app", command, input=text, timeout=60)
        assert done.exit_code == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    home = tmp_path_factory.mktemp("world")
    settings = Settings.load({**os.environ, "REHEARSAL_PORT": "4766", "REHEARSAL_HOME": str(home)})
    migration = Migration(settings)
    try:
        migration.job.up()
        migration.job.build_source()
        migration.job.start_writing()
        migration.job.replicate()
        yield migration
    finally:
        migration.job.stop_writing()
        supervise.down(settings, print)


def machines(migration: Migration) -> set[str]:
    return {machine.role for machine in enter.machines(migration.settings) if machine.state == "running"}


def test_a_failing_acceptance_fails_the_deploy_and_leaves_the_source_alone(migration: Migration) -> None:
    # Given a replica on which a push will fail
    migration.on_source("tee", BREAK, text=BROKEN_PUSH)
    migration.on_source("chmod", "755", BREAK)
    before = machines(migration)
    # When the migration is deployed
    try:
        with pytest.raises(DeployFailed) as failed:
            migration.job.migrate()
    finally:
        migration.on_source("rm", BREAK)
    # Then CloudFormation's event names the phase, the machine, the reason
    said = str(failed.value)
    assert "acceptance" in said.lower() or "report" in said.lower()
    assert "push" in said
    assert "i-" in said
    # And the source has never refused a write, and nothing is left running
    assert [op for op in migration.operations() if op.writes and not op.acknowledged] == []
    assert machines(migration) == before


def test_the_site_moves_with_everything_in_it(migration: Migration) -> None:
    # When the same migration is deployed again, without the fault
    migration.job.migrate()
    migration.job.go_on()
    migration.job.look_up()
    migration.job.compare()
    migration.job.search_secrets()
    migration.job.conclude()
    # Then every acknowledged write, row, ref and file is there, no two sites wrote at a time, and no secret is anywhere
    evidence = migration.evidence
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
    # And the two targets serve, the source's machines still run
    assert {"source-app", "source-database", "target", "rds"} <= machines(migration)
