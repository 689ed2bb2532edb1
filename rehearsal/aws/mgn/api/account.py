"""Initialize the service; tags of its resources."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from rehearsal.aws.faults.kinds import Faults, match_kind
from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.models import Job, Json, SourceServer, Template
from rehearsal.aws.mgn.permissions import list_initialization_checks
from rehearsal.aws.mgn.roles import ROLES, Roles
from rehearsal.aws.mgn.state import State
from rehearsal.aws.registry import Action, Caller


class Account:
    """The operations on the account and on tags."""

    def __init__(self, state: State, roles: Roles, caller: Callable[[], Caller], faults: Faults) -> None:
        self._state, self._roles, self._caller, self._faults = state, roles, caller, faults
        self.actions: dict[str, Action] = {
            "InitializeService": self.initialize,
            "ListTagsForResource": self.list_tags,
            "TagResource": self.tag,
            "UntagResource": self.untag,
        }

    def initialize(self) -> None:
        """Make the service-linked role and the profiles of the other roles, which must exist. A second call changes nothing."""
        caller = self._caller()
        for check in list_initialization_checks(role.name for role in ROLES if role.has_profile):
            if not caller.is_allowed(check):
                raise exceptions.access_denied(
                    f"User: {caller.arn} is not authorized to perform: {check.action} on resource: {check.resource}"
                )
        if self._faults.find_hit(match_kind("mgn-initialize-fails", lambda _: True)):
            self._roles.create_half()
            raise exceptions.invalid("Failed to create SLR or instance profiles")
        try:
            self._roles.create()
        except ClientError as error:
            raise exceptions.invalid("Failed to create SLR or instance profiles") from error
        with self._state.lock:
            self._state.initialized = True

    def list_tags(self, resource_arn: str) -> Json:
        """Return the tags of a resource."""
        with self._state.lock:
            return {"tags": dict(self._find_tags(resource_arn))}

    def tag(self, resource_arn: str, tags: dict[str, str]) -> None:
        """Add or change tags."""
        with self._state.lock:
            self._find_tags(resource_arn).update(tags)

    def untag(self, resource_arn: str, tag_keys: list[str]) -> None:
        """Remove tags; harmless for those that are not there."""
        with self._state.lock:
            found = self._find_tags(resource_arn)
            for key in tag_keys:
                found.pop(key, None)

    def _find_tags(self, resource_arn: str) -> dict[str, str]:
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
