"""Keep tags of DMS's resources, by ARN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.dms.exceptions import not_found
from rehearsal.dms.models import State
from rehearsal.dms.ports import Actions


def put(state: State, arn: str, tags: Sequence[Mapping[str, str]]) -> None:
    """Add or change these."""
    state.tags.setdefault(arn, {}).update({tag["Key"]: tag.get("Value", "") for tag in tags})


class Tags:
    """The actions on tags."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.actions: Actions = {
            "AddTagsToResource": self.add,
            "RemoveTagsFromResource": self.remove,
            "ListTagsForResource": self.list,
        }

    def add(self, resource_arn: str, tags: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Add tags to a resource."""
        with self._state.lock:
            self._check(resource_arn)
            put(self._state, resource_arn, tags)
        return {}

    def remove(self, resource_arn: str, tag_keys: Sequence[str]) -> dict[str, Any]:
        """Remove tags from a resource."""
        with self._state.lock:
            self._check(resource_arn)
            for key in tag_keys:
                self._state.tags.get(resource_arn, {}).pop(key, None)
        return {}

    def list(self, resource_arn: str | None = None, resource_arn_list: Sequence[str] = ()) -> dict[str, Any]:
        """Return the tags of one resource or of several."""
        with self._state.lock:
            found = []
            for arn in [resource_arn] if resource_arn else resource_arn_list:
                self._check(arn)
                tags = self._state.tags.get(arn, {})
                found += [{"Key": key, "Value": value, "ResourceArn": arn} for key, value in tags.items()]
            return {"TagList": found}

    def _check(self, arn: str) -> None:
        if not self._state.has_resource(arn):
            raise not_found(f"The resource {arn} does not exist")
