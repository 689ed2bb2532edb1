"""Handle the actions of Systems Manager about managed nodes."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.paging import cut_page
from rehearsal.aws.registry import Registry
from rehearsal.aws.role_sessions import RoleSessions
from rehearsal.aws.ssm import exceptions
from rehearsal.aws.ssm.agents import SSM
from rehearsal.aws.ssm.filters import is_match
from rehearsal.aws.ssm.nodes import ManagedNodes
from rehearsal.aws.ssm.registrations import Registrations
from rehearsal.aws.ssm.responses.nodes import format_managed_node


class NodeApi:
    """The machines that have an agent."""

    def __init__(
        self, registry: Registry, nodes: ManagedNodes, registrations: Registrations, sessions: RoleSessions
    ) -> None:
        self._nodes, self._registrations, self._sessions = nodes, registrations, sessions
        registry.register_actions(
            "ssm",
            {
                "DescribeInstanceInformation": self.describe,
                "UpdateManagedInstanceRole": self.update_role,
                "DeregisterManagedInstance": self.deregister,
            },
        )

    def describe(
        self,
        filters: list[dict[str, Any]] | None = None,
        instance_information_filter_list: list[dict[str, Any]] | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the nodes that match. An EC2 instance is one only with an instance profile."""
        found = self._nodes.list_all()
        asked = [(one["Key"], one["Values"]) for one in filters or ()]
        asked += [(one["key"], one["valueSet"]) for one in instance_information_filter_list or ()]
        for key, values in asked:
            found = [node for node in found if is_match(node, key, values)]
        shown, token = cut_page(found, next_token, max_results)
        return {"InstanceInformationList": [format_managed_node(one) for one in shown], "NextToken": token}

    def update_role(self, instance_id: str, iam_role: str) -> None:
        """Give a hybrid node another role. Raises ApiError."""
        role = self._sessions.find_role(iam_role.rpartition("/")[2])
        if role is None or SSM not in role.trusted:
            raise exceptions.role_not_trusting(iam_role)
        self._registrations.set_role(instance_id, iam_role)

    def deregister(self, instance_id: str) -> None:
        """Remove a hybrid node. Raises ApiError for any other node."""
        self._registrations.deregister(instance_id)
