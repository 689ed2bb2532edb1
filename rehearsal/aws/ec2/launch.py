"""The parameters of RunInstances: those of the request override those of a launch template."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

from rehearsal.aws import wire
from rehearsal.aws.ec2 import exceptions
from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.registry import Registry

Template = Mapping[str, Any]
Specifications = list[dict[str, Any]]


@dataclass(frozen=True)
class Launch:
    """One instance to start, without its image and its place. Names are RunInstances' own."""

    instance_type: str = "m1.small"
    subnet_id: str | None = None
    security_group_ids: tuple[str, ...] = ()
    private_ip_address: str | None = None
    public: bool | None = None
    user_data: bytes | None = None
    profile: Mapping[str, str] | None = None
    key_name: str | None = None
    metadata_options: Mapping[str, Any] = field(default_factory=dict)
    root_size: int | None = None
    """GiB"""
    root_device: str | None = None
    """that a block device mapping names; it must be the image's"""
    monitoring: bool = False
    protected: bool = False
    shutdown_behavior: str = "stop"
    tag_specifications: tuple[Mapping[str, Any], ...] = ()


class LaunchTemplates:
    """Templates are kept by ministack, as the API or CloudFormation gave them."""

    def __init__(self, registry: Registry) -> None:
        self._kept = registry.get_records("ec2", "launch_templates")

    def read_data(self, wanted: Template) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the parameters of RunInstances, and the current {LaunchTemplateId, LaunchTemplateName, Version}.

        Raises ApiError when there is no such template or version.
        """
        id_, name = wanted.get("LaunchTemplateId"), wanted.get("LaunchTemplateName")
        record = next(
            (r for r in self._kept.values() if r["LaunchTemplateId"] == id_ or r["LaunchTemplateName"] == name), None
        )
        if record is None:
            raise exceptions.launch_template_not_found(str(id_ or name))
        asked = str(wanted.get("Version") or "$Default")
        meant = {"$Default": record["DefaultVersionNumber"], "$Latest": record["LatestVersionNumber"]}
        number = int(meant.get(asked, asked))
        version = next((v for v in record["Versions"] if int(v["VersionNumber"]) == number), None)
        if version is None:
            raise exceptions.launch_template_version_not_found(str(id_ or name), asked)
        shape = wire.load_service("ec2").model.shape_for("RequestLaunchTemplateData")
        values = wire.coerce(shape, version["LaunchTemplateData"])
        used = {
            "LaunchTemplateId": record["LaunchTemplateId"],
            "LaunchTemplateName": record["LaunchTemplateName"],
            "Version": str(number),
        }
        return {xform_name(key): value for key, value in values.items()}, used


def launch(
    *,
    instance_type: str = "m1.small",
    subnet_id: str | None = None,
    security_group_ids: list[str] | None = None,
    private_ip_address: str | None = None,
    network_interfaces: Specifications | None = None,
    user_data: str | None = None,
    iam_instance_profile: Mapping[str, str] | None = None,
    key_name: str | None = None,
    metadata_options: Mapping[str, Any] | None = None,
    block_device_mappings: Specifications | None = None,
    monitoring: Mapping[str, bool] | None = None,
    disable_api_termination: bool = False,
    instance_initiated_shutdown_behavior: str = "stop",
    tag_specifications: Specifications | None = None,
    placement: Mapping[str, Any] | None = None,  # noqa: ARG001  the subnet determines the zone; there is one kind of host
    ebs_optimized: bool = False,  # noqa: ARG001
    credit_specification: Mapping[str, str] | None = None,  # noqa: ARG001  nobody counts CPU credits here
) -> Launch:
    """Return the launch that the parameters describe. Raises ApiError for what is contradictory or not emulated."""
    public = None
    if network_interfaces:
        if len(network_interfaces) > 1 or subnet_id or security_group_ids or private_ip_address:
            raise NotEmulated(
                "an instance with more than one network interface, or with both ways to name its network,"
            )
        interface = network_interfaces[0]
        if extra := interface.keys() - _INTERFACE:
            raise NotEmulated(f"NetworkInterfaces.{min(extra)}")
        subnet_id, public = interface.get("SubnetId"), interface.get("AssociatePublicIpAddress")
        security_group_ids, private_ip_address = interface.get("Groups"), interface.get("PrivateIpAddress")
    return Launch(
        instance_type=instance_type,
        subnet_id=subnet_id,
        security_group_ids=tuple(security_group_ids or ()),
        private_ip_address=private_ip_address,
        public=public,
        user_data=base64.b64decode(user_data) if user_data else None,
        profile=iam_instance_profile,
        key_name=key_name,
        metadata_options=metadata_options or {},
        **_find_root(block_device_mappings or []),
        monitoring=bool((monitoring or {}).get("Enabled")),
        protected=disable_api_termination,
        shutdown_behavior=instance_initiated_shutdown_behavior,
        tag_specifications=tuple(tag_specifications or ()),
    )


_INTERFACE = {
    "DeviceIndex",
    "SubnetId",
    "AssociatePublicIpAddress",
    "Groups",
    "PrivateIpAddress",
    "DeleteOnTermination",
    "Description",
}
_ROOT_DEVICES = ("/dev/sda1", "/dev/xvda")


def _find_root(mappings: Specifications) -> dict[str, Any]:
    for mapping in mappings:
        if mapping["DeviceName"] not in _ROOT_DEVICES or "VirtualName" in mapping:
            raise NotEmulated(f"a disk besides the root disk ({mapping['DeviceName']})")
    if not mappings:
        return {}
    return {"root_size": mappings[0].get("Ebs", {}).get("VolumeSize"), "root_device": mappings[0]["DeviceName"]}
