"""Format instances as the API of EC2 returns them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.aws.ec2.models import CODES, Instance, State, generate_id
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.tags import Tags
from rehearsal.settings import ACCOUNT

FILTERS: Mapping[str, Callable[[Instance], Any]] = {
    "instance-id": lambda i: i.id,
    "image-id": lambda i: i.image_id,
    "instance-type": lambda i: i.type,
    "instance-state-name": lambda i: i.state,
    "instance-state-code": lambda i: CODES[i.state],
    "vpc-id": lambda i: i.endpoint.vpc_id,
    "subnet-id": lambda i: i.endpoint.subnet_id,
    "availability-zone": lambda i: i.endpoint.zone,
    "private-ip-address": lambda i: i.endpoint.ip,
    "ip-address": lambda i: i.endpoint.public_ip,
    "instance.group-id": lambda i: i.endpoint.groups,
    "iam-instance-profile.arn": lambda i: i.profile.arn if i.profile else None,
}
"""filters of DescribeInstances, beside tags"""


class InstanceResponses:
    """Format instances with their tags and the names of their security groups."""

    def __init__(self, endpoints: Endpoints, tags: Tags) -> None:
        self._endpoints, self._tags = endpoints, tags

    def format_reservation(self, instances: list[Instance]) -> dict[str, Any]:
        """Return a reservation of RunInstances and DescribeInstances."""
        formatted = [self._format(instance) for instance in instances]
        return {"ReservationId": generate_id("r"), "OwnerId": ACCOUNT, "Groups": [], "Instances": formatted}

    def _format(self, instance: Instance) -> dict[str, Any]:
        endpoint, options = instance.endpoint, instance.metadata_options
        groups = [{"GroupId": group, "GroupName": self._endpoints.group_name(group)} for group in endpoint.groups]
        code, _, message = instance.reason.partition(": ")
        facts: dict[str, Any] = {
            "InstanceId": instance.id,
            "ImageId": instance.image_id,
            "State": format_state(instance.state),
            "StateTransitionReason": message,
            "InstanceType": instance.type,
            "KeyName": instance.key_name,
            "LaunchTime": instance.launched,
            "AmiLaunchIndex": 0,
            "Architecture": "x86_64",
            "Hypervisor": "xen",
            "VirtualizationType": "hvm",
            "RootDeviceType": "ebs",
            "RootDeviceName": instance.root_device,
            "PlatformDetails": "Linux/UNIX",
            "Monitoring": {"State": "enabled" if instance.monitoring else "disabled"},
            "Placement": {"AvailabilityZone": endpoint.zone, "GroupName": "", "Tenancy": "default"},
            "MetadataOptions": {
                "State": "applied",
                "HttpTokens": options.get("HttpTokens", "optional"),
                "HttpPutResponseHopLimit": options.get("HttpPutResponseHopLimit", 1),
                "HttpEndpoint": options.get("HttpEndpoint", "enabled"),
                "InstanceMetadataTags": options.get("InstanceMetadataTags", "disabled"),
            },
            "Tags": self._tags.format(instance.id),
            "StateReason": {"Code": code, "Message": message} if message else None,
            "PrivateDnsName": "",
            "PublicDnsName": "",
        }
        if instance.profile:
            facts["IamInstanceProfile"] = {"Arn": instance.profile.arn, "Id": instance.profile.id}
        if instance.state == "terminated":
            return facts
        ebs = {"VolumeId": instance.volume_id, "Status": "attached", "DeleteOnTermination": True}
        return {
            **facts,
            "SubnetId": endpoint.subnet_id,
            "VpcId": endpoint.vpc_id,
            "PrivateIpAddress": endpoint.ip,
            "PrivateDnsName": format_private_name(endpoint.ip),
            "PublicIpAddress": endpoint.public_ip,
            "PublicDnsName": format_public_name(endpoint.public_ip) if endpoint.public_ip else "",
            "SourceDestCheck": True,
            "SecurityGroups": groups,
            "BlockDeviceMappings": [
                {"DeviceName": instance.root_device, "Ebs": {**ebs, "AttachTime": instance.launched}}
            ],
        }


def format_private_name(ip: str) -> str:
    """Return the private DNS name of an address, in the form of us-east-1."""
    return f"ip-{ip.replace('.', '-')}.ec2.internal"


def format_public_name(ip: str) -> str:
    """Return the public DNS name of an address, in the form of us-east-1."""
    return f"ec2-{ip.replace('.', '-')}.compute-1.amazonaws.com"


def format_state(state: State) -> dict[str, Any]:
    """Return a state with its numeric code."""
    return {"Code": CODES[state], "Name": state}


def format_status(instance: Instance) -> dict[str, Any]:
    """Return an instance as DescribeInstanceStatus returns it. A machine that has booted passes both checks: nothing else is examined."""
    word, detail = ("ok", "passed") if instance.state == "running" else ("initializing", "initializing")
    if instance.state not in ("running", "pending"):
        word, detail = "not-applicable", "insufficient-data"
    check = {"Status": word, "Details": [{"Name": "reachability", "Status": detail}]}
    return {
        "InstanceId": instance.id,
        "AvailabilityZone": instance.endpoint.zone,
        "InstanceState": format_state(instance.state),
        "SystemStatus": check,
        "InstanceStatus": check,
    }
