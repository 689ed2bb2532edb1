"""The main job with AWS MGN: the same claims as with CloudEndure, in its own world. Then a launch in it fails."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal import supervise
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import PLAN, Job
from rehearsal.settings import MARK, Settings
from tests.rehearsal.ports import find_free_ports
from tests.rehearsal.scenarios import scenario
from tests.rehearsal.scenarios.cases import run_case
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def job(monkeypatch_module: pytest.MonkeyPatch) -> Iterator[Job]:
    """A job in a new world with a replicated source, which is removed afterwards."""
    home = tempfile.mkdtemp(prefix="cutover-mgn-")
    own = {"REHEARSAL_PORT": str(find_free_ports()), "REHEARSAL_HOME": home, "REHEARSAL_PROVIDER": "mgn"}
    settings = Settings.load({**os.environ, **own})
    monkeypatch_module.setenv(MARK, settings.mark)  # if this process is killed, `down` finds its children by the mark
    made = Job(settings, Progress([*PLAN]), Evidence())
    try:
        made.start_world()
        made.build_source()
        made.start_writing()
        made.replicate()
        yield made
    finally:
        made.stop_writing()
        supervise.stop_world(settings, print)
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def stage(job: Job) -> Stage:
    return Stage.prepare(job)


def test_a_migration_with_mgn_loses_no_write_row_ref_or_file(stage: Stage) -> None:
    # When the user deployed the migration while a client wrote (Stage.prepare took a checkpoint before its cutover)
    job = stage.job
    job.require_writes()
    job.look_up()
    job.compare()
    job.search_secrets()
    job.conclude()
    # Then every claim of the main job is true
    evidence = job.evidence
    assert (evidence.outcome, evidence.reason) == ("migrated", None)
    assert evidence.provider == "AWS MGN"
    assert evidence.ledger["lost"] == []
    # And MGN launched what was tested, and ended the replication afterwards
    jobs = job.aws.make_client("mgn").describe_jobs(filters={})["items"]
    assert {one["initiatedBy"] for one in jobs} >= {"START_TEST", "START_CUTOVER"}
    (server,) = job.aws.make_client("mgn").describe_source_servers(filters={})["items"]
    assert server["lifeCycle"]["state"] == "CUTOVER"
    # And MGN removed its agent from the source
    root = job.settings.mounts / str(job.survey.facts["source_app_instance_id"])
    assert not (root / "var/lib/aws-replication-agent").exists()
    assert Path(root / "var/lib/cutover/mgn-agent.json").is_file()


@pytest.mark.parametrize("name", scenario.expand_steps(scenario.select_names("mgn", only_always=True)))
def test_a_scenario_with_mgn_ends_in_its_expected_state(
    stage: Stage, name: str, request: pytest.FixtureRequest
) -> None:
    run_case(stage, name, request.config)
