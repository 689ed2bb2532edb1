"""A suspended run for operators: shown by `status` and `resume`, its replica removed by `rollback` and `clean-up --yes`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from common.clients.resources import Finding, Resources
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.errors import StepFailed
from common.suspension import Checkpoint, Suspension
from procedure.validities import LAUNCHED, TAKEN_OVER

from operate import planning
from operate.advice import describe_next, list_allowed
from operate.app import App
from operate.commands.resume import deploy
from operate.evidence import StepRecord
from operate.formatting import format_status
from operate.orphaned import list_orphaned
from operate.rollback import roll_back
from operate.suspended import find_suspension, list_steps
from tests.unit.mgn.wire import Account
from tests.unit.operate.resources_simulator import ResourcesSimulator
from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo

RUN, NEXT, REPLICA = "m1-c-1", "m1-c-2", "i-replica"
TAGS = {"cutover:site": "gogs", "cutover:role": "replica", "cutover:run-id": RUN}


@dataclass
class FakeSite:
    """A site with a real run record."""

    clock: FakeClock = field(default_factory=FakeClock)
    ec2: ResourcesSimulator = field(default_factory=ResourcesSimulator)
    name: str = "gogs"

    def __post_init__(self) -> None:
        self.runs = Runs(FakeDynamo(), "runs", "gogs", clock=self.clock)  # type: ignore[arg-type]

    @property
    def resources(self) -> Resources:
        return Resources(Account({"ec2": self.ec2})("ec2"))

    def read_record(self) -> Record:
        return self.runs.read()

    def list_runs(self) -> set[str]:
        return set()

    def list_staging(self) -> list[Finding] | None:
        return []

    def find_execution(self, _run_id: str) -> None:
        return None


@pytest.fixture
def site() -> FakeSite:
    """A run that failed in its comparison an hour before the end of its replica."""
    made = FakeSite()
    made.ec2.add(REPLICA, "running", tags=TAGS)
    made.ec2.add("lt-1", tags=TAGS)
    now = made.clock.now()
    checkpoint = Checkpoint(
        launched_by=RUN, cutover_id="m1", fingerprint="f", source_server_id="m-1", job_id="job", instance_id=REPLICA,
        finished=dict.fromkeys(TAKEN_OVER, now - 600),
    )  # fmt: skip
    made.runs.acquire(RUN, "cutover", seconds=900)
    made.runs.update_facts(RUN, expected_report="CUTOVER")
    made.runs.save_checkpoint(RUN, checkpoint)
    made.runs.roll_back(RUN)
    suspension = Suspension(run_id=RUN, phase="Verify", since=now, until=now + 3600, checkpoint=checkpoint)
    assert made.runs.suspend(RUN, suspension)
    made.runs.release(RUN)
    return made


def test_status_shows_the_replica_and_what_may_be_done(site: FakeSite) -> None:
    record, now = site.read_record(), site.clock.now()

    assert any(f"kept: {REPLICA} until" in line and "Verify" in line for line in format_status("gogs", record, "", now))
    assert "removed at" in describe_next(record, has_gate=False, now=now)
    assert [line.split(":")[0] for line in list_allowed(record, now=now)] == ["cutover resume", "cutover rollback"]


def test_resume_shows_what_is_taken_over_and_what_is_done_again(site: FakeSite) -> None:
    suspension = find_suspension(site.read_record(), now=site.clock.now())

    steps = {one["step"]: one for one in list_steps(suspension, now=site.clock.now())}

    assert [name for name, one in steps.items() if one["taken_over"]] == list(TAKEN_OVER)
    assert steps["await-bulk"]["age_seconds"] == 600
    assert steps["verify"]["valid_seconds"] == 0
    assert all(one["reason"] for one in steps.values())


@pytest.mark.parametrize(("later", "reason"), [(3600, "was kept until"), (0, "no run is suspended")])
def test_resume_refuses_when_there_is_nothing_to_take_over(site: FakeSite, later: float, reason: str) -> None:
    record = site.read_record() if later else Record(run_id=RUN, decision="rollback")

    with pytest.raises(StepFailed, match=reason) as refused:
        find_suspension(record, now=site.clock.now() + later)

    assert "npx cdk deploy" in refused.value.next_action


def test_resume_refuses_while_a_run_holds_the_site(site: FakeSite) -> None:
    site.runs.acquire("m1-c-2", "cutover", seconds=900)

    with pytest.raises(StepFailed, match="m1-c-2 holds the site"):
        find_suspension(site.read_record(), now=site.clock.now())


def test_a_roll_back_removes_the_replica(site: FakeSite) -> None:
    lines: list[str] = []

    roll_back(site, site.clock, lines.append)

    assert REPLICA not in site.ec2.kept
    assert site.read_record().suspended is None
    assert lines[-1] == "no run holds the site; the source serves"


def test_clean_up_lists_the_replica_and_removes_it_on_request(site: FakeSite) -> None:
    lines: list[str] = []
    list_orphaned(site, lines.append, remove=False)
    assert any(line.startswith("may go") and REPLICA in line and "cutover resume" in line for line in lines)
    assert site.ec2.changes == []

    list_orphaned(site, lines.append, remove=True)

    assert REPLICA not in site.ec2.kept
    assert site.read_record().suspended is None


def test_clean_up_leaves_a_replica_to_the_run_that_may_take_it_over(site: FakeSite) -> None:
    """Its tags name the run that launched it, not the one that uses it now."""
    suspension = find_suspension(site.read_record(), now=site.clock.now())
    site.runs.acquire("m1-c-2", "cutover", seconds=900)

    for taken in (False, True):
        if taken:
            assert site.runs.take_over("m1-c-2", suspension, suspension.checkpoint)
        findings = list_orphaned(site, lambda _: None, remove=True)
        assert not [one for one in findings if one.is_removable]
    assert set(site.ec2.kept) == {REPLICA, "lt-1"}


def test_a_removal_that_was_claimed_is_refused_to_others(site: FakeSite) -> None:
    assert site.runs.claim_removal(find_suspension(site.read_record(), now=site.clock.now()))

    with pytest.raises(StepFailed, match="somebody else removes it"):
        roll_back(site, site.clock, lambda _: None)
    assert REPLICA in site.ec2.kept


def test_the_plan_names_what_becomes_of_the_replica(site: FakeSite) -> None:
    record = site.read_record()

    assert "takes the replica i-replica that run m1-c-1 keeps" in planning._describe_suspended(record, "cutover")[0]
    assert "removes the replica" in planning._describe_suspended(record, "test-launch")[0]


def test_the_time_of_a_step_that_was_taken_over_is_no_measurement() -> None:
    step = StepRecord(step="await-bulk", outcome="done", began=1.0, ended=1.1, facts={"taken_over_from": RUN})

    assert step.is_done
    assert not step.is_measured
    assert not replace(step, facts={"continued_from": RUN}).is_measured


def test_a_replica_with_a_tag_of_production_is_left_to_a_person(site: FakeSite) -> None:
    site.ec2.add(REPLICA, "running", tags={**TAGS, "Environment": "Production"})

    with pytest.raises(StepFailed, match="Environment=Production"):
        roll_back(site, site.clock, lambda _: None)

    assert REPLICA in site.ec2.kept
    assert site.read_record().suspended is not None
    assert site.read_record().removal_until == 0


@pytest.mark.parametrize("code", [0, 1])
def test_the_deploy_gets_the_settings_and_its_exit_code_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    npx, called = tmp_path / "npx", tmp_path / "called"
    npx.write_text(f'#!/bin/sh\necho "$CUTOVER_CONFIG $*" > {called}\nexit {code}\n')
    npx.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    if code:
        with pytest.raises(StepFailed, match="exit code 1"):
            deploy(App(config=Path("site.toml")))
    else:
        deploy(App(config=Path("site.toml")))

    assert called.read_text() == "site.toml cdk deploy MigrationStack\n"


def test_a_machine_without_node_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StepFailed, match="npx is not installed"):
        deploy(App(config=Path("site.toml")))


@pytest.fixture
def launching(site: FakeSite) -> FakeSite:
    """The same site with a run that failed while its launch went on: no machine is known yet."""
    del site.ec2.kept[REPLICA]
    known = find_suspension(site.read_record(), now=site.clock.now())
    finished = dict.fromkeys(LAUNCHED, site.clock.now())
    checkpoint = replace(known.checkpoint, instance_id="", finished=finished)
    site.runs.acquire(NEXT, "cutover", seconds=900)
    site.runs.forget_suspended(NEXT, known)
    site.runs.update_facts(NEXT, expected_report="CUTOVER")
    site.runs.save_checkpoint(NEXT, checkpoint)
    site.runs.roll_back(NEXT)
    assert site.runs.suspend(NEXT, replace(known, run_id=NEXT, phase="Launch", checkpoint=checkpoint))
    site.runs.release(NEXT)
    return site


def test_a_launch_that_is_kept_is_shown_by_its_job(launching: FakeSite) -> None:
    record, now = launching.read_record(), launching.clock.now()
    steps = {one["step"]: one for one in list_steps(find_suspension(record, now=now), now=now)}

    assert any("kept: launch job job until" in line for line in format_status("gogs", record, "", now))
    assert "launch job job" in describe_next(record, has_gate=False, now=now)
    assert "takes the launch job job that run m1-c-2 keeps" in planning._describe_suspended(record, "cutover")[0]
    assert [name for name, one in steps.items() if one["taken_over"]] == list(LAUNCHED)
    assert "the same job is waited for" in steps["await-job"]["reason"]


def test_a_launch_without_a_machine_is_left_to_the_schedule(launching: FakeSite) -> None:
    lines: list[str] = []

    roll_back(launching, launching.clock, lines.append)

    suspension = launching.read_record().suspension
    assert suspension is not None
    assert suspension.until <= launching.clock.now()
    assert launching.read_record().removal_until == 0
    assert any("has no machine in EC2 yet" in line for line in lines)
    with pytest.raises(StepFailed, match="is being removed"):
        find_suspension(launching.read_record(), now=launching.clock.now())


def test_the_machine_of_a_launch_that_is_kept_is_removed_by_its_tags(launching: FakeSite) -> None:
    launching.ec2.add("i-new", "running", tags=TAGS)
    launching.ec2.add("i-other", "running", tags={**TAGS, "cutover:run-id": "m0"})
    findings = list_orphaned(launching, lambda _: None, remove=False)
    assert [one.resource.resource_id for one in findings if "cutover resume" in one.reason] == ["i-new"]

    roll_back(launching, launching.clock, lambda _: None)

    assert {"i-new", "i-other"} & set(launching.ec2.kept) == {"i-other"}
    assert launching.read_record().suspended is None
