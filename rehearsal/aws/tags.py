"""Tags of EC2's resources. ministack keeps them and handles CreateTags, DeleteTags and DescribeTags."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, cast

from rehearsal.aws.registry import Registry


class Tags:
    """The tags of EC2's resources."""

    def __init__(self, registry: Registry) -> None:
        self._kept = cast("MutableMapping[str, list[dict[str, str]]]", registry.get_records("ec2", "tags"))

    def of(self, resource: str) -> dict[str, str]:
        """Return the tags of a resource by key."""
        return {tag["Key"]: tag["Value"] for tag in self._kept.get(resource, ())}

    def format(self, resource: str) -> list[dict[str, str]]:
        """Return the tags of a resource as the API returns them."""
        return [{"Key": key, "Value": value} for key, value in self.of(resource).items()]

    def put(self, resource: str, tags: Mapping[str, str]) -> None:
        """Add or change these; the others stay."""
        merged = {**self.of(resource), **tags}
        self._kept[resource] = [{"Key": key, "Value": value} for key, value in merged.items()]

    def drop(self, resource: str) -> None:
        """Remove all tags of a resource."""
        self._kept.pop(resource, None)

    def add_specified(self, resource: str, kind: str, specifications: Sequence[Mapping[str, Any]] | None) -> None:
        """Add the tags of TagSpecifications that are for this kind of resource."""
        for specification in specifications or ():
            if specification["ResourceType"] == kind:
                self.put(resource, {tag["Key"]: tag.get("Value", "") for tag in specification.get("Tags", [])})
