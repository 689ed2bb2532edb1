"""Managed nodes as Systems Manager knows them. EC2 does not know a hybrid node, so its state is here only.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import InstanceInformationStringFilterTypeDef, InstanceInformationTypeDef

HYBRID = "mi-"
ONLINE = "Online"
LIST_THEM = "`aws ssm describe-instance-information` lists the nodes"


@dataclass(frozen=True)
class NodeProblem:
    """Why no command can reach a node, and what to do."""

    reason: str
    next_action: str


class Nodes:
    """The client of Systems Manager's inventory of nodes."""

    def __init__(self, ssm: SSMClient) -> None:
        self._ssm = ssm

    def find_problem(self, node_id: str) -> NodeProblem | None:
        """Return why no command can reach the hybrid node; None when it is online, and for an EC2 instance, which EC2 describes."""
        if not node_id.startswith(HYBRID):
            return None
        found = self._list(node_id, [{"Key": "InstanceIds", "Values": [node_id]}])
        node = next((one for one in found if one.get("InstanceId") == node_id), None)
        if node is None or node.get("PingStatus") == ONLINE:
            return describe_problem(node_id, node, [])
        return describe_problem(
            node_id, node, self._list(node_id, [{"Key": "ResourceType", "Values": ["ManagedInstance"]}])
        )

    def _list(
        self, node_id: str, filters: list[InstanceInformationStringFilterTypeDef]
    ) -> list[InstanceInformationTypeDef]:
        try:
            with translate_aws_errors("ssm:DescribeInstanceInformation", machine=node_id):
                pages = self._ssm.get_paginator("describe_instance_information").paginate(Filters=filters)
                return [one for page in pages for one in page["InstanceInformationList"]]
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) == "InvalidInstanceId":
                return []
            raise


def describe_problem(
    node_id: str, node: InstanceInformationTypeDef | None, others: Iterable[InstanceInformationTypeDef]
) -> NodeProblem | None:
    """Return why no command can reach a node. `others`: all hybrid nodes, to find its host under another id. Pure."""
    if node is None:
        return NodeProblem(
            f"Systems Manager has no node {node_id} in this account and region",
            f"correct node_id in migration.toml, or register the server by a hybrid activation; {LIST_THEM}",
        )
    if (platform := node.get("PlatformType", "Linux")) != "Linux":
        return NodeProblem(f"the node {node_id} runs {platform}", "name a server with Linux as node_id")
    if node.get("PingStatus") == ONLINE:
        return None
    host = node.get("ComputerName", "")
    last = f"the node {node_id} (host {host or 'unknown'}) is not connected to Systems Manager{_format_since(node.get('LastPingDateTime'))}"
    newer = [
        one["InstanceId"]
        for one in others
        if host and one.get("ComputerName") == host and one["InstanceId"] != node_id and one.get("PingStatus") == ONLINE
    ]
    if newer:
        ids = ", ".join(sorted(newer))
        return NodeProblem(
            f"{last}, and the same host is registered and online as {ids}",
            f"write {ids} as node_id into migration.toml, adopt the server with that id, and deregister {node_id}",
        )
    return NodeProblem(
        last,
        "check that the server runs, its SSM agent (systemctl status amazon-ssm-agent) and its way to the SSM endpoints, then deploy again",
    )


def _format_since(moment: datetime | None) -> str:
    return f" since {moment:%Y-%m-%d %H:%M} UTC" if moment else ""
