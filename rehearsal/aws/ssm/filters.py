"""Select managed nodes by the filters of Systems Manager. An unknown filter is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.ssm.models import ManagedNode

_ATTRIBUTES: Mapping[str, Callable[[ManagedNode], str | None]] = {
    "InstanceIds": lambda node: node.id,
    "instanceids": lambda node: node.id,
    "PingStatus": lambda node: node.ping_status,
    "PlatformTypes": lambda _: "Linux",
    "ResourceType": lambda node: node.resource_type,
    "ActivationIds": lambda node: node.hybrid.activation_id if node.hybrid else None,
    "IamRole": lambda node: node.hybrid.role if node.hybrid else None,
}


def is_match(node: ManagedNode, key: str, values: Collection[str]) -> bool:
    """Return whether a node has one of these values. Raises NotEmulated for a filter that the rehearsal lacks."""
    if key.startswith("tag:"):
        return node.tags.get(key.removeprefix("tag:")) in values
    if key == "tag-key":
        return any(value in node.tags for value in values)
    if key not in _ATTRIBUTES:
        raise NotEmulated(f"the filter {key}")
    return _ATTRIBUTES[key](node) in values
