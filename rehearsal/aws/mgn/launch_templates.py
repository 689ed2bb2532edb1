"""The EC2 launch template of each source server. A launch takes its default version."""

from __future__ import annotations

import secrets
from typing import Any

from rehearsal.aws.clients import Clients, ignore_missing
from rehearsal.aws.mgn.models import Json, SourceServer
from rehearsal.aws.mgn.permissions import MANAGED_TAG, SERVER_TAG
from rehearsal.aws.mgn.roles import SERVICE
from rehearsal.replication_engine.dates import now

RECOMMENDED_TYPE = "c5.large"
"""What right-sizing chooses here; it is never a t type."""
GIB = 1 << 30
_NOT_FOUND = ("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.NotFoundException")


class LaunchTemplates:
    """Makes and reads the templates through EC2's API."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create(self, server: SourceServer) -> str:
        """Make the template of a new server and its second version, which MGN writes itself. Return the template's id."""
        ec2 = self._clients("ec2")
        name = f"created-and-used-by-application-migration-service-{server.id}-{now():%y%d%m}-{secrets.randbelow(10**6):06d}"
        own = [{"Key": SERVER_TAG, "Value": server.id}, {"Key": MANAGED_TAG, "Value": SERVICE}]
        data = _build_data(server)
        made: str = ec2.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData=data,
            TagSpecifications=[{"ResourceType": "launch-template", "Tags": own}],
        )["LaunchTemplate"]["LaunchTemplateId"]
        ec2.create_launch_template_version(LaunchTemplateId=made, SourceVersion="1", LaunchTemplateData=data)
        ec2.modify_launch_template(LaunchTemplateId=made, DefaultVersion="2")
        return made

    def read_default_data(self, template: str) -> Json:
        """Return the launch template data that a launch takes: that of the default version."""
        found: list[Any] = self._clients("ec2").describe_launch_template_versions(
            LaunchTemplateId=template, Versions=["$Default"]
        )["LaunchTemplateVersions"]
        return dict(found[0]["LaunchTemplateData"])

    def delete(self, template: str) -> None:
        """Delete a template; harmless when it is gone."""
        with ignore_missing(*_NOT_FOUND):
            self._clients("ec2").delete_launch_template(LaunchTemplateId=template)


def _build_data(server: SourceServer) -> Json:
    """Return what MGN fills in: no subnet, no security groups, no profile, no image."""
    bytes_ = sum(disk["bytes"] for disk in server.properties.get("disks", [])) or GIB
    tags = [
        {"Key": SERVER_TAG, "Value": server.id},
        {"Key": MANAGED_TAG, "Value": SERVICE},
        {"Key": "Name", "Value": server.hints.get("hostname", server.id)},
    ]
    return {
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": -(-bytes_ // GIB), "VolumeType": "gp3", "Iops": 3000}}
        ],
        "InstanceType": RECOMMENDED_TYPE,
        "NetworkInterfaces": [{"DeviceIndex": 0}],
        "TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")],
    }
