"""The client of AWS MGN (AWS Application Migration Service), behind the provider interface.

The API is called `mgn`, also since the service is called AWS Transform MGN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from common.clients.mgn.denials import decode_denials
from common.clients.mgn.errors import Conflict
from common.clients.mgn.initialization import Initialization
from common.clients.mgn.instances import BY_EC2, Instances, refuse_production
from common.clients.mgn.jobs import OPERATION, Jobs
from common.clients.mgn.launch_checks import LaunchChecks
from common.clients.mgn.launch_settings import LaunchSettings as TemplateSettings
from common.clients.mgn.life_cycle import LifeCycle
from common.clients.mgn.polls import Polls
from common.clients.mgn.properties import describe_properties, format_tags
from common.clients.mgn.readiness import evaluate
from common.clients.mgn.replication import Replication
from common.clients.mgn.rights import RightsCheck
from common.clients.mgn.servers import Servers, get_instance_id
from common.clients.mgn.service import Service
from common.clients.mgn.settings import MgnSettings
from common.clients.provider import Clients, Job, JobStatus, Readiness, ReplicationSettings, SourceServer
from common.clock import Clock
from common.errors import RetryableProviderError, StepFailed
from common.run import Launch
from common.settings import ClientSettings, LaunchSettings

LAUNCH, TERMINATE = "LAUNCH", "TERMINATE"
NOT_READY = "NOT_READY"
"""life cycle state until the end of the initial sync"""


class Mgn:
    """Implements common.clients.provider.Provider."""

    operator_tool = "the MGN console"

    def __init__(self, settings: ClientSettings, clock: Clock, clients: Clients) -> None:
        own = MgnSettings.parse(settings.provider.own)
        ec2 = clients("ec2")
        self._clients = clients
        self._clock, self._consistency_age = clock, settings.limits.consistency_age
        self._service = Service(clients("mgn"), clock)
        self._servers = Servers(self._service)
        self._jobs = Jobs(self._service, clock)
        self._polls = Polls(clock, has_events=bool(settings.provider.events_queue_url))
        self._life_cycle = LifeCycle(self._service, self._servers)
        self._instances = Instances(ec2)
        self._launch_settings = TemplateSettings(self._service, ec2, clock, boot_mode=own.boot_mode)
        self._replication = Replication(self._service, self._servers, own, settings.provider.source_server_name)
        self._initialization = Initialization(self._service, clients, clock)
        rights = RightsCheck(clients, self._service.region, instance_profile=settings.launch_settings.instance_profile)
        self._checks = LaunchChecks(self._jobs, self._instances, rights, self._launch_settings, clock)

    def initialize(self, defaults: ReplicationSettings) -> Mapping[str, Any]:
        return {**self._initialization.ensure(), **self._replication.ensure_templates(defaults)}

    def find_source_server(self, name: str) -> SourceServer:
        return SourceServer(source_server_id=str(self._servers.find(name)["sourceServerID"]), name=name)

    def check_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        """Return whether the server may be launched. Jobs, the earlier instance and rights are looked at when its replication is ready."""
        known = self._polls.readiness.get(f"{source_server_id} {tested}")
        if known is not None:
            return known
        readiness = self._read_readiness(source_server_id, tested=tested)
        if not readiness.waiting or readiness.blocked:
            return readiness
        announced = self._polls.has_events and readiness.facts.get("life_cycle") == NOT_READY
        return self._polls.readiness.keep(f"{source_server_id} {tested}", readiness, announced=announced)

    def _read_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        server = self._servers.read(source_server_id)
        readiness = evaluate(server, now=self._clock.now(), consistency_age=self._consistency_age)
        blocked = [*readiness.blocked]
        if tested and not self._checks.has_test_launch(server):
            blocked.append("it was never launched for a test")
        if readiness.waiting or blocked:
            return replace(readiness, blocked=tuple(blocked))
        return self._checks.check(server, readiness, tested=tested)

    def prepare_launch(
        self, source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        record = format_tags(describe_properties(self._servers.read(source_server_id)))
        return self._launch_settings.write(source_server_id, launch_settings, {**tags, **record})

    def mark_ready_for_cutover(self, source_server_id: str) -> Mapping[str, Any]:
        return {"life_cycle": self._life_cycle.prepare_launch(self._servers.read(source_server_id), "CUTOVER")}

    def launch(self, source_server_id: str, kind: Launch, *, since: float) -> str:
        """Start a launch, or adopt one. There is one job per server, and no client token: a second launch is never started beside another job."""
        if adopted := self._adopt(source_server_id, kind, since):
            return adopted
        server = self._servers.read(source_server_id)
        if reason := refuse_production(self._instances.read(get_instance_id(server))):
            raise StepFailed(reason, machine=source_server_id, next_action="do that, then deploy again")
        self._life_cycle.prepare_launch(server, kind)
        try:
            return self._jobs.start(OPERATION[kind], source_server_id)
        except Conflict as conflict:
            # Either our own request whose response was lost, or another job that will end.
            if adopted := self._adopt(source_server_id, kind, since):
                return adopted
            raise RetryableProviderError(conflict.reason, next_action=conflict.next_action) from conflict

    def _adopt(self, source_server_id: str, kind: Launch, since: float) -> str:
        """Return the launch to adopt, empty when there is none. RetryableProviderError while another job of the server runs."""
        adopted, running = self._jobs.find_launch(source_server_id, kind, since=since, now=self._clock.now())
        if running:
            raise RetryableProviderError(
                f"the source server is in job {running['jobID']} ({running.get('initiatedBy')}), and MGN permits one job per server",
                next_action="wait for the end of that job; the step is retried",
            )
        return adopted

    def read_job(self, job_id: str) -> Job:
        if job_id.startswith(BY_EC2):
            return self._evaluate_termination(job_id)
        known = self._polls.jobs.get(job_id)
        if known is not None:
            return known
        raw = self._jobs.read(job_id)
        announced = self._polls.has_events and raw.get("type") == LAUNCH
        job = self._jobs.evaluate(raw, announced=announced)
        if job.status is JobStatus.RUNNING:
            return self._polls.jobs.keep(job_id, job, announced=announced)
        if job.status is JobStatus.FAILED:
            return replace(job, log=decode_denials(job.log, lambda: self._clients("sts")))
        if raw.get("type") != TERMINATE or job.status is not JobStatus.COMPLETED:
            return job
        servers = [str(one["sourceServerID"]) for one in raw.get("participatingServers") or []]
        orphaned = [warning for one in servers for warning in self._instances.warn_orphaned_volumes(one)]
        return replace(job, warnings=(*job.warnings, *orphaned))

    def _evaluate_termination(self, job_id: str) -> Job:
        instance_id = job_id.removeprefix(BY_EC2)
        left = self._instances.read(instance_id)
        status = JobStatus.RUNNING if left else JobStatus.COMPLETED
        return Job(job_id=job_id, status=status, log=(f"EC2: {left.state if left else 'terminated'}",))

    def refresh(self) -> None:
        self._polls.clear()

    def find_launched_instance(self, source_server_id: str) -> str:
        instance = self._instances.read(get_instance_id(self._servers.read(source_server_id)))
        return instance.instance_id if instance else ""

    def find_launch_job(self, source_server_id: str) -> str:
        known = self._polls.launches.get(source_server_id)
        if known is not None:
            return known
        running = self._jobs.find_running(source_server_id, now=self._clock.now(), job_type=LAUNCH)
        return (
            self._polls.launches.keep(source_server_id, str(running["jobID"]), announced=self._polls.has_events)
            if running
            else ""
        )

    def find_last_launch(self, source_server_id: str) -> str:
        latest = self._jobs.find_latest(source_server_id, now=self._clock.now(), job_type=LAUNCH)
        return str(latest["jobID"]) if latest else ""

    def remove_replica(self, source_server_id: str) -> str:
        """Take the server out of TESTING or CUTTING_OVER, then terminate its instance. MGN no longer does that after `finalize`, EC2 does."""
        server = self._servers.read(source_server_id)
        state = self._life_cycle.leave_launch(server)
        instance = self._instances.read(get_instance_id(server))
        if instance is None:
            return ""
        if state == "CUTOVER":
            return self._instances.terminate(instance, source_server_id)
        try:
            return self._jobs.start("terminate_target_instances", source_server_id)
        except Conflict as conflict:
            running = self._jobs.find_running(source_server_id, now=self._clock.now(), job_type=TERMINATE)
            if running:
                return str(running["jobID"])
            raise RetryableProviderError(conflict.reason, next_action=conflict.next_action) from conflict

    def finalize(self, source_server_id: str) -> Mapping[str, Any]:
        """End the replication. MGN removes the staging area within 90 minutes, and its agent from the source within 10."""
        state = self._life_cycle.finalize(self._servers.read(source_server_id))
        return {
            "life_cycle": state,
            "staging_area": "MGN removes replication server, disks and snapshots within 90 minutes: check then that none is left",
        }

    def configure_replication(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        return self._replication.configure(settings)
