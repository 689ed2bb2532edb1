"""EC2: instances and their images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import RetryableServiceError, StepFailed

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import TagTypeDef


ENDED = ("shutting-down", "terminated", "stopping", "stopped")
GONE = ("InvalidAMIID.Unavailable", "InvalidAMIID.NotFound")


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An EC2 instance."""

    instance_id: str
    state: str
    tags: Mapping[str, str]
    private_ip: str
    public_ip: str
    vpc_id: str


@dataclass(frozen=True, kw_only=True)
class InstanceStatus:
    """The status checks of an instance: they show from outside whether it has booted."""

    state: str
    system: str
    """status check of the host: ok, impaired, initializing, insufficient-data or not-applicable"""
    instance: str
    """status check of the instance's own operating system: the same words"""

    @property
    def has_ended(self) -> bool:
        """Return whether the instance will not run any more by itself."""
        return self.state in ENDED

    def __str__(self) -> str:
        return f"{self.state}, system status {self.system}, instance status {self.instance}"


@dataclass(frozen=True, kw_only=True)
class Image:
    """An AMI with its snapshots."""

    image_id: str
    state: str
    reason: str
    snapshots: tuple[str, ...]
    root_device: str = ""


class Compute:
    """The client of EC2."""

    def __init__(self, ec2: EC2Client) -> None:
        self._ec2 = ec2

    def find_instance(self, instance_id: str) -> Instance | None:
        """Return the instance, None when EC2 does not have it (any more)."""
        try:
            with translate_aws_errors("ec2:DescribeInstances", machine=instance_id):
                response = self._ec2.describe_instances(InstanceIds=[instance_id])
        except StepFailed as failed:
            code = get_error_code(failed.__cause__) if isinstance(failed.__cause__, ClientError) else ""
            if code.startswith("InvalidInstanceID"):
                return None
            raise
        for reservation in response["Reservations"]:
            for raw in reservation["Instances"]:
                return Instance(
                    instance_id=raw["InstanceId"],
                    state=raw["State"]["Name"],
                    tags={tag["Key"]: tag["Value"] for tag in raw.get("Tags", [])},
                    private_ip=raw.get("PrivateIpAddress", ""),
                    public_ip=raw.get("PublicIpAddress", ""),
                    vpc_id=raw.get("VpcId", ""),
                )
        return None

    def find_instance_status(self, instance_id: str) -> InstanceStatus | None:
        """Return the instance's state and status checks, None when EC2 does not have it (yet, or any more)."""
        try:
            with translate_aws_errors("ec2:DescribeInstanceStatus", machine=instance_id):
                found = self._ec2.describe_instance_status(InstanceIds=[instance_id], IncludeAllInstances=True)
        except StepFailed as failed:
            code = get_error_code(failed.__cause__) if isinstance(failed.__cause__, ClientError) else ""
            if code.startswith("InvalidInstanceID"):
                return None
            raise
        for raw in found["InstanceStatuses"]:
            return InstanceStatus(
                state=raw["InstanceState"]["Name"],
                system=raw.get("SystemStatus", {}).get("Status", "unknown"),
                instance=raw.get("InstanceStatus", {}).get("Status", "unknown"),
            )
        return None

    def list_outbound_addresses(self, instance: Instance) -> list[str]:
        """Return the public addresses of the instance's traffic to the internet: its own, or those of its VPC's NAT gateways."""
        if instance.public_ip:
            return [instance.public_ip]
        with translate_aws_errors("ec2:DescribeNatGateways"):
            pages = self._ec2.get_paginator("describe_nat_gateways").paginate(
                Filters=[{"Name": "vpc-id", "Values": [instance.vpc_id]}, {"Name": "state", "Values": ["available"]}]
            )
            found = {
                a["PublicIp"]
                for page in pages
                for gateway in page["NatGateways"]
                for a in gateway["NatGatewayAddresses"]
                if a.get("PublicIp")
            }
        return sorted(found)

    def create_image(self, instance_id: str, *, name: str, description: str, tags: Mapping[str, str]) -> str:
        """Create an image, with a reboot for a consistent file system. Return its id: one image per name, also when the call is repeated."""
        if existing := self.find_image_by_name(name):
            return existing.image_id
        tag_list: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
        try:
            with translate_aws_errors("ec2:CreateImage", machine=instance_id):
                return self._ec2.create_image(
                    InstanceId=instance_id,
                    Name=name,
                    Description=description,
                    NoReboot=False,
                    TagSpecifications=[
                        {"ResourceType": "image", "Tags": tag_list},
                        {"ResourceType": "snapshot", "Tags": tag_list},
                    ],
                )["ImageId"]
        except StepFailed as failed:
            duplicate = (
                isinstance(failed.__cause__, ClientError)
                and get_error_code(failed.__cause__) == "InvalidAMIName.Duplicate"
            )
            if not duplicate:
                raise
            if existing := self.find_image_by_name(name):
                return existing.image_id
            # EC2 is eventually consistent: the image of another delivery may not be seen at once.
            raise RetryableServiceError(
                f"EC2 has an image {name} and does not show it yet", machine=instance_id
            ) from failed

    def find_image(self, image_id: str) -> Image | None:
        """Return the image, None when it does not exist."""
        try:
            with translate_aws_errors("ec2:DescribeImages"):
                found = self._ec2.describe_images(ImageIds=[image_id])["Images"]
        except StepFailed as failed:
            code = get_error_code(failed.__cause__) if isinstance(failed.__cause__, ClientError) else ""
            if code.startswith("InvalidAMIID"):
                return None
            raise
        return _parse_image(found[0]) if found else None

    def find_image_by_name(self, name: str) -> Image | None:
        """Return the image of this name, None when there is none."""
        with translate_aws_errors("ec2:DescribeImages"):
            found = self._ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [name]}])["Images"]
        return _parse_image(found[0]) if found else None

    def delete_image(self, image: Image) -> None:
        """Delete the image and its snapshots in one call: a crash between two calls would orphan snapshots. Harmless when it is gone.

        StepFailed names the snapshots that EC2 could not delete.
        """
        try:
            with translate_aws_errors("ec2:DeregisterImage"):
                response = self._ec2.deregister_image(ImageId=image.image_id, DeleteAssociatedSnapshots=True)
        except StepFailed as failed:
            code = get_error_code(failed.__cause__) if isinstance(failed.__cause__, ClientError) else ""
            if code in GONE:
                return
            raise
        left = [one for one in response.get("DeleteSnapshotResults", []) if one["ReturnCode"] != "success"]
        if left:
            failures = ", ".join(f"{one['SnapshotId']} ({one['ReturnCode']})" for one in left)
            raise StepFailed(
                f"image {image.image_id} is gone, snapshots of it are not: {failures}", next_action="delete them in EC2"
            )


def build_image_name(site: str, run_id: str) -> str:
    """Return the name of a run's image. It is deterministic, so that a run has one image. EC2 allows 3 to 128 characters."""
    return f"cutover-{site}-{run_id}"


def _parse_image(raw: Mapping[str, object]) -> Image:
    mappings = raw.get("BlockDeviceMappings") or []
    reason = raw.get("StateReason") or {}
    assert isinstance(mappings, list)
    assert isinstance(reason, dict)
    snapshots = (mapping.get("Ebs", {}).get("SnapshotId") for mapping in mappings)
    return Image(
        image_id=str(raw["ImageId"]),
        state=str(raw.get("State", "")),
        reason=str(reason.get("Message", "")),
        snapshots=tuple(s for s in snapshots if s),
        root_device=str(raw.get("RootDeviceName") or ""),
    )
