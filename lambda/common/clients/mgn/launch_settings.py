"""Launch settings: those of MGN, and the DEFAULT version of the EC2 launch template, from which MGN launches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from common.clients.aws import translate_aws_errors
from common.clients.mgn.launch_template import find_missing, get_tags, is_same, plan_changes
from common.clients.mgn.service import Service
from common.clock import Clock
from common.errors import RetryableProviderError, StepFailed
from common.settings import LaunchSettings as Wanted

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

DEFAULT = "$Default"
READ_BACK_ATTEMPTS, READ_BACK_INTERVAL_SECONDS = 5, 1.0
"""EC2 is eventually consistent: the new default version may not be seen at once"""


class LaunchSettings:
    """The settings of launches of one source server. Template ids are read before each launch: a server that is onboarded again has another one."""

    def __init__(self, service: Service, ec2: EC2Client, clock: Clock, *, boot_mode: str) -> None:
        self._service, self._ec2, self._clock, self._boot_mode = service, ec2, clock, boot_mode

    def write(self, source_server_id: str, wanted: Wanted, tags: Mapping[str, str]) -> Mapping[str, Any]:
        """Write place, type, profile and tags of the next launch, and read them back. Return what is in force. Idempotent.

        RetryableProviderError: the default version is not yet what was written. StepFailed: a launch would lack a subnet or groups.
        """
        configuration = self._service.call("get_launch_configuration", sourceServerID=source_server_id)
        changed = self._update_configuration(source_server_id, configuration, wanted)
        template = str(configuration.get("ec2LaunchTemplateID") or "")
        if not template:
            raise StepFailed(
                "MGN has no launch template for the source server yet",
                machine=source_server_id,
                next_action="wait some minutes after the agent's installation, then deploy again",
            )
        version, data = self._read_default(template)
        changes = plan_changes(data, wanted, tags)
        self._refuse_incomplete({**data, **changes}, source_server_id)
        warnings: list[str] = []
        if changes:
            warnings = self._write_version(template, version, changes)
            version, data = self._read_back(template, changes)
        return {
            "launch_template": template,
            "default_version": version,
            "changed": sorted(changes),
            "changed_in_mgn": changed,
            "template_warnings": warnings,
            **{key: data.get(key) for key in ("NetworkInterfaces", "IamInstanceProfile", "InstanceType")},
        }

    def has_post_launch_actions(self, source_server_id: str) -> bool:
        """Return whether an operator has configured actions that MGN runs on the launched machine."""
        configuration = self._service.call("get_launch_configuration", sourceServerID=source_server_id)
        if (configuration.get("postLaunchActions") or {}).get("ssmDocuments"):
            return True
        actions = self._service.items("list_source_server_actions", sourceServerID=source_server_id)
        return any(one.get("active", True) for one in actions)

    def read_tags(self, source_server_id: str) -> dict[str, str]:
        """Return the tags of instances in the default version, empty while the server has no template."""
        configuration = self._service.call("get_launch_configuration", sourceServerID=source_server_id)
        template = str(configuration.get("ec2LaunchTemplateID") or "")
        return get_tags(self._read_default(template)[1], "instance") if template else {}

    def _update_configuration(self, server_id: str, current: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
        """Set what MGN itself owns. Return the members that differed. An address of the source is not in the target's subnet."""
        members: dict[str, Any] = {"launchDisposition": "STARTED", "bootMode": self._boot_mode}
        if wanted.subnet_id:
            members["copyPrivateIp"] = False
        if (
            wanted.instance_type
        ):  # otherwise right-sizing overrides the type of the template, and rewrites it every hour
            members["targetInstanceTypeRightSizingMethod"] = "NONE"
        differing = {key: value for key, value in members.items() if current.get(key) != value}
        if differing:
            self._service.call("update_launch_configuration", sourceServerID=server_id, **differing)
        return differing

    def _refuse_incomplete(self, data: Mapping[str, Any], server_id: str) -> None:
        if missing := find_missing(data):
            raise StepFailed(
                f"the launch template has not {' and not '.join(missing)}: a launch would fail, or its machine would not report",
                machine=server_id,
                next_action="deploy TestLaunchStack again: it gives the replica its subnet, security groups and instance profile",
            )

    def _read_default(self, template: str) -> tuple[int, dict[str, Any]]:
        with translate_aws_errors("ec2:DescribeLaunchTemplateVersions"):
            found = self._ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=[DEFAULT])
        versions = found["LaunchTemplateVersions"]
        if len(versions) != 1:
            raise StepFailed(f"launch template {template} has {len(versions)} default versions, one is needed")
        return int(versions[0]["VersionNumber"]), dict(versions[0]["LaunchTemplateData"])

    def _write_version(self, template: str, source: int, changes: Mapping[str, Any]) -> list[str]:
        """Create a version from the default one and make it the default. A version that is not the default is ignored. Return EC2's warnings."""
        data: Any = dict(changes)
        with translate_aws_errors("ec2:CreateLaunchTemplateVersion"):
            created = self._ec2.create_launch_template_version(
                LaunchTemplateId=template, SourceVersion=str(source), LaunchTemplateData=data
            )
        number = created["LaunchTemplateVersion"]["VersionNumber"]
        with translate_aws_errors("ec2:ModifyLaunchTemplate"):
            self._ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion=str(number))
        warning: Mapping[str, Any] = created.get("Warning") or {}
        return [f"{one.get('Code')}: {one.get('Message')}" for one in warning.get("Errors") or []]

    def _read_back(self, template: str, changes: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        for attempt in range(READ_BACK_ATTEMPTS):
            if attempt:
                self._clock.sleep(READ_BACK_INTERVAL_SECONDS)
            version, data = self._read_default(template)
            different = [key for key, value in changes.items() if not is_same(data.get(key), value)]
            if not different:
                return version, data
        raise RetryableProviderError(
            f"the default version {version} of launch template {template} does not have what was written: {', '.join(different)}",
            next_action="find out who else writes the template; the step is retried",
        )
