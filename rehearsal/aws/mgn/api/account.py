"""Initialize the service; tags of its resources."""

from __future__ import annotations

from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.downloads import Downloads
from rehearsal.aws.mgn.models import Job, Json, SourceServer, State, Template
from rehearsal.aws.mgn.roles import Roles
from rehearsal.aws.registry import Action


class Account:
    """The operations on the account and on tags."""

    def __init__(self, state: State, roles: Roles, downloads: Downloads) -> None:
        self._state, self._roles, self._downloads = state, roles, downloads
        self.actions: dict[str, Action] = {
            "InitializeService": self.initialize,
            "ListTagsForResource": self.list_tags,
            "TagResource": self.tag,
            "UntagResource": self.untag,
        }

    def initialize(self) -> None:
        """Make the roles and profiles, and put the installer where it is downloaded from. A second call changes nothing."""
        self._roles.create()
        self._downloads.publish()
        with self._state.lock:
            self._state.initialized = True

    def list_tags(self, resource_arn: str) -> Json:
        """Return the tags of a resource."""
        with self._state.lock:
            return {"tags": dict(self._tags(resource_arn))}

    def tag(self, resource_arn: str, tags: dict[str, str]) -> None:
        """Add or change tags."""
        with self._state.lock:
            self._tags(resource_arn).update(tags)

    def untag(self, resource_arn: str, tag_keys: list[str]) -> None:
        """Remove tags; harmless for those that are not there."""
        with self._state.lock:
            found = self._tags(resource_arn)
            for key in tag_keys:
                found.pop(key, None)

    def _tags(self, resource_arn: str) -> dict[str, str]:
        state = self._state
        resources: tuple[SourceServer | Job | Template, ...] = (
            *state.servers.values(),
            *state.jobs.values(),
            *state.replication_templates.values(),
            *state.launch_templates.values(),
        )
        for resource in resources:
            if resource.arn == resource_arn:
                return resource.tags
        raise exceptions.not_found("RESOURCE", resource_arn)
