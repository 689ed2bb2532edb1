"""Know the managed nodes: EC2 instances with an agent and a role, and hybrid nodes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from rehearsal.aws.ec2.instances import Instances
from rehearsal.aws.ec2.models import Instance
from rehearsal.aws.ssm.models import HybridNode, ManagedNode, now
from rehearsal.aws.ssm.registrations import Registrations
from rehearsal.aws.tags import Tags

REGISTRATION = "var/lib/amazon/ssm/registration"
"""The file in which the agent of a hybrid node keeps its id, below the root of the machine's disk."""
LOST_AFTER = timedelta(seconds=20)
"""An agent sends a heartbeat every five seconds. AWS needs some minutes to report ConnectionLost."""


class ManagedNodes:
    """`is_running` returns whether a machine of the world runs; `mounts` holds the mounted disk of each that does."""

    def __init__(
        self,
        instances: Instances,
        tags: Tags,
        registrations: Registrations,
        *,
        is_running: Callable[[str], bool],
        mounts: Path,
    ) -> None:
        self._instances, self._tags, self._registrations = instances, tags, registrations
        self._is_running, self._mounts = is_running, mounts

    def list_all(self) -> list[ManagedNode]:
        """Return every node that Systems Manager knows."""
        known = [i for i in self._instances.list_all() if i.alive and i.profile and i.state != "pending"]
        found = [self._describe_instance(instance) for instance in known if not self._is_registered_as_hybrid(instance)]
        return [*found, *(self._describe_hybrid(node) for node in self._registrations.list_nodes())]

    def find(self, node_id: str) -> ManagedNode | None:
        """Return a node by its id; None when Systems Manager does not know it."""
        return next((node for node in self.list_all() if node.id == node_id), None)

    def find_online(self, node_id: str) -> ManagedNode | None:
        """Return a node to which a command can be sent now; None otherwise."""
        node = self.find(node_id)
        return node if node and node.online else None

    def _is_registered_as_hybrid(self, instance: Instance) -> bool:
        """Return whether the agent takes itself for a hybrid node.

        The agent looks for an identity in the order OnPrem, EC2 (DefaultIdentityConsumptionOrder of amazon-ssm-agent). An
        instance that starts from the disk of a hybrid node therefore does not report as an instance.
        """
        return (self._mounts / instance.id / REGISTRATION).is_file()

    def _describe_instance(self, instance: Instance) -> ManagedNode:
        return ManagedNode(
            id=instance.id,
            machine=instance.id,
            online=instance.state == "running",
            seen=now(),
            computer_name=f"ip-{instance.endpoint.ip.replace('.', '-')}",
            address=instance.endpoint.ip,
            tags=self._tags.of(instance.id),
        )

    def _describe_hybrid(self, node: HybridNode) -> ManagedNode:
        return ManagedNode(
            id=node.id,
            machine=node.machine,
            online=now() - node.seen < LOST_AFTER and self._is_running(node.machine),
            seen=node.seen,
            computer_name=node.facts.computer_name,
            address=node.facts.address,
            tags=node.tags,
            platform_name=node.facts.platform_name,
            platform_version=node.facts.platform_version,
            hybrid=node,
        )
