"""AWS MGN in the world of the scenarios: what a run must leave of the source server, its jobs and its instances."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rehearsal.aws.faults import client as faults
from rehearsal.aws.mgn.permissions import SERVER_TAG
from rehearsal.job.aws import Aws
from rehearsal.settings import Settings
from tests.rehearsal.scenarios.scenario import Scenario

IN_A_LAUNCH = ("TESTING", "CUTTING_OVER")
WAIT_SECONDS, POLL_INTERVAL_SECONDS = 60.0, 0.5
NOT_ENDED = ["pending", "running", "stopping", "stopped"]


class MgnScenarios:
    """Implements ScenarioProvider."""

    post_launch_folder = "/boot/post_launch"

    def __init__(self, settings: Settings, aws: Aws) -> None:
        self._settings, self._aws = settings, aws

    def list_faults(self) -> list[dict[str, Any]]:
        """Return nothing: all faults of MGN are faults of the local AWS."""
        return []

    def stop_scripts(self) -> None:
        faults.inject_fault(self._settings, "mgn-no-scripts", times=0)

    def stop_copying(self) -> None:
        faults.inject_fault(self._settings, "mgn-lag")

    def slow_down_launches(self, seconds: int) -> None:
        faults.inject_fault(self._settings, "mgn-slow-launch", seconds=seconds)

    def get_backlog_bytes(self) -> int:
        disks = self.describe_server()["dataReplicationInfo"]["replicatedDisks"]
        return sum(int(disk["backloggedStorageBytes"]) for disk in disks)

    def describe_server(self) -> dict[str, Any]:
        """Return the only source server of the world."""
        (server,) = self._aws.make_client("mgn").describe_source_servers(filters={})["items"]
        return dict(server)

    def list_jobs(self) -> list[dict[str, Any]]:
        """Return all jobs, newest first."""
        pages = self._aws.make_client("mgn").get_paginator("describe_jobs").paginate(filters={})
        return [job for page in pages for job in page["items"]]

    def find_problems(self, scenario: Scenario, *, committed: bool, launching_runs: int) -> list[str]:
        launches = [job for job in self.list_jobs() if job["type"] == "LAUNCH"]
        problems = []
        if len(launches) > launching_runs:
            problems.append(f"MGN has {len(launches)} launch jobs of {launching_runs} runs: {[*map(_name, launches)]}")
        if "launch job" in scenario.orphaned_resources:
            return problems  # nothing else can have ended before the job
        ended = committed and scenario.finalized
        problems += _wait_for(self._find_running_jobs)
        if "replica" not in scenario.orphaned_resources:
            problems += _wait_for(self._find_instances) + self._find_volumes()
        problems += self._find_wrong_state(ended=ended)
        return problems + ([] if ended else _wait_for(self._find_stopped_replication))

    def _find_wrong_state(self, *, ended: bool) -> list[str]:
        state = self.describe_server()["lifeCycle"]["state"]
        wrong = state != "CUTOVER" if ended else state in (*IN_A_LAUNCH, "CUTOVER")
        return [f"the source server is {state} in MGN"] if wrong else []

    def _find_running_jobs(self) -> list[str]:
        return [f"MGN's job {_name(job)} runs" for job in self.list_jobs() if job["status"] != "COMPLETED"]

    def _find_stopped_replication(self) -> list[str]:
        info = self.describe_server()["dataReplicationInfo"]
        return [] if info["dataReplicationState"] == "CONTINUOUS" else [f"the replication is {info}"]

    def _find_instances(self) -> list[str]:
        """Return the launched instances that are not terminated, also those that do not run."""
        filters = [
            {"Name": "tag-key", "Values": [SERVER_TAG]},
            {"Name": "instance-state-name", "Values": NOT_ENDED},
        ]
        pages = self._aws.make_client("ec2").get_paginator("describe_instances").paginate(Filters=filters)
        return [
            f"{one['InstanceId']}, which MGN launched, is {one['State']['Name']}"
            for page in pages
            for reservation in page["Reservations"]
            for one in reservation["Instances"]
        ]

    def _find_volumes(self) -> list[str]:
        filters = [{"Name": "tag-key", "Values": [SERVER_TAG]}, {"Name": "status", "Values": ["available"]}]
        volumes = self._aws.make_client("ec2").describe_volumes(Filters=filters)["Volumes"]
        return [f"the volume {one['VolumeId']} of a replica is left" for one in volumes]


def _name(job: dict[str, Any]) -> str:
    return f"{job['jobID']} ({job['initiatedBy']}, {job['status']})"


def _wait_for(find: Callable[[], list[str]]) -> list[str]:
    """Return the problems that WAIT_SECONDS do not end: some effects follow the response to CloudFormation."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := find()) and time.monotonic() < deadline:
        time.sleep(POLL_INTERVAL_SECONDS)
    return found
