"""The work of jobs: launch an instance from a fresh snapshot, or terminate the launched one."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from botocore.exceptions import ClientError, WaiterError

from rehearsal.aws.clients import Clients
from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.engine import Engine
from rehearsal.aws.mgn.events import Events
from rehearsal.aws.mgn.identifiers import hash_secret
from rehearsal.aws.mgn.jobs import JOBS_QUOTA, LaunchFailed, Progress
from rehearsal.aws.mgn.launch_templates import LaunchTemplates
from rehearsal.aws.mgn.life_cycle import LifeCycleState
from rehearsal.aws.mgn.models import Json, Launched, Participant, SourceServer
from rehearsal.aws.mgn.permissions import launch_checks, list_termination_checks
from rehearsal.aws.mgn.run_requests import build_run_request
from rehearsal.aws.mgn.stalls import Stalls
from rehearsal.aws.mgn.state import State
from rehearsal.aws.mgn.times import ServiceTimes
from rehearsal.aws.registry import Caller, Check
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.cloud import Cloud
from rehearsal.replication_engine.dates import now

SNAPSHOT_TIMEOUT = 300.0
"""Seconds after which a launch takes the previous snapshot."""
_REFUSED = (RehearsalError, ClientError, WaiterError, OSError)
_WAIT = {"Delay": 1, "MaxAttempts": 180}


class Launcher:
    """Works on the threads of jobs."""

    def __init__(
        self,
        state: State,
        *,
        engine: Engine,
        cloud: Cloud,
        clients: Clients,
        templates: LaunchTemplates,
        stalls: Stalls,
        events: Events,
        times: ServiceTimes,
    ) -> None:
        self._state, self._engine, self._cloud, self._clients = state, engine, cloud, clients
        self._templates, self._stalls, self._events, self._times = templates, stalls, events, times

    def check_quota(self, server: SourceServer) -> None:
        """Raise ApiError 402 if that is ordered: a quota of jobs cannot be reached with one server."""
        if self._stalls.find_hit("mgn-quota", server):
            raise exceptions.quota_exceeded(*JOBS_QUOTA)

    def launch(self, progress: Progress, caller: Caller, before: Mapping[str, LifeCycleState]) -> None:
        """Launch each server of the job. One that fails goes back to its state `before` the job; the others go on."""
        test = progress.job.initiator == "START_TEST"
        for participant in progress.job.participants:
            server = self._state.servers[participant.server_id]
            progress.set_status(participant, "IN_PROGRESS")
            failure = self._try(progress, server, participant, caller)
            if failure:
                progress.log(failure.event, server.id, rawError=str(failure))
                with self._state.lock:
                    server.state = before[server.id]
            progress.set_status(participant, "FAILED" if failure else "LAUNCHED")
            self._events.send_launch_result(server, progress.job.id, test=test, succeeded=not failure)

    def terminate(self, progress: Progress, caller: Caller) -> None:
        """Terminate the launched instance of each server of the job."""
        for participant in progress.job.participants:
            server = self._state.servers[participant.server_id]
            try:
                self._clean_up(progress, server, caller)
            except LaunchFailed as error:
                progress.log(error.event, server.id, rawError=str(error))
                progress.set_status(participant, "FAILED")
            else:
                progress.set_status(participant, "TERMINATED")

    def _try(
        self, progress: Progress, server: SourceServer, participant: Participant, caller: Caller
    ) -> LaunchFailed | None:
        try:
            if server.launched:
                self._clean_up(progress, server, caller)
            point = self._snapshot(progress, server)
            image = self._begin_conversion(progress, server, point)
            try:
                self._end_conversion(progress, server)
                instance = self._run(progress, server, image, caller)
            finally:
                self._cloud.drop_image(image)
        except LaunchFailed as error:
            return error
        progress.set_status(participant, "IN_PROGRESS", instance)
        with self._state.lock:
            server.launched = Launched(instance, progress.job.id)
        return None

    def _clean_up(self, progress: Progress, server: SourceServer, caller: Caller) -> None:
        """Terminate the instance of the earlier launch. Raises LaunchFailed."""
        progress.log("CLEANUP_START", server.id)
        progress.pause(self._times.cleanup)
        self._require(caller, server, list_termination_checks(), "CLEANUP_FAIL")
        if server.launched:
            try:
                self._cloud.terminate(server.launched.instance_id)
            except _REFUSED as error:
                raise LaunchFailed("CLEANUP_FAIL", str(error)) from error
        with self._state.lock:
            server.launched = None
        progress.log("CLEANUP_END", server.id)

    def _snapshot(self, progress: Progress, server: SourceServer) -> str:
        """Return the point in time to launch. Raises LaunchFailed when there is none."""
        progress.log("SNAPSHOT_START", server.id)
        progress.pause(self._times.snapshot)
        fresh = not self._stalls.find_hit("mgn-stale-snapshot", server) and self._engine.sync(
            server.id, SNAPSHOT_TIMEOUT
        )
        with self._state.lock:
            points = list(server.record["points"])
        if not points:
            raise LaunchFailed("SNAPSHOT_FAIL", "There is no snapshot to launch from")
        if fresh:
            progress.log("SNAPSHOT_END", server.id)
        else:
            progress.log("SNAPSHOT_FAIL", server.id, rawError="Could not take up-to-date snapshot")
            progress.log("USING_PREVIOUS_SNAPSHOT", server.id)
        return str(points[-1]["id"])

    def _begin_conversion(self, progress: Progress, server: SourceServer, point: str) -> str:
        """Return an image of a point in time. It is a copy, because replication goes on and removes old points. Raises LaunchFailed."""
        progress.log("CONVERSION_START", server.id)
        self._fail_if_ordered(server, "CONVERSION_FAIL")
        token = secrets.token_urlsafe(32)
        with self._state.lock:
            server.report_token, server.first_boot = hash_secret(token), "WAITING"
        name = f"AWS Application Migration Service {server.id} {now():%Y%m%d-%H%M%S.%f}"
        try:
            return self._engine.make_image(server.id, point, name, token)
        except _REFUSED as error:
            raise LaunchFailed("CONVERSION_FAIL", str(error)) from error

    def _end_conversion(self, progress: Progress, server: SourceServer) -> None:
        """Wait for the service time of the conversion. Raises LaunchFailed when the jobs are ended meanwhile."""
        slow = self._stalls.find_hit("mgn-slow-launch", server)
        progress.pause(self._times.conversion + (slow.seconds if slow else 0.0))
        progress.log("CONVERSION_END", server.id)

    def _run(self, progress: Progress, server: SourceServer, image: str, caller: Caller) -> str:
        """Return the new instance, which runs. Raises LaunchFailed."""
        progress.log("LAUNCH_START", server.id)
        self._fail_if_ordered(server, "LAUNCH_FAILED")
        ec2 = self._clients("ec2")
        try:
            data = self._read_template_data(server)
            self._require(caller, server, launch_checks(self._find_profile_role(data)), "LAUNCH_FAILED")
            instance = str(
                ec2.run_instances(**build_run_request(server, progress.job.id, image, data))["Instances"][0][
                    "InstanceId"
                ]
            )
            progress.pause(self._times.launch)
            ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=_WAIT)
            if server.launch_configuration["launchDisposition"] == "STOPPED":
                self._cloud.stop(instance)
                with self._state.lock:
                    server.first_boot = "STOPPED"
        except LaunchFailed:
            raise
        except _REFUSED as error:
            raise LaunchFailed("LAUNCH_FAILED", str(error)) from error
        progress.log("LAUNCH_END", server.id, targetInstanceID=instance)
        return instance

    def _read_template_data(self, server: SourceServer) -> Json:
        """Return what the launch takes of the template. Raises LaunchFailed for one without a subnet."""
        data = self._templates.read_default_data(server.launch_template_id)
        if not any(one.get("SubnetId") for one in data.get("NetworkInterfaces", [])):
            raise LaunchFailed("LAUNCH_FAILED", "VPCIdNotSpecified: No default VPC for this user")
        return data

    def _find_profile_role(self, data: Json) -> str | None:
        profile = data.get("IamInstanceProfile")
        if not profile:
            return None
        name = profile.get("Name") or profile["Arn"].rpartition("/")[2]
        roles = self._clients("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]
        return str(roles[0]["Arn"]) if roles else None

    def _require(self, caller: Caller, server: SourceServer, checks: Iterable[Check], event: str) -> None:
        """Raise LaunchFailed with the first permission that the caller has not, or that was ordered to be missing."""
        ordered = self._stalls.find_hit("mgn-denied", server) if event == "LAUNCH_FAILED" else None
        denied = Check(ordered.action) if ordered else next((one for one in checks if not caller.is_allowed(one)), None)
        if denied:
            operation = denied.action.partition(":")[2]
            raise LaunchFailed(
                event,
                f"An error occurred (UnauthorizedOperation) when calling the {operation} operation: You are not authorized "
                f"to perform this operation. User: {caller.arn} is not authorized to perform: {denied.action} on resource: "
                f"{denied.resource}",
            )

    def _fail_if_ordered(self, server: SourceServer, event: str) -> None:
        if failure := self._stalls.find_launch_failure(server, event):
            raise LaunchFailed(event, failure.message or "Ordered by the rehearsal")
