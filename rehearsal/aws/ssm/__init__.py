"""Systems Manager: Run Command on real machines, hybrid nodes, and the public parameter of the stock image."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud


def install(cloud: Cloud) -> None:
    """Register the service."""
    from rehearsal.aws.ssm.agents import Agents
    from rehearsal.aws.ssm.api.activations import ActivationApi
    from rehearsal.aws.ssm.api.commands import CommandApi
    from rehearsal.aws.ssm.api.nodes import NodeApi
    from rehearsal.aws.ssm.nodes import ManagedNodes
    from rehearsal.aws.ssm.registrations import Registrations

    registrations = Registrations()
    nodes = ManagedNodes(
        cloud.instances,
        cloud.tags,
        registrations,
        is_running=cloud.world.is_running,
        mounts=cloud.settings.mounts,
    )
    CommandApi(cloud.registry, cloud.settings, nodes)
    NodeApi(cloud.registry, nodes, registrations, cloud.role_sessions)
    ActivationApi(cloud.registry, registrations, cloud.role_sessions)
    cloud.control.add("ssm", Agents(registrations, cloud.role_sessions, cloud.world.network.find_endpoint))
