"""Replication and launch configuration templates: their values are for servers that are added later."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from botocore import xform_name
from botocore.model import StructureShape

from rehearsal.aws import wire
from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.api.listing import cut_page
from rehearsal.aws.mgn.identifiers import generate_id
from rehearsal.aws.mgn.models import Json, Template
from rehearsal.aws.mgn.responses import format_launch_template, format_replication_template
from rehearsal.aws.mgn.state import State
from rehearsal.aws.registry import Action

CheckNetwork = Callable[[str, list[str]], None]
"""(subnet, security groups). Raises ApiError for those that do not exist."""
REPLICATION, LAUNCH = "replication-configuration-template", "launch-configuration-template"


class Templates:
    """The operations on templates."""

    def __init__(self, state: State, check_network: CheckNetwork) -> None:
        self._state, self._check_network = state, check_network
        self.actions: dict[str, Action] = {
            "CreateReplicationConfigurationTemplate": self.create_replication,
            "DescribeReplicationConfigurationTemplates": self.describe_replication,
            "UpdateReplicationConfigurationTemplate": self.update_replication,
            "DeleteReplicationConfigurationTemplate": self.delete_replication,
            "CreateLaunchConfigurationTemplate": self.create_launch,
            "DescribeLaunchConfigurationTemplates": self.describe_launch,
            "UpdateLaunchConfigurationTemplate": self.update_launch,
        }

    def create_replication(self, tags: dict[str, str] | None = None, **values: Any) -> Json:
        """Create the replication template."""
        named = _rename_members("CreateReplicationConfigurationTemplate", values)
        _require("CreateReplicationConfigurationTemplate", named)
        with self._state.lock:
            self._state.require_initialized()
        self._check_network(named["stagingAreaSubnetId"], named["replicationServersSecurityGroupsIDs"])
        template = Template(generate_id("rct"), REPLICATION, named, dict(tags or {}))
        with self._state.lock:
            self._state.replication_templates[template.id] = template
            return format_replication_template(template)

    def describe_replication(
        self,
        replication_configuration_template_ids: list[str] | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Json:
        """Return the replication templates."""
        with self._state.lock:
            found = self._find_all(self._state.replication_templates, replication_configuration_template_ids)
            return cut_page([format_replication_template(one) for one in found], max_results, next_token)

    def update_replication(
        self, replication_configuration_template_id: str, arn: str | None = None, **values: Any
    ) -> Json:
        """Change what is named; the rest stays."""
        del arn
        named = _rename_members("UpdateReplicationConfigurationTemplate", values)
        with self._state.lock:
            template = self._get(self._state.replication_templates, replication_configuration_template_id)
            merged = {**template.values, **named}
        self._check_network(merged["stagingAreaSubnetId"], merged["replicationServersSecurityGroupsIDs"])
        with self._state.lock:
            template.values = merged
            return format_replication_template(template)

    def delete_replication(self, replication_configuration_template_id: str) -> None:
        """Delete a replication template."""
        with self._state.lock:
            self._get(self._state.replication_templates, replication_configuration_template_id)
            del self._state.replication_templates[replication_configuration_template_id]

    def create_launch(self, tags: dict[str, str] | None = None, **values: Any) -> Json:
        """Create the launch template of the account."""
        template = Template(
            generate_id("lct"), LAUNCH, _rename_members("CreateLaunchConfigurationTemplate", values), dict(tags or {})
        )
        with self._state.lock:
            self._state.require_initialized()
            self._state.launch_templates[template.id] = template
            return format_launch_template(template)

    def describe_launch(
        self,
        launch_configuration_template_ids: list[str] | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Json:
        """Return the launch templates of the account."""
        with self._state.lock:
            found = self._find_all(self._state.launch_templates, launch_configuration_template_ids)
            return cut_page([format_launch_template(one) for one in found], max_results, next_token)

    def update_launch(self, launch_configuration_template_id: str, **values: Any) -> Json:
        """Change what is named; the rest stays."""
        with self._state.lock:
            template = self._get(self._state.launch_templates, launch_configuration_template_id)
            template.values = {**template.values, **_rename_members("UpdateLaunchConfigurationTemplate", values)}
            return format_launch_template(template)

    def _find_all(self, kept: MutableMapping[str, Template], identifiers: list[str] | None) -> list[Template]:
        self._state.require_initialized()
        return [self._get(kept, one) for one in identifiers] if identifiers else list(kept.values())

    def _get(self, kept: MutableMapping[str, Template], identifier: str) -> Template:
        self._state.require_initialized()
        if identifier not in kept:
            raise exceptions.not_found("TEMPLATE", identifier)
        return kept[identifier]


def list_member_names(operation: str) -> dict[str, str]:
    """Return the members of an operation's request: argument -> name in the API."""
    shape = wire.load_service("mgn").get_operation(operation).input_shape
    assert isinstance(shape, StructureShape)
    return {xform_name(name): name for name in shape.members}


def _rename_members(operation: str, values: dict[str, Any]) -> Json:
    names = list_member_names(operation)
    return {names[argument]: value for argument, value in values.items()}


def _require(operation: str, values: Json) -> None:
    shape = wire.load_service("mgn").get_operation(operation).input_shape
    assert isinstance(shape, StructureShape)
    if missing := [name for name in shape.required_members if name not in values]:
        raise exceptions.invalid("is required", field=missing[0])
