"""What must be true for a launch beside continuous replication: jobs, the earlier instance, disks, rights."""

from __future__ import annotations

from dataclasses import replace

from common.clients.mgn.instances import Instances, refuse_production
from common.clients.mgn.jobs import Jobs
from common.clients.mgn.launch_settings import LaunchSettings
from common.clients.mgn.properties import (
    describe_properties,
    find_changes,
    find_recorded,
    find_unreplicated_disks,
    find_warnings,
)
from common.clients.mgn.rights import RightsCheck
from common.clients.mgn.servers import Server, get_instance_id, get_state
from common.clients.provider import Readiness
from common.clock import Clock

TESTED = frozenset({"READY_FOR_CUTOVER", "CUTTING_OVER", "CUTOVER"})


class LaunchChecks:
    """The checks of one client. They are made when the replication is ready, because they call the API."""

    def __init__(
        self, jobs: Jobs, instances: Instances, rights: RightsCheck, launch_settings: LaunchSettings, clock: Clock
    ) -> None:
        self._jobs, self._instances, self._rights = jobs, instances, rights
        self._launch_settings, self._clock = launch_settings, clock

    def check(self, server: Server, readiness: Readiness, *, tested: bool) -> Readiness:
        """Return the readiness of the replication with what else delays or blocks a launch, and what only warns."""
        server_id = str(server["sourceServerID"])
        running = self._jobs.find_running(server_id, now=self._clock.now())
        waiting = [f"job {running['jobID']} ({running.get('initiatedBy')}) of it to end"] if running else []
        blocked = []
        if disks := find_unreplicated_disks(server):
            blocked.append(
                f"MGN does not replicate {', '.join(disks)} of the source, so that a launched machine would lack it: "
                "install the agent again, which finds new disks"
            )
        if reason := refuse_production(self._instances.read(get_instance_id(server))):
            blocked.append(reason)
        has_actions = self._launch_settings.has_post_launch_actions(server_id)
        rights = self._rights.check(server_id, has_post_launch_actions=has_actions)
        if rights.missing:
            blocked.append(f"the function's role lacks rights of a launch: {', '.join(rights.missing)}")
        tried = f"not checked: {rights.not_checked}" if rights.not_checked else "complete" if not rights.missing else ""
        compared, changes = self._compare(server, tested=tested)
        return replace(
            readiness,
            waiting=tuple(waiting),
            blocked=tuple(blocked),
            warnings=(*find_warnings(server), *changes),
            facts={
                **readiness.facts,
                "rights_of_a_launch": tried,
                "post_launch_actions": has_actions,
                "compared_with_last_launch": compared,
            },
        )

    def has_test_launch(self, server: Server) -> bool:
        """Return whether a test launch succeeded. The record of the test's end (`lastTest.finalized`) is not reliable, its job is."""
        last_test = (server.get("lifeCycle") or {}).get("lastTest") or {}
        job_id = (last_test.get("initiated") or {}).get("jobID")
        return get_state(server) in TESTED or bool(job_id and self._jobs.has_launched(job_id))

    def _compare(self, server: Server, *, tested: bool) -> tuple[str, list[str]]:
        """Compare the source with its properties at the last launch. Return what was compared, and the changes."""
        if not tested:
            return "not compared: a test launch is the first one", []
        properties = describe_properties(server)
        tags = self._launch_settings.read_tags(str(server["sourceServerID"]))
        recorded = find_recorded(properties, tags)
        if not recorded:
            return "not compared: the launch template has no record of the source", []
        return ", ".join(recorded), find_changes(properties, tags)
