"""Use the user's AWS account through its EC2 API. The blocks of volumes and images are in the pool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from rehearsal.replication_engine.cloud import CloudError, Instance, Target
from rehearsal.settings import REGION, Settings
from rehearsal.world import disks

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import (
        InstanceNetworkInterfaceSpecificationTypeDef,
        InstanceTypeDef,
        RunInstancesRequestTypeDef,
    )

GIB = 1 << 30
ROOT = "/dev/xvda"


class Ec2Cloud:
    """Implements Cloud. Thread-safe, as boto3 clients are."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ec2: EC2Client = boto3.client(
            "ec2",
            endpoint_url=settings.aws_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(connect_timeout=5, read_timeout=120, retries={"max_attempts": 3, "mode": "standard"}),
        )

    def close(self) -> None:
        """Close the client."""
        self._ec2.close()

    def check_network(self, subnet: str, security_groups: Sequence[str]) -> None:
        """Check that the subnet and the groups exist in the same VPC. Raises CloudError."""
        with _convert_errors():
            vpcs = {s["VpcId"] for s in self._ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]} if subnet else set()
            if subnet and not vpcs:
                raise CloudError(f"The subnet ID '{subnet}' does not exist")
            if not security_groups:
                return
            groups = self._ec2.describe_security_groups(GroupIds=list(security_groups))["SecurityGroups"]
        missing = set(security_groups) - {group["GroupId"] for group in groups}
        if missing:
            raise CloudError(f"The security group '{min(missing)}' does not exist")
        for group in groups:
            if vpcs and group["VpcId"] not in vpcs:
                raise CloudError(f"Security group {group['GroupId']} and subnet {subnet} belong to different networks")

    def make_image(self, name: str, disk: Path) -> str:
        """Create an image as the service does: the replicated disk becomes an EBS volume, then a snapshot, then an image."""
        size = -(-disk.stat().st_size // GIB)
        with _convert_errors():
            snapshot = self._snapshot(name, disk, size)
            try:
                return self._ec2.register_image(
                    Name=name,
                    Architecture="x86_64",
                    VirtualizationType="hvm",
                    EnaSupport=True,
                    RootDeviceName=ROOT,
                    BlockDeviceMappings=[
                        {
                            "DeviceName": ROOT,
                            "Ebs": {"SnapshotId": snapshot, "VolumeSize": size, "DeleteOnTermination": True},
                        }
                    ],
                )["ImageId"]
            except ClientError:
                self._ec2.delete_snapshot(SnapshotId=snapshot)
                raise

    def _snapshot(self, name: str, disk: Path, size: int) -> str:
        zone = self._ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
        volume = self._ec2.create_volume(AvailabilityZone=zone, Size=size, VolumeType="gp3")["VolumeId"]
        blocks = self._settings.pool / "volumes" / f"{volume}.raw"
        try:
            disks.clone(disk, blocks)
            snapshot = self._ec2.create_snapshot(VolumeId=volume, Description=name)["SnapshotId"]
            self._ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot], WaiterConfig={"Delay": 1})
        finally:
            self._ec2.delete_volume(VolumeId=volume)
            blocks.unlink(missing_ok=True)
        return snapshot

    def drop_image(self, image: str) -> None:
        """Deregister an image and delete its snapshot."""
        with _convert_errors():
            images = self._ec2.describe_images(ImageIds=[image])["Images"]
            self._ec2.deregister_image(ImageId=image)
            for mapping in (m for found in images for m in found.get("BlockDeviceMappings", [])):
                if snapshot := mapping.get("Ebs", {}).get("SnapshotId"):
                    self._ec2.delete_snapshot(SnapshotId=snapshot)

    def run(self, image: str, target: Target) -> str:
        """Start an instance; return its id."""
        request: RunInstancesRequestTypeDef = {
            "ImageId": image,
            "MinCount": 1,
            "MaxCount": 1,
            "TagSpecifications": [
                {
                    "ResourceType": "instance",
                    "Tags": [
                        {"Key": key, "Value": value} for key, value in {"Name": target.name, **target.tags}.items()
                    ],
                }
            ],
        }
        if target.instance_type:
            request["InstanceType"] = target.instance_type  # type: ignore[typeddict-item]  # any string: EC2 judges it
        if target.instance_profile:
            is_arn = target.instance_profile.startswith("arn:")
            request["IamInstanceProfile"] = {"Arn" if is_arn else "Name": target.instance_profile}  # type: ignore[misc]
        if target.placement_group:
            request["Placement"] = {"GroupName": target.placement_group}
        if target.public_ip is None:
            request.update(_place_in(target))
        else:
            request["NetworkInterfaces"] = [_build_interface(target, public=target.public_ip)]
        with _convert_errors():
            return self._ec2.run_instances(**request)["Instances"][0]["InstanceId"]

    def find_instance(self, id_: str) -> Instance | None:
        """Return an instance; None when there is none."""
        try:
            with _convert_errors():
                reservations = self._ec2.describe_instances(InstanceIds=[id_])["Reservations"]
        except CloudError as error:
            if isinstance(error.__cause__, ClientError) and "NotFound" in error.__cause__.response["Error"]["Code"]:
                return None
            raise
        return next((_build_instance(found) for group in reservations for found in group["Instances"]), None)

    def stop(self, id_: str) -> None:
        """Stop an instance."""
        with _convert_errors():
            self._ec2.stop_instances(InstanceIds=[id_])
            self._ec2.get_waiter("instance_stopped").wait(
                InstanceIds=[id_], WaiterConfig={"Delay": 1, "MaxAttempts": 120}
            )

    def terminate(self, id_: str) -> None:
        """Terminate an instance. Return when it is terminated."""
        found = self.find_instance(id_)
        if found is None or found.state == "terminated":
            return
        with _convert_errors():
            self._ec2.terminate_instances(InstanceIds=[id_])
            waiter = self._ec2.get_waiter("instance_terminated")
            waiter.wait(InstanceIds=[id_], WaiterConfig={"Delay": 1, "MaxAttempts": 120})


def _place_in(target: Target) -> RunInstancesRequestTypeDef:
    place: RunInstancesRequestTypeDef = {"MinCount": 1, "MaxCount": 1}
    if target.subnet:
        place["SubnetId"] = target.subnet
    if target.security_groups:
        place["SecurityGroupIds"] = list(target.security_groups)
    if target.private_ip:
        place["PrivateIpAddress"] = target.private_ip
    return place


def _build_interface(target: Target, *, public: bool) -> InstanceNetworkInterfaceSpecificationTypeDef:
    interface: InstanceNetworkInterfaceSpecificationTypeDef = {"DeviceIndex": 0, "AssociatePublicIpAddress": public}
    if target.subnet:
        interface["SubnetId"] = target.subnet
    if target.security_groups:
        interface["Groups"] = list(target.security_groups)
    if target.private_ip:
        interface["PrivateIpAddress"] = target.private_ip
    return interface


def _build_instance(found: InstanceTypeDef) -> Instance:
    public = found.get("PublicIpAddress")
    return Instance(
        id=found["InstanceId"],
        state=found["State"]["Name"],
        instance_type=found.get("InstanceType", ""),
        private_ip=found.get("PrivateIpAddress", ""),
        public_ips=[public] if public else [],
    )


@contextmanager
def _convert_errors() -> Iterator[None]:
    """Convert errors of the API to CloudError with the API's own message."""
    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        raise CloudError(f"{details.get('Code', 'Error')}: {details.get('Message', str(error))}") from error
    except (BotoCoreError, WaiterError) as error:
        raise CloudError(str(error)) from error
