"""What a scenario with MGN must leave at the service: each thing that is wrong is reported."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.settings import Settings
from tests.rehearsal.scenarios.providers import mgn
from tests.rehearsal.scenarios.providers.mgn import MgnScenarios
from tests.rehearsal.scenarios.scenario import Scenario

TEST = {"jobID": "mgnjob-1", "type": "LAUNCH", "initiatedBy": "START_TEST", "status": "COMPLETED"}
TERMINATION = {"jobID": "mgnjob-2", "type": "TERMINATE", "initiatedBy": "TERMINATE", "status": "COMPLETED"}
CUTOVER = {"jobID": "mgnjob-3", "type": "LAUNCH", "initiatedBy": "START_CUTOVER", "status": "COMPLETED"}
REPLICA = {"InstanceId": "i-1", "State": {"Name": "stopped"}}


class FakeAws:
    """One source server at rest, whose test launch was removed."""

    def __init__(self) -> None:
        self.state, self.replication = "READY_FOR_CUTOVER", "CONTINUOUS"
        self.jobs, self.instances = [TERMINATION, TEST], list[dict[str, Any]]()
        self.volumes: list[dict[str, Any]] = []
        self._operation = ""

    def make_client(self, service: str) -> FakeAws:
        assert service in ("mgn", "ec2")
        return self

    def describe_source_servers(self, filters: dict[str, Any]) -> dict[str, Any]:
        assert filters == {}
        info = {"dataReplicationState": self.replication}
        return {"items": [{"lifeCycle": {"state": self.state}, "dataReplicationInfo": info}]}

    def get_paginator(self, operation: str) -> FakeAws:
        self._operation = operation
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        if self._operation == "describe_jobs":
            return [{"items": self.jobs}]
        return [{"Reservations": [{"Instances": self.instances}]}]

    def describe_volumes(self, **_: Any) -> dict[str, Any]:
        return {"Volumes": self.volumes}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    monkeypatch.setattr(mgn, "WAIT_SECONDS", 0.0)
    return FakeAws()


def find(aws: Any, *, committed: bool = False, runs: int = 1, **expected: Any) -> list[str]:
    service = MgnScenarios(Settings.load({}), aws)
    scenario = Scenario(expected_end="either", **expected)
    return service.find_problems(scenario, committed=committed, launching_runs=runs)


def test_a_server_at_rest_has_no_problem(aws: FakeAws) -> None:
    assert find(aws) == []


def test_a_finalized_server_has_no_problem_after_a_migration(aws: FakeAws) -> None:
    aws.state, aws.replication, aws.jobs = "CUTOVER", "DISCONNECTED", [CUTOVER, TERMINATION, TEST]
    assert find(aws, committed=True, runs=2) == []


@pytest.mark.parametrize("state", ["TESTING", "CUTTING_OVER", "CUTOVER"])
def test_a_server_that_stayed_in_a_launch_is_reported(aws: FakeAws, state: str) -> None:
    aws.state = state
    assert find(aws) == [f"the source server is {state} in MGN"]


def test_a_migrated_server_that_was_not_finalized_is_reported_unless_a_warning_reports_it(aws: FakeAws) -> None:
    assert find(aws, committed=True) == ["the source server is READY_FOR_CUTOVER in MGN"]
    assert find(aws, committed=True, finalized=False) == []


def test_a_second_launch_job_of_a_run_is_reported(aws: FakeAws) -> None:
    aws.jobs = [CUTOVER, CUTOVER, TERMINATION, TEST]
    (problem,) = find(aws, runs=2)
    assert problem.startswith("MGN has 3 launch jobs of 2 runs: ['mgnjob-3 (START_CUTOVER, COMPLETED)'")


def test_a_running_job_is_reported_unless_a_warning_names_it(aws: FakeAws) -> None:
    aws.jobs = [{**CUTOVER, "status": "STARTED"}, TERMINATION, TEST]
    assert find(aws, runs=2) == ["MGN's job mgnjob-3 (START_CUTOVER, STARTED) runs"]
    assert find(aws, runs=2, orphaned_resources=("launch job",)) == []


def test_an_instance_that_is_left_is_reported_unless_a_warning_names_it(aws: FakeAws) -> None:
    aws.instances = [REPLICA]
    assert find(aws) == ["i-1, which MGN launched, is stopped"]
    assert find(aws, orphaned_resources=("replica",)) == []


def test_a_volume_that_is_left_is_reported(aws: FakeAws) -> None:
    aws.volumes = [{"VolumeId": "vol-1"}]
    assert find(aws) == ["the volume vol-1 of a replica is left"]


def test_a_replication_that_does_not_continue_is_reported(aws: FakeAws) -> None:
    aws.replication = "STALLED"
    assert find(aws) == ["the replication is {'dataReplicationState': 'STALLED'}"]
