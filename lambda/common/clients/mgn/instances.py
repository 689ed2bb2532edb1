"""Launched instances, as EC2 has them: the provider keeps naming an instance that is terminated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from common.clients import resources
from common.clients.aws import translate_aws_errors
from common.clients.compute import Compute, Instance
from common.errors import CutoverError, StepFailed

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

GONE = ("shutting-down", "terminated")
SERVER_TAG = "AWSApplicationMigrationServiceSourceServerID"
MANAGED_TAG, MANAGED = "AWSApplicationMigrationServiceManaged", "mgn.amazonaws.com"
ROLE_TAG, REPLICA = "cutover:role", "replica"
BY_EC2 = "ec2:"
"""prefix of the id of a termination that EC2 does and no job"""


class Instances:
    """The EC2 side of launches."""

    def __init__(self, ec2: EC2Client) -> None:
        self._ec2, self._compute = ec2, Compute(ec2)

    def read(self, instance_id: str) -> Instance | None:
        """Return the instance, None when it is terminated or unknown, or when no id is given."""
        found = self._compute.find_instance(instance_id) if instance_id else None
        return None if found is None or found.state in GONE else found

    def terminate(self, instance: Instance, source_server_id: str) -> str:
        """Terminate the instance through EC2. Return the id to wait for. StepFailed when it is not of this source server."""
        if instance.tags.get(SERVER_TAG) != source_server_id:
            raise StepFailed(
                f"the tag {SERVER_TAG} of the instance does not name {source_server_id}: it is not removed",
                machine=instance.instance_id,
                next_action="remove the instance in EC2 if it is the replica",
            )
        with translate_aws_errors("ec2:TerminateInstances", machine=instance.instance_id):
            self._ec2.terminate_instances(InstanceIds=[instance.instance_id])
        return f"{BY_EC2}{instance.instance_id}"

    def list_orphaned_volumes(self, source_server_id: str) -> list[str]:
        """Return volumes of terminated replicas of the server that nothing uses. Staging disks do not have the tag of a replica."""
        with translate_aws_errors("ec2:DescribeVolumes"):
            pages = self._ec2.get_paginator("describe_volumes").paginate(
                Filters=[
                    {"Name": f"tag:{MANAGED_TAG}", "Values": [MANAGED]},
                    {"Name": f"tag:{SERVER_TAG}", "Values": [source_server_id]},
                    {"Name": f"tag:{ROLE_TAG}", "Values": [REPLICA]},
                    {"Name": "status", "Values": ["available"]},
                ]
            )
            return sorted(volume["VolumeId"] for page in pages for volume in page["Volumes"])

    def warn_orphaned_volumes(self, source_server_id: str) -> tuple[str, ...]:
        """Return warnings about volumes that a terminated replica left. A check that fails is a warning too."""
        try:
            volumes = self.list_orphaned_volumes(source_server_id)
        except CutoverError as failed:
            return (f"volumes that the replica may have left were not checked: {failed.reason}",)
        return (f"the replica left volumes that cost money: delete {', '.join(volumes)} in EC2",) if volumes else ()


def find_production_tag(tags: Mapping[str, str]) -> str:
    """Return the tag, as `key=value`, that marks an instance as production, empty when there is none.

    Every launch first deletes the instance of the earlier one. A replica of this product has the role `replica`, whatever its other tags are.
    """
    if tags.get(ROLE_TAG, REPLICA) != REPLICA:
        return f"{ROLE_TAG}={tags[ROLE_TAG]}"
    return "" if ROLE_TAG in tags else resources.find_production_tag(tags)


def refuse_production(instance: Instance | None) -> str:
    """Return why no launch may delete this instance, empty when one may."""
    tag = find_production_tag(instance.tags) if instance is not None else ""
    if instance is None or not tag:
        return ""
    return f"its earlier launched instance {instance.instance_id} has the tag {tag}, and a launch would delete it: remove the tag, or terminate the instance yourself"
