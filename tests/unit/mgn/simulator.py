# ruff: noqa: N802, N803, ARG002  (operations and parameters have the names of the service)
"""AWS MGN in memory: source servers, their life cycle, jobs and settings, by the rules that the real service was seen to follow.

A job stands still until a test lets it begin or end. Instances and launch templates are those of the EC2 simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.unit.mgn.ec2 import Ec2Simulator
from tests.unit.mgn.wire import ACCOUNT, REGION, ApiError, LostAnswer
from tests.unit.procedure.clock import FakeClock

STARTS = {
    "START_TEST": (("READY_FOR_TEST", "TESTING"), "TESTING"),
    "START_CUTOVER": (("READY_FOR_CUTOVER", "CUTTING_OVER"), "CUTTING_OVER"),
}
"""from which states, to which state"""
NOT_TERMINABLE = ("TESTING", "CUTTING_OVER", "CUTOVER")
GIB = 1 << 30


@dataclass
class MgnSimulator:
    """Implements tests.unit.mgn.wire.Simulator."""

    clock: FakeClock
    ec2: Ec2Simulator
    initialized: bool = True
    servers: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    launch_configurations: dict[str, dict[str, Any]] = field(default_factory=dict)
    replication_configurations: dict[str, dict[str, Any]] = field(default_factory=dict)
    templates: list[dict[str, Any]] = field(default_factory=list)
    launch_templates: list[dict[str, Any]] = field(default_factory=list)
    actions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """post-launch actions by server"""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    """by operation: what its next calls meet. LostAnswer acts first"""
    agent_away: bool = False
    """the source's agent cannot take part in a snapshot"""
    capacity: bool = True
    denial: str = ""
    """what EC2 says about a launch that it denies"""
    on_initialize: Callable[[], None] = lambda: None
    page_size: int = 2
    """small, so that every list has pages"""

    def do(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, parameters))
        fault = self.faults[operation].pop(0) if self.faults.get(operation) else None
        if isinstance(fault, ApiError):
            raise fault
        if operation == "InitializeService":
            self.on_initialize()
            self.initialized = True
            return {}
        if not self.initialized:
            raise ApiError("UninitializedAccountException", "Account not initialized")
        result: dict[str, Any] = getattr(self, f"_{operation}")(**parameters)
        if isinstance(fault, LostAnswer):
            raise ApiError("InternalServerException", "the response was lost", 500)
        return result

    def count(self, *operations: str) -> int:
        return sum(operation in operations for operation, _ in self.calls)

    # -- what a test arranges ----------------------------------------------------
    def add_server(self, hostname: str = "gogs", *, number: int = 1, state: str = "READY_FOR_TEST") -> str:
        """A server that replicates continuously, with the template that MGN makes for it."""
        server_id = f"s-{number:017d}"
        arn = f"arn:aws:mgn:{REGION}:{ACCOUNT}:source-server/{server_id}"
        self.servers[server_id] = {
            "sourceServerID": server_id,
            "arn": arn,
            "isArchived": False,
            "tags": {"resourceArn": arn},  # a quirk of the service: never a tag
            "lifeCycle": {"state": state, "lastSeenByServiceDateTime": self.now(), "lastTest": {}, "lastCutover": {}},
            "sourceProperties": {"identificationHints": {"hostname": hostname, "fqdn": f"{hostname}.example.com"}},
            "dataReplicationInfo": {
                "dataReplicationState": "CONTINUOUS",
                "lagDuration": "P0D",
                "lastSnapshotDateTime": self.now(),
                "replicatedDisks": [
                    {"deviceName": "/dev/xvda", "totalStorageBytes": 8 * GIB, "replicatedStorageBytes": 8 * GIB,
                     "rescannedStorageBytes": 8 * GIB, "backloggedStorageBytes": 0}
                ],
            },
        }  # fmt: skip
        self.launch_configurations[server_id] = {
            "sourceServerID": server_id,
            "ec2LaunchTemplateID": self.ec2.add_template(server_id, hostname),
            "launchDisposition": "STARTED",
            "bootMode": "LEGACY_BIOS",
            "copyPrivateIp": False,
            "targetInstanceTypeRightSizingMethod": "BASIC",
        }
        self.replication_configurations[server_id] = {
            "sourceServerID": server_id,
            "stagingAreaSubnetId": "subnet-00000000",
            "ebsEncryption": "DEFAULT",
            "replicationServersSecurityGroupsIDs": [],
        }
        return server_id

    def now(self, offset: float = 0.0) -> str:
        """A moment as the real service writes it: microseconds and an offset."""
        moment = datetime.fromtimestamp(self.clock.now() + offset, tz=UTC)
        return moment.isoformat(timespec="microseconds")

    def begin(self, job_id: str, *, after_seconds: float = 60.0) -> None:
        self._pass(after_seconds)
        self.jobs[job_id]["status"] = "STARTED"
        self._log(job_id, "JOB_START")

    def end(self, job_id: str, *, after_seconds: float = 60.0) -> None:
        """Let a job do its work and end. COMPLETED says nothing about its outcome."""
        self._pass(after_seconds)
        job = self.jobs[job_id]
        if job["status"] == "PENDING":
            self.begin(job_id, after_seconds=0)
        for participant in job["participatingServers"]:
            work = self._terminate if job["type"] == "TERMINATE" else self._launch
            work(job_id, participant, self.servers[participant["sourceServerID"]])
        job["status"] = "COMPLETED"
        self._log(job_id, "JOB_END")

    def _pass(self, seconds: float) -> None:
        if seconds:  # otherwise an alarm of the clock has called
            self.clock.sleep(seconds)

    # -- the work of jobs ----------------------------------------------------------
    def _launch(self, job_id: str, participant: dict[str, Any], server: dict[str, Any]) -> None:
        server_id = server["sourceServerID"]
        if earlier := server.get("launchedInstance"):
            self._log(job_id, "CLEANUP_START")
            self.ec2.end(earlier["ec2InstanceID"])
            del server["launchedInstance"]
            self._log(job_id, "CLEANUP_END")
        self._log(job_id, "SNAPSHOT_START")
        if self.agent_away:
            self._log(job_id, "SNAPSHOT_FAIL", rawError="timeout after 300 s")
            self._log(job_id, "USING_PREVIOUS_SNAPSHOT")
        else:
            self._log(job_id, "SNAPSHOT_END")
        for event in ("CONVERSION_START", "CONVERSION_END", "LAUNCH_START"):
            self._log(job_id, event)
        data = self.ec2.read_default(self.launch_configurations[server_id]["ec2LaunchTemplateID"])
        interfaces = data.get("NetworkInterfaces") or [{}]
        if self.denial or not self.capacity or not interfaces[0].get("SubnetId"):
            error = (
                "VPCIdNotSpecified: No default VPC for this user" if self.capacity else "InsufficientInstanceCapacity"
            )
            self._log(job_id, "LAUNCH_FAILED", rawError=self.denial or error, attemptCount=1, maxAttemptsCount=3)
            participant["launchStatus"] = "FAILED"
            return
        instance = self.ec2.run(data, server_id, job_id)
        participant |= {"launchStatus": "LAUNCHED", "launchedEc2InstanceID": instance}
        server["launchedInstance"] = {"ec2InstanceID": instance, "jobID": job_id, "firstBoot": "WAITING"}
        self._log(job_id, "LAUNCH_END")  # not in the enumeration of the model

    def _terminate(self, job_id: str, participant: dict[str, Any], server: dict[str, Any]) -> None:
        self._log(job_id, "CLEANUP_START")
        self.ec2.end(server["launchedInstance"]["ec2InstanceID"])
        participant["launchStatus"] = "TERMINATED"
        self._log(job_id, "CLEANUP_END")

    def _log(self, job_id: str, event: str, **data: Any) -> None:
        self.logs[job_id].append({"logDateTime": self.now(), "event": event, "eventData": data})

    # -- operations ------------------------------------------------------------------
    def _page(self, items: list[dict[str, Any]], token: str = "") -> dict[str, Any]:
        start = int(token or 0)
        end = start + self.page_size
        return {"items": items[start:end], **({"nextToken": str(end)} if end < len(items) else {})}

    def _DescribeSourceServers(self, filters: dict[str, Any], nextToken: str = "") -> dict[str, Any]:
        found = [
            server
            for server in self.servers.values()
            if server["sourceServerID"] in filters.get("sourceServerIDs", list(self.servers))
            and server["isArchived"] == filters.get("isArchived", server["isArchived"])
        ]
        return self._page(found, nextToken)

    def _server(self, server_id: str) -> dict[str, Any]:
        if server_id not in self.servers:
            raise ApiError("ResourceNotFoundException", f"Source server {server_id} not found", 404)
        return self.servers[server_id]

    def _ChangeServerLifeCycleState(self, sourceServerID: str, lifeCycle: dict[str, str]) -> dict[str, Any]:
        server = self._server(sourceServerID)
        state, wanted = server["lifeCycle"]["state"], lifeCycle["state"]
        allowed = {
            "READY_FOR_TEST": ("TESTING", "READY_FOR_CUTOVER"),
            "READY_FOR_CUTOVER": ("READY_FOR_TEST", "TESTING", "CUTTING_OVER"),
        }
        if state not in allowed.get(wanted, ()):
            raise ApiError("ConflictException", f"Cannot ChangeServerLifeCycleState for a {state} server.", 409)
        server["lifeCycle"]["state"] = wanted
        return server

    def _StartTest(self, sourceServerIDs: list[str]) -> dict[str, Any]:
        return self._start("START_TEST", sourceServerIDs)

    def _StartCutover(self, sourceServerIDs: list[str]) -> dict[str, Any]:
        return self._start("START_CUTOVER", sourceServerIDs)

    def _start(self, initiated_by: str, server_ids: list[str]) -> dict[str, Any]:
        sources, result = STARTS[initiated_by]
        for server in map(self._server, server_ids):
            if server["lifeCycle"]["state"] not in sources:
                raise ApiError("ConflictException", "Source server is in the wrong lifecycle state", 409)
        started = self._add_job("LAUNCH", initiated_by, server_ids)
        key = "lastTest" if initiated_by == "START_TEST" else "lastCutover"
        for server in map(self._server, server_ids):
            server["lifeCycle"]["state"] = result
            server["lifeCycle"][key] = {"initiated": {"apiCallDateTime": self.now(), "jobID": started["job"]["jobID"]}}
        return started

    def _TerminateTargetInstances(self, sourceServerIDs: list[str]) -> dict[str, Any]:
        for server in map(self._server, sourceServerIDs):
            if server["lifeCycle"]["state"] in NOT_TERMINABLE or "launchedInstance" not in server:
                raise ApiError(
                    "ConflictException", f"Cannot terminate for a {server['lifeCycle']['state']} server", 409
                )
        return self._add_job("TERMINATE", "TERMINATE", sourceServerIDs)

    def _add_job(self, job_type: str, initiated_by: str, server_ids: list[str]) -> dict[str, Any]:
        running = [job for job in self.jobs.values() if job["status"] != "COMPLETED"]
        if any(one["sourceServerID"] in server_ids for job in running for one in job["participatingServers"]):
            raise ApiError("ConflictException", "Source server is already in a job", 409)
        if len(running) >= 20:
            raise ApiError("ServiceQuotaExceededException", "Too many jobs", 402, quotaCode="L-FE2EBE17", quotaValue=20)
        job_id = f"mgnjob-{len(self.jobs) + 1:017d}"
        self.logs[job_id] = []
        self.jobs[job_id] = {
            "jobID": job_id,
            "arn": f"arn:aws:mgn:{REGION}:{ACCOUNT}:job/{job_id}",
            "type": job_type,
            "initiatedBy": initiated_by,
            "status": "PENDING",
            "creationDateTime": self.now(),
            "participatingServers": [{"sourceServerID": one, "launchStatus": "PENDING"} for one in server_ids],
        }
        return {"job": self.jobs[job_id]}

    def _DescribeJobs(self, filters: dict[str, Any], nextToken: str = "") -> dict[str, Any]:
        since = datetime.fromisoformat(filters.get("fromDate", "1970-01-01T00:00:00Z"))
        found = [
            job
            for job in reversed(self.jobs.values())
            if job["jobID"] in filters.get("jobIDs", list(self.jobs))
            and datetime.fromisoformat(job["creationDateTime"]) >= since
        ]
        return self._page(found, nextToken)

    def _DescribeJobLogItems(self, jobID: str, nextToken: str = "") -> dict[str, Any]:
        return self._page(self.logs[jobID], nextToken)

    def _FinalizeCutover(self, sourceServerID: str) -> dict[str, Any]:
        server = self._server(sourceServerID)
        if server["lifeCycle"]["state"] != "CUTTING_OVER":
            raise ApiError("ConflictException", f"Cannot finalize a {server['lifeCycle']['state']} server", 409)
        server["lifeCycle"]["state"] = "CUTOVER"
        server["dataReplicationInfo"] = {"dataReplicationState": "DISCONNECTED"}
        return server

    def _GetLaunchConfiguration(self, sourceServerID: str) -> dict[str, Any]:
        return self.launch_configurations[sourceServerID]

    def _UpdateLaunchConfiguration(self, sourceServerID: str, **members: Any) -> dict[str, Any]:
        self.launch_configurations[sourceServerID] |= members
        return self.launch_configurations[sourceServerID]

    def _GetReplicationConfiguration(self, sourceServerID: str) -> dict[str, Any]:
        return self.replication_configurations[sourceServerID]

    def _UpdateReplicationConfiguration(self, sourceServerID: str, **members: Any) -> dict[str, Any]:
        self.replication_configurations[sourceServerID] |= members
        return self.replication_configurations[sourceServerID]

    def _DescribeReplicationConfigurationTemplates(self, maxResults: int = 0, nextToken: str = "") -> dict[str, Any]:
        return self._page(self.templates, nextToken)

    def _CreateReplicationConfigurationTemplate(self, **members: Any) -> dict[str, Any]:
        self.templates.append({"replicationConfigurationTemplateID": f"rct-{len(self.templates) + 1:017d}", **members})
        return self.templates[-1]

    def _DescribeLaunchConfigurationTemplates(self, nextToken: str = "") -> dict[str, Any]:
        return self._page(self.launch_templates, nextToken)

    def _CreateLaunchConfigurationTemplate(self) -> dict[str, Any]:
        number = len(self.launch_templates) + 1
        self.launch_templates.append({"launchConfigurationTemplateID": f"lct-{number:017d}"})
        return self.launch_templates[-1]

    def _ListSourceServerActions(self, sourceServerID: str, nextToken: str = "") -> dict[str, Any]:
        return self._page(self.actions.get(sourceServerID, []), nextToken)

    def _StartReplication(self, sourceServerID: str) -> dict[str, Any]:
        server = self._server(sourceServerID)
        replication = server["dataReplicationInfo"]
        if replication["dataReplicationState"] != "STOPPED":
            raise ApiError("ConflictException", "Replication has already started", 409)
        replication["dataReplicationState"] = "INITIATING"
        return server

    def _UpdateReplicationConfigurationTemplate(
        self,
        replicationConfigurationTemplateID: str,
        **members: Any,
    ) -> dict[str, Any]:
        (found,) = [
            one
            for one in self.templates
            if one["replicationConfigurationTemplateID"] == replicationConfigurationTemplateID
        ]
        found |= members
        return found
