"""Format managed nodes and hybrid activations as the API of Systems Manager returns them."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.ssm.models import Activation, ManagedNode

AGENT_VERSION = "3.3.0.0"


def format_managed_node(node: ManagedNode) -> dict[str, Any]:
    """Return a node as DescribeInstanceInformation returns it."""
    known = {
        "InstanceId": node.id,
        "PingStatus": node.ping_status,
        "LastPingDateTime": node.seen,
        "AgentVersion": AGENT_VERSION,
        "IsLatestVersion": True,
        "PlatformType": "Linux",
        "PlatformName": node.platform_name,
        "PlatformVersion": node.platform_version,
        "ResourceType": node.resource_type,
        "IPAddress": node.address,
        "ComputerName": node.computer_name,
    }
    if node.hybrid is None:
        return known
    return {
        **known,
        "ActivationId": node.hybrid.activation_id,
        "IamRole": node.hybrid.role,
        "RegistrationDate": node.hybrid.registered,
        **({"Name": node.hybrid.name} if node.hybrid.name else {}),
    }


def format_activation(activation: Activation) -> dict[str, Any]:
    """Return an activation as DescribeActivations returns it, without its code."""
    return {
        "ActivationId": activation.id,
        "Description": activation.description,
        "DefaultInstanceName": activation.default_name,
        "IamRole": activation.role,
        "RegistrationLimit": activation.limit,
        "RegistrationsCount": activation.count,
        "ExpirationDate": activation.expires,
        "Expired": activation.is_expired,
        "CreatedDate": activation.created,
        "Tags": [{"Key": key, "Value": value} for key, value in activation.tags.items()],
    }
