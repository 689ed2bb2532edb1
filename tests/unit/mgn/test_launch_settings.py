"""The default version of the launch template: whole lists, no version when nothing differs, and read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.model import StructureShape
from common.clients.mgn import Mgn
from common.clients.mgn.launch_template import plan_changes
from common.errors import RetryableProviderError, StepFailed
from common.settings import LaunchSettings

from tests.unit.mgn.conftest import PLACE, PROFILE, TAGS, Stage
from tests.unit.mgn.wire import Account

TEMPLATE = "lt-00000000000000001"


def write(stage: Stage, client: Mgn, settings: LaunchSettings = PLACE, *, run: str = "r1") -> dict[str, Any]:
    return dict(client.prepare_launch(stage.server_id, launch_settings=settings, tags={**TAGS, "cutover:run-id": run}))


def test_place_profile_and_tags_are_in_the_default_version(stage: Stage, client: Mgn) -> None:
    write(stage, client)

    data = stage.ec2.read_default(TEMPLATE)
    assert stage.ec2.defaults[TEMPLATE] == 3
    assert data["NetworkInterfaces"] == [
        {"DeviceIndex": 0, "DeleteOnTermination": True, "SubnetId": "subnet-1", "Groups": ["sg-1"]}
    ]
    assert data["IamInstanceProfile"] == {"Name": PROFILE}
    assert data["InstanceType"] == "c5.large", "no type is named"


def test_everything_that_is_not_named_stays(stage: Stage, client: Mgn) -> None:
    before = stage.ec2.read_default(TEMPLATE)
    write(stage, client)

    after = stage.ec2.read_default(TEMPLATE)
    assert after["BlockDeviceMappings"] == before["BlockDeviceMappings"]
    kinds = {
        one["ResourceType"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]} for one in after["TagSpecifications"]
    }
    assert kinds["network-interface"]["Name"] == "gogs"
    for kind in ("instance", "volume"):
        assert kinds[kind]["AWSApplicationMigrationServiceManaged"] == "mgn.amazonaws.com"
        assert kinds[kind].items() >= TAGS.items()


def test_a_second_network_interface_stays(stage: Stage, client: Mgn) -> None:
    stage.ec2.read_default(TEMPLATE)["NetworkInterfaces"].append({"DeviceIndex": 1, "SubnetId": "subnet-9"})
    write(stage, client)

    assert stage.ec2.read_default(TEMPLATE)["NetworkInterfaces"][1] == {"DeviceIndex": 1, "SubnetId": "subnet-9"}


def test_no_version_is_made_when_nothing_differs(stage: Stage, client: Mgn) -> None:
    write(stage, client)
    again = write(stage, stage.connect())

    assert again["changed"] == []
    assert stage.ec2.count("CreateLaunchTemplateVersion") == 1
    assert stage.mgn.count("UpdateLaunchConfiguration") == 1


def test_the_order_of_tags_and_empty_lists_are_no_difference(stage: Stage, client: Mgn) -> None:
    write(stage, client)
    data = stage.ec2.read_default(TEMPLATE)
    data["NetworkInterfaces"][0]["Ipv6Addresses"] = []
    for one in data["TagSpecifications"]:
        one["Tags"].reverse()

    assert write(stage, client)["changed"] == []


def test_each_run_changes_only_its_tags(stage: Stage, client: Mgn) -> None:
    write(stage, client)
    assert write(stage, client, run="r2")["changed"] == ["TagSpecifications"]

    (_, created) = [one for one in stage.ec2.calls if one[0] == "CreateLaunchTemplateVersion"][-1]
    assert set(created["LaunchTemplateData"]) == {"TagSpecifications"}
    assert created["SourceVersion"] == "3"


def test_a_version_that_somebody_made_the_default_is_corrected(stage: Stage, client: Mgn) -> None:
    write(stage, client)
    stage.ec2.defaults[TEMPLATE] = 2

    write(stage, client)

    assert stage.ec2.read_default(TEMPLATE)["NetworkInterfaces"][0]["SubnetId"] == "subnet-1"


def test_an_address_or_an_interface_of_another_subnet_is_removed(stage: Stage, client: Mgn) -> None:
    stage.mgn.launch_configurations[stage.server_id]["copyPrivateIp"] = True
    stage.ec2.read_default(TEMPLATE)["NetworkInterfaces"] = [
        {
            "DeviceIndex": 0,
            "NetworkInterfaceId": "eni-1",
            "PrivateIpAddress": "10.10.1.5",
            "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": "10.10.1.5"}],
        }
    ]
    write(stage, client)

    assert stage.ec2.read_default(TEMPLATE)["NetworkInterfaces"] == [
        {"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-1"]}
    ]
    assert stage.mgn.launch_configurations[stage.server_id]["copyPrivateIp"] is False


def test_a_named_type_ends_right_sizing(stage: Stage, client: Mgn) -> None:
    write(stage, client, replace(PLACE, instance_type="t3.medium"))

    assert stage.ec2.read_default(TEMPLATE)["InstanceType"] == "t3.medium"
    assert stage.mgn.launch_configurations[stage.server_id]["targetInstanceTypeRightSizingMethod"] == "NONE"


def test_right_sizing_stays_when_no_type_is_named(stage: Stage, client: Mgn) -> None:
    write(stage, client)
    assert stage.mgn.launch_configurations[stage.server_id]["targetInstanceTypeRightSizingMethod"] == "BASIC"


def test_the_instance_is_started_and_has_the_boot_mode_of_the_settings(stage: Stage) -> None:
    stage.mgn.launch_configurations[stage.server_id]["launchDisposition"] = "STOPPED"
    write(stage, stage.connect(boot_mode="UEFI"))

    written = stage.mgn.launch_configurations[stage.server_id]
    assert (written["launchDisposition"], written["bootMode"]) == ("STARTED", "UEFI")


@pytest.mark.parametrize(
    ("settings", "lacks"),
    [
        (LaunchSettings(), "has not a subnet and not security groups"),
        (LaunchSettings(subnet_id="subnet-1"), "has not security groups"),
        (LaunchSettings(security_group_ids=("sg-1",)), "has not a subnet"),
        (LaunchSettings(subnet_id="subnet-1", security_group_ids=("sg-1",)), "has not an instance profile"),
    ],
)
def test_a_launch_without_a_place_is_refused_before_anything_is_written(
    stage: Stage, client: Mgn, settings: LaunchSettings, lacks: str
) -> None:
    with pytest.raises(StepFailed, match=lacks):
        write(stage, client, settings)
    assert stage.ec2.count("CreateLaunchTemplateVersion") == 0


def test_a_place_that_an_operator_gave_the_template_is_kept(stage: Stage, client: Mgn) -> None:
    stage.ec2.read_default(TEMPLATE)["NetworkInterfaces"] = [
        {"DeviceIndex": 0, "SubnetId": "subnet-7", "Groups": ["sg-7"]}
    ]
    stage.ec2.read_default(TEMPLATE)["IamInstanceProfile"] = {"Name": "own"}

    assert write(stage, client, LaunchSettings())["NetworkInterfaces"][0]["SubnetId"] == "subnet-7"


def test_the_default_version_is_read_until_it_shows_what_was_written(stage: Stage, client: Mgn) -> None:
    stage.ec2.stale_reads = 2
    assert write(stage, client)["default_version"] == 3


def test_a_default_version_that_does_not_become_what_was_written_is_an_error(stage: Stage, client: Mgn) -> None:
    stage.ec2.stale_reads = 99
    with pytest.raises(
        RetryableProviderError, match="does not have what was written: TagSpecifications, NetworkInterfaces"
    ):
        write(stage, client)


def test_a_profile_may_be_an_arn() -> None:
    arn = "arn:aws:iam::1:instance-profile/x"
    assert plan_changes({}, LaunchSettings(instance_profile=arn), {})["IamInstanceProfile"] == {"Arn": arn}


def test_ec2_takes_every_member_that_it_returns() -> None:
    """What is read from a template goes back whole."""
    model = Account({"ec2": Stage().ec2})("ec2").meta.service_model
    for returned, taken in (
        (
            "LaunchTemplateInstanceNetworkInterfaceSpecification",
            "LaunchTemplateInstanceNetworkInterfaceSpecificationRequest",
        ),
        ("LaunchTemplateTagSpecification", "LaunchTemplateTagSpecificationRequest"),
    ):
        shapes: list[StructureShape] = [model.shape_for(returned), model.shape_for(taken)]
        assert set(shapes[0].members) <= set(shapes[1].members)
