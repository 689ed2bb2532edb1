"""What is left of runs and of the provider: listed with a reason, and removed only where it is certainly nobody's."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from common.clients.resources import Finding, Resource, Resources
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.errors import StepFailed

from operate.orphaned import list_orphaned
from tests.unit.mgn.wire import Account
from tests.unit.operate.resources_simulator import ResourcesSimulator

OLD, LAST = "first-t-0000000001", "first-c-0000000002"
OURS = {"cutover:site": "gogs", "cutover:role": "replica", "cutover:run-id": OLD}


@dataclass
class FakeSite:
    """One account with what is left in it."""

    name: str = "gogs"
    ec2: ResourcesSimulator = field(default_factory=ResourcesSimulator)
    run: Record = field(default_factory=lambda: Record(run_id=LAST, kind="cutover"))
    stack_runs: set[str] = field(default_factory=set)
    staging: list[Finding] | None = field(default_factory=list)

    @property
    def resources(self) -> Resources:
        return Resources(Account({"ec2": self.ec2})("ec2"))

    @property
    def runs(self) -> Runs:
        raise AssertionError("no run is suspended, so nothing of the record changes")

    def read_record(self) -> Record:
        return self.run

    def list_runs(self) -> set[str]:
        return self.stack_runs

    def list_staging(self) -> list[Finding] | None:
        return self.staging


def look(site: FakeSite, *, remove: bool = False) -> list[str]:
    lines: list[str] = []
    list_orphaned(site, lines.append, remove=remove)
    return lines


def add_one_of_each(site: FakeSite) -> list[str]:
    """What a run leaves that nobody could clean up, in the order of the list."""
    return [
        site.ec2.add("i-1", "running", tags=OURS),
        site.ec2.add("vol-1", tags=OURS),
        site.ec2.add("ami-1", tags=OURS, snapshots=[site.ec2.add("snap-1", tags=OURS)]),
        site.ec2.add("snap-2", tags=OURS),
        site.ec2.add("lt-1", tags=OURS),
    ]


def test_everything_that_a_finished_run_left_is_listed_and_nothing_is_changed() -> None:
    site = FakeSite()
    left = add_one_of_each(site)

    lines = look(site)

    assert [next(one for one in left if f" {one}" in line) for line in lines[:-1]] == left
    assert all(line.startswith("may go") and f"run {OLD} is over" in line for line in lines[:-1])
    assert lines[-1] == "5 of 5 may go: run this command with --yes; nothing was changed"
    assert site.ec2.changes == []


def test_the_same_resources_are_removed_on_request_and_the_second_time_nothing_is_left() -> None:
    site = FakeSite()
    add_one_of_each(site)

    assert look(site, remove=True)[-1] == "removed: launch template lt-1"

    assert site.ec2.kept == {}
    assert look(site, remove=True) == ["nothing is left"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cutover:run-id": ""}, "no tag of a run"),
        ({"Environment": "Production"}, "Environment=Production"),
        ({"cutover:run-id": LAST}, f"run {LAST} holds the site now"),
    ],
)
def test_what_is_not_certainly_left_over_stays(change: dict[str, str], reason: str) -> None:
    site = FakeSite(run=Record(run_id=LAST, kind="cutover", lock_expires=1.0))
    tags = {key: value for key, value in {**OURS, **change}.items() if value}
    site.ec2.add("i-1", "running", tags=tags)
    site.ec2.add("vol-1", tags=tags)

    lines = look(site, remove=True)

    assert site.ec2.changes == []
    assert len(lines) == 2
    assert all(reason in line and line.startswith("stays") for line in lines)


@pytest.mark.parametrize("change", [{"cutover:site": "wiki"}, {"cutover:role": "target"}])
def test_resources_of_others_are_not_listed(change: dict[str, str]) -> None:
    site = FakeSite()
    site.ec2.add("i-1", "running", tags={**OURS, **change})

    assert look(site, remove=True) == ["nothing is left"]
    assert site.ec2.changes == []


def test_a_volume_in_use_goes_with_its_instance() -> None:
    site = FakeSite()
    site.ec2.add("vol-1", "in-use", tags=OURS)

    assert "an instance uses it" in look(site, remove=True)[0]
    assert site.ec2.changes == []


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (lambda site: site.stack_runs.add(OLD), f"run {OLD} is the one of the stack"),
        (lambda site: setattr(site, "run", Record(run_id=OLD)), f"run {OLD} is the last one"),
        (lambda site: site.ec2.add("i-9", "running", image="ami-1"), "instance i-9 uses it"),
        (lambda site: site.ec2.add("lt-9", uses="ami-1"), "launch template lt-9 uses it"),
    ],
)
def test_an_image_that_servers_start_from_stays(arrange: object, reason: str) -> None:
    site = FakeSite()
    site.ec2.add("ami-1", tags=OURS)
    arrange(site)  # type: ignore[operator]

    assert reason in look(site, remove=True)[0]
    assert site.ec2.changes == []


def test_the_image_of_a_run_that_was_rolled_back_may_go_at_once() -> None:
    site = FakeSite(run=Record(run_id=OLD, decision="rollback"))
    site.ec2.add("ami-1", tags=OURS)
    site.ec2.add("i-9", "terminated", image="ami-1")

    look(site, remove=True)

    assert site.ec2.changes == ["ami-1"]


def test_a_terminated_instance_costs_nothing() -> None:
    site = FakeSite()
    site.ec2.add("i-1", "terminated", tags=OURS)
    assert look(site) == ["nothing is left"]


def test_what_is_gone_by_itself_in_the_meantime_counts_as_done() -> None:
    site = FakeSite()
    gone = Resource(kind="volume", resource_id="vol-9", state="available")
    site.staging = [Finding(resource=gone, what="staging disk", reason="orphaned", is_removable=True)]

    assert look(site, remove=True)[-1] == "already gone: volume vol-9"


def test_one_that_cannot_be_removed_does_not_keep_the_others_and_fails_the_command() -> None:
    site = FakeSite()
    add_one_of_each(site)
    site.ec2.refused.add("i-1")

    with pytest.raises(StepFailed, match="not removed: instance i-1: ec2:TerminateInstances: UnauthorizedOperation"):
        look(site, remove=True)

    assert set(site.ec2.kept) == {"i-1"}


def test_what_these_credentials_cannot_see_is_named_as_not_checked() -> None:
    lines = look(FakeSite(staging=None))
    assert lines[0].startswith("not checked: replication servers and converters")
