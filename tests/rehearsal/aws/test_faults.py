"""Injected faults of real machines."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws.clients import Clients
from rehearsal.aws.ec2.images import UBUNTU_AMI
from rehearsal.aws.faults import client
from rehearsal.settings import Settings
from tests.rehearsal.aws.site.deployed import wait_for

pytestmark = pytest.mark.rehearsal


def test_injected_faults_fail_an_image_and_stop_an_instance(settings: Settings) -> None:
    ec2 = Clients(settings)("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "cutover:role", "Value": "faulty"}]}]

    def describe_instance() -> dict[str, Any]:
        return dict(ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0])

    with client.inject_fault(settings, "instance-dies", role="faulty", seconds=3600) as death:
        instance = ec2.run_instances(
            ImageId=UBUNTU_AMI, MinCount=1, MaxCount=1, SubnetId=subnet, TagSpecifications=tags
        )["Instances"][0]["InstanceId"]
        death.wait(60)
    assert describe_instance()["State"]["Name"] == "running"

    # When its image fails at the end, then the machine runs again, and the image has the reason.
    with client.inject_fault(settings, "image-fails", image="faulty-*", message="no space left"):
        image = ec2.create_image(InstanceId=instance, Name="faulty-1")["ImageId"]
        wait_for(lambda: ec2.describe_images(ImageIds=[image])["Images"][0]["State"] != "pending")
    failed = ec2.describe_images(ImageIds=[image])["Images"][0]
    assert (failed["State"], failed["StateReason"]["Message"]) == ("failed", "no space left")
    assert describe_instance()["State"]["Name"] == "running"
    ec2.stop_instances(InstanceIds=[instance])
    wait_for(lambda: describe_instance()["State"]["Name"] == "stopped")

    with client.inject_fault(settings, "instance-dies", role="faulty") as death:
        ec2.start_instances(InstanceIds=[instance])
        death.wait(60)
        wait_for(lambda: describe_instance()["State"]["Name"] == "stopped")
    assert "Instance initiated shutdown" in describe_instance()["StateTransitionReason"]
    ec2.terminate_instances(InstanceIds=[instance])
    wait_for(lambda: describe_instance()["State"]["Name"] == "terminated")
