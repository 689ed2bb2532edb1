"""Images and rules: made once, however often they are asked for."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from common.clients.compute import Compute, Image
from common.clients.ingress import NOBODY, TargetIngress
from common.errors import RetryableServiceError, StepFailed

MADE = {
    "Images": [
        {
            "ImageId": "ami-1",
            "State": "available",
            "RootDeviceName": "/dev/xvda",
            "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}, {"VirtualName": "x"}],
        }
    ]
}


@pytest.fixture
def ec2() -> Any:
    return boto3.client("ec2", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def test_the_image_of_a_run_is_created_once(ec2: Any) -> None:
    with Stubber(ec2) as stub:
        stub.add_response("describe_images", MADE)
        assert Compute(ec2).create_image("i-1", name="cutover-gogs-r1", description="d", tags={}) == "ami-1"
        stub.assert_no_pending_responses()


def test_two_deliveries_at_once_get_the_same_image(ec2: Any) -> None:
    with Stubber(ec2) as stub:
        stub.add_response("describe_images", {"Images": []})
        stub.add_client_error("create_image", "InvalidAMIName.Duplicate")
        stub.add_response("describe_images", MADE)
        assert Compute(ec2).create_image("i-1", name="cutover-gogs-r1", description="d", tags={}) == "ami-1"


def test_an_image_of_another_delivery_that_is_not_visible_yet_is_no_failure(ec2: Any) -> None:
    with Stubber(ec2) as stub:
        stub.add_response("describe_images", {"Images": []})
        stub.add_client_error("create_image", "InvalidAMIName.Duplicate")
        stub.add_response("describe_images", {"Images": []})
        with pytest.raises(RetryableServiceError, match="cutover-gogs-r1"):
            Compute(ec2).create_image("i-1", name="cutover-gogs-r1", description="d", tags={})


def test_an_image_is_created_from_a_stopped_instance_and_inherits_its_tags(ec2: Any) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    with Stubber(ec2) as stub:
        stub.add_response("describe_images", {"Images": []})
        stub.add_response(
            "create_image",
            {"ImageId": "ami-2"},
            {
                "InstanceId": "i-1",
                "Name": "cutover-gogs-r1",
                "Description": "d",
                "NoReboot": False,
                "TagSpecifications": [
                    {"ResourceType": "image", "Tags": tags},
                    {"ResourceType": "snapshot", "Tags": tags},
                ],
            },
        )
        assert Compute(ec2).create_image("i-1", name="cutover-gogs-r1", description="d", tags={"team": "a"}) == "ami-2"


def test_an_image_has_the_root_device_that_ec2_names(ec2: Any) -> None:
    with Stubber(ec2) as stub:
        stub.add_response("describe_images", MADE)
        assert Compute(ec2).find_image("ami-1") == Image(
            image_id="ami-1", state="available", reason="", snapshots=("snap-1",), root_device="/dev/xvda"
        )


def test_deleting_a_missing_image_does_nothing(ec2: Any) -> None:
    with Stubber(ec2) as stub:
        stub.add_client_error("deregister_image", "InvalidAMIID.Unavailable")
        Compute(ec2).delete_image(Image(image_id="ami-1", state="available", reason="", snapshots=("snap-1",)))


@pytest.mark.parametrize(("code", "left"), [("success", False), ("internal-error", True), ("skipped", True)])
def test_a_snapshot_that_cannot_be_deleted_is_named(ec2: Any, code: str, left: bool) -> None:
    results = {"Return": True, "DeleteSnapshotResults": [{"SnapshotId": "snap-1", "ReturnCode": code}]}
    wanted = {"ImageId": "ami-1", "DeleteAssociatedSnapshots": True}
    with Stubber(ec2) as stub:
        stub.add_response("deregister_image", results, wanted)
        with pytest.raises(StepFailed, match=r"snap-1 \(") if left else nullcontext():
            Compute(ec2).delete_image(Image(image_id="ami-1", state="available", reason="", snapshots=("snap-1",)))


def test_an_existing_rule_is_kept(ec2: Any) -> None:
    with Stubber(ec2) as stub:
        stub.add_client_error("authorize_security_group_ingress", "InvalidPermission.Duplicate")
        TargetIngress(ec2, "sg-1").allow(["192.0.2.9/32"], [80], note="n")


def test_the_permission_check_allows_no_traffic(ec2: Any) -> None:
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    with Stubber(ec2) as stub:
        stub.add_response(
            "authorize_security_group_ingress",
            {},
            {
                "GroupId": "sg-1",
                "IpPermissions": [{**permission, "IpRanges": [{"CidrIp": NOBODY, "Description": ANY}]}],
            },
        )
        stub.add_response(
            "revoke_security_group_ingress",
            {},
            {"GroupId": "sg-1", "IpPermissions": [{**permission, "IpRanges": [{"CidrIp": NOBODY}]}]},
        )
        TargetIngress(ec2, "sg-1").probe(80)
        stub.assert_no_pending_responses()


def test_closing_removes_every_existing_rule(ec2: Any) -> None:
    rules = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    with Stubber(ec2) as stub:
        stub.add_response("describe_security_groups", {"SecurityGroups": [{"IpPermissions": rules}]})
        stub.add_response("revoke_security_group_ingress", {}, {"GroupId": "sg-1", "IpPermissions": rules})
        assert TargetIngress(ec2, "sg-1").revoke_all() == 1
