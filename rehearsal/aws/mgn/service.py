"""All of MGN, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rehearsal.aws.clients import Clients
from rehearsal.aws.control import Control
from rehearsal.aws.faults.kinds import Faults
from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.agents import Agents
from rehearsal.aws.mgn.api import register
from rehearsal.aws.mgn.api.account import Account
from rehearsal.aws.mgn.api.configurations import Configurations
from rehearsal.aws.mgn.api.launches import Launches
from rehearsal.aws.mgn.api.replication import ReplicationControl
from rehearsal.aws.mgn.api.servers import Servers
from rehearsal.aws.mgn.api.templates import Templates
from rehearsal.aws.mgn.checkpoint import Checkpoint
from rehearsal.aws.mgn.downloads import publish_installer
from rehearsal.aws.mgn.engine import Engine
from rehearsal.aws.mgn.events import Events
from rehearsal.aws.mgn.jobs import Jobs
from rehearsal.aws.mgn.launch_templates import LaunchTemplates
from rehearsal.aws.mgn.launching import Launcher
from rehearsal.aws.mgn.models import SourceServer
from rehearsal.aws.mgn.permissions import add_managed_policies, request_checks
from rehearsal.aws.mgn.roles import Roles
from rehearsal.aws.mgn.source import Machine
from rehearsal.aws.mgn.stalls import AGENT_TIMEOUT, Stalls
from rehearsal.aws.mgn.state import State
from rehearsal.aws.mgn.timers import Timers
from rehearsal.aws.mgn.times import ServiceTimes
from rehearsal.aws.registry import Registry
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.cloud import Cloud, CloudError


class Mgn:
    """Registers itself with the local AWS. Everything is in memory. Without a heartbeat for `agent_timeout` seconds an agent counts as gone.

    `find_machine` returns the machine of this world that has an address: the way to a source that is no EC2 instance.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        clients: Clients,
        control: Control,
        faults: Faults,
        cloud: Cloud,
        engine: Engine,
        times: ServiceTimes,
        replicas: Path,
        find_machine: Callable[[str], str | None] = lambda _: None,
        agent_timeout: float = AGENT_TIMEOUT,
    ) -> None:
        self.state = State()
        self._engine, self._cloud, self._times = engine, cloud, times
        self._events = Events(registry)
        self._stalls = Stalls(faults, self._events, agent_timeout=agent_timeout)
        self._templates = LaunchTemplates(clients)
        self._timers, self._jobs = Timers(), Jobs(self.state)
        launcher = Launcher(
            self.state,
            engine=engine,
            cloud=cloud,
            clients=clients,
            templates=self._templates,
            stalls=self._stalls,
            events=self._events,
            times=times,
        )
        servers = Servers(self.state, self._stalls, self._release)
        replication = ReplicationControl(
            self.state, format_server=servers.format, replicate=self._replicate, discard=engine.discard
        )
        register(
            registry,
            Account(self.state, Roles(clients), registry.get_caller, faults).actions,
            Templates(self.state, self._check_network).actions,
            Configurations(self.state, self._check_network).actions,
            servers.actions,
            replication.actions,
            Launches(self.state, self._jobs, launcher, registry.get_caller).actions,
        )
        agents = Agents(
            self.state,
            self._templates,
            registry.get_caller,
            self._replicate,
            engine.wake,
            self._stalls,
            find_machine=find_machine,
        )
        registry.register_private_actions("mgn", {"RegisterAgentForMgn": agents.register})
        registry.authorize({"mgn"}, request_checks)
        add_managed_policies(registry)
        publish_installer(registry)
        control.add("mgn", agents)
        self.checkpoint = Checkpoint(
            registry,
            self.state,
            engine=engine,
            jobs=self._jobs,
            timers=self._timers,
            replicate=self._replicate,
            is_away=self._stalls.is_away,
            replicas=replicas,
        )

    def close(self) -> None:
        """End jobs, timers and replication."""
        self._timers.cancel()
        self._jobs.interrupt()
        self._engine.end()
        self._jobs.end()

    def _replicate(self, server: SourceServer) -> None:
        """Replicate a server, or continue at once."""

        def check_network() -> None:
            configuration = server.replication_configuration
            self._cloud.check_network(
                configuration["stagingAreaSubnetId"], configuration["replicationServersSecurityGroupsIDs"]
            )

        def check_known() -> None:
            if not server.machine_id:
                raise RehearsalError(
                    "The rehearsal replicates machines of its world only: none has the id or an address of the agent's."
                )

        checks = {"WAIT": check_known, "LAUNCH_REPLICATION_SERVER": check_network}
        machine = Machine(self.state, server, stalls=self._stalls, checks=checks, changed=self._follow_record)
        self._engine.replicate(machine)
        self._engine.wake(server.id)

    def _follow_record(self, server: SourceServer) -> None:
        """Follow the engine's record: with the first point in time a server becomes ready."""
        with self.state.lock:
            first = server.state == "NOT_READY" and server.is_launchable
            if first:
                server.state = "READY_FOR_TEST"
        if first:
            self._events.send_ready_for_test(server)

    def _release(self, server: SourceServer) -> None:
        """Remove staging resources and launch template, each after its service time."""
        self._timers.schedule(self._times.staging_kept, lambda: self._engine.discard(server.id))
        self._timers.schedule(self._times.template_kept, lambda: self._templates.delete(server.launch_template_id))

    def _check_network(self, subnet: str, groups: list[str]) -> None:
        """Raise ApiError for a subnet or groups that do not exist."""
        try:
            self._cloud.check_network(subnet, groups)
        except CloudError as error:
            raise exceptions.invalid(str(error), field="stagingAreaSubnetId") from error
