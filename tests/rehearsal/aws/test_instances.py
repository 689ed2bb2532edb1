"""Instances, images and commands, only through the API."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.ec2.images import UBUNTU_AMI
from rehearsal.settings import Settings
from tests.rehearsal.aws.site.deployed import Site, wait_for
from tests.roles import role_for

pytestmark = pytest.mark.rehearsal
USER_DATA = "#!/bin/sh\necho first >/root/from-user-data\n"
FAST = {"Delay": 1, "MaxAttempts": 60}


class Lab:
    """One subnet and one instance profile."""

    def __init__(self, settings: Settings) -> None:
        self.api = Clients(settings)
        self.ec2 = self.api("ec2")
        self.site = Site(settings, {})
        iam = self.api("iam")
        role_for(self.api, "lab", "ec2.amazonaws.com")
        iam.create_instance_profile(InstanceProfileName="lab")
        iam.add_role_to_instance_profile(InstanceProfileName="lab", RoleName="lab")
        vpc = self.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]

    def launch(self, image: str = UBUNTU_AMI, **more: Any) -> str:
        """Launch an instance and wait until it runs."""
        request = {"SubnetId": self.subnet, "IamInstanceProfile": {"Name": "lab"}, **more}
        made = self.ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, **request)["Instances"][0]
        assert made["State"]["Name"] == "pending"
        self.ec2.get_waiter("instance_running").wait(InstanceIds=[made["InstanceId"]], WaiterConfig=FAST)
        return str(made["InstanceId"])

    def describe_instance(self, id_: str) -> Mapping[str, Any]:
        return dict(self.ec2.describe_instances(InstanceIds=[id_])["Reservations"][0]["Instances"][0])

    def create_image(self, instance: str, name: str, **more: Any) -> str:
        """Create an image of the instance and wait until it is available."""
        image = self.ec2.create_image(InstanceId=instance, Name=name, **more)["ImageId"]
        wait_for(lambda: self.ec2.describe_images(ImageIds=[image])["Images"][0]["State"] != "pending")
        assert self.ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available"
        return str(image)


@pytest.fixture(scope="module")
def lab(settings: Settings) -> Iterator[Lab]:
    """Create the lab, and terminate its instances afterwards, because other tests list all instances of the world."""
    lab = Lab(settings)
    yield lab
    reservations = lab.ec2.describe_instances(Filters=[{"Name": "subnet-id", "Values": [lab.subnet]}])["Reservations"]
    left = [i["InstanceId"] for r in reservations for i in r["Instances"] if i["State"]["Name"] != "terminated"]
    lab.ec2.terminate_instances(InstanceIds=left)
    lab.ec2.get_waiter("instance_terminated").wait(InstanceIds=left, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


@pytest.fixture(scope="module")
def machine(lab: Lab) -> str:
    """Launch a machine that every test may use and no test may stop."""
    return lab.launch(UserData=USER_DATA)


def test_an_instance_runs_its_user_data_and_has_its_address_and_name(lab: Lab, machine: str) -> None:
    wait_for(lambda: lab.site.run(machine, "test -s /root/from-user-data")["Status"] == "Success")
    ip = lab.describe_instance(machine)["PrivateIpAddress"]
    assert ip.startswith("10.7.1.")
    output = lab.site.read_output(
        machine, "cat /root/from-user-data; hostname; id -un; echo $AWS_ENDPOINT_URL; ip -br addr"
    )
    assert output.split()[:4] == ["first", f"ip-{ip.replace('.', '-')}", "root", lab.site.settings.aws_url]
    assert f"{ip}/" in output
    attribute = lab.ec2.describe_instance_attribute(InstanceId=machine, Attribute="userData")
    assert base64.b64decode(attribute["UserData"]["Value"]).decode() == USER_DATA


def test_a_machine_has_the_credentials_of_its_role(lab: Lab, machine: str) -> None:
    output = lab.site.read_output(
        machine,
        "T=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token);"
        'curl -s -H "X-aws-ec2-metadata-token: $T"'
        " http://169.254.169.254/latest/meta-data/iam/security-credentials/lab",
    )
    found = json.loads(output)
    sts = boto3.client(
        "sts",
        endpoint_url=lab.site.settings.aws_url,
        region_name="us-east-1",
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["Token"],
    )
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:sts::000000000000:assumed-role/lab/{machine}"


def test_an_image_has_the_content_of_the_disk_and_its_source_still_runs(lab: Lab, machine: str) -> None:
    lab.site.read_output(machine, "echo kept >/root/kept")
    boot = lab.site.read_output(
        machine, "cat /proc/sys/kernel/random/boot_id; systemctl show -P UserspaceTimestampMonotonic"
    )
    image = lab.create_image(
        machine, "with-reboot", TagSpecifications=[{"ResourceType": "image", "Tags": [{"Key": "run", "Value": "7"}]}]
    )
    described = lab.ec2.describe_images(Filters=[{"Name": "tag:run", "Values": ["7"]}])["Images"]
    assert [one["ImageId"] for one in described] == [image]
    copy = lab.launch(image)
    assert lab.site.read_output(copy, "cat /root/kept") == "kept"
    # EC2 restarted the source, and the copy is another machine.
    assert lab.site.read_output(machine, "systemctl show -P UserspaceTimestampMonotonic") != boot.splitlines()[1]
    assert lab.describe_instance(copy)["PrivateIpAddress"] != lab.describe_instance(machine)["PrivateIpAddress"]
    # When the image and its snapshot are deleted, then its instances still run.
    snapshot = described[0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    with pytest.raises(ClientError, match=r"InvalidSnapshot\.InUse"):
        lab.ec2.delete_snapshot(SnapshotId=snapshot)
    lab.ec2.deregister_image(ImageId=image)
    lab.ec2.delete_snapshot(SnapshotId=snapshot)
    assert lab.site.read_output(copy, "cat /root/kept") == "kept"
    assert not (lab.site.settings.pool / "images" / f"{image}.raw").exists()
    lab.ec2.terminate_instances(InstanceIds=[copy])


def test_an_image_without_reboot_does_not_restart_the_machine(lab: Lab, machine: str) -> None:
    before = lab.site.read_output(machine, "systemctl show -P UserspaceTimestampMonotonic")
    lab.create_image(machine, "no-reboot", NoReboot=True)
    assert lab.site.read_output(machine, "systemctl show -P UserspaceTimestampMonotonic") == before
    with pytest.raises(ClientError, match=r"InvalidAMIName\.Duplicate"):
        lab.ec2.create_image(InstanceId=machine, Name="no-reboot")


def test_a_machine_is_managed_only_while_it_runs(lab: Lab) -> None:
    instance = lab.launch()
    states = {}

    def ping() -> str:
        found = lab.api("ssm").describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [instance]}])
        return str(found["InstanceInformationList"][0]["PingStatus"])

    states["running"] = ping()
    lab.site.read_output(instance, "echo kept >/root/kept")
    lab.ec2.stop_instances(InstanceIds=[instance])
    lab.ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig=FAST)
    states["stopped"] = ping()
    assert states == {"running": "Online", "stopped": "ConnectionLost"}
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        lab.site.run(instance, "true")
    lab.ec2.start_instances(InstanceIds=[instance])
    lab.ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=FAST)
    assert lab.site.read_output(instance, "cat /root/kept") == "kept"
    lab.ec2.reboot_instances(InstanceIds=[instance])
    lab.ec2.terminate_instances(InstanceIds=[instance])
    lab.ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance], WaiterConfig=FAST)
    assert not (lab.site.settings.pool / "volumes" / f"{instance}.raw").exists()


def test_a_machine_that_powers_off_is_stopped(lab: Lab) -> None:
    instance = lab.launch()
    lab.site.run(instance, "systemd-run --on-active=1 --timer-property=AccuracySec=100ms systemctl poweroff")
    lab.ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig=FAST)
    assert "Instance initiated shutdown" in lab.describe_instance(instance)["StateReason"]["Message"]
    lab.ec2.terminate_instances(InstanceIds=[instance])


@pytest.mark.parametrize(
    ("command", "status", "code"),
    [("exit 0", "Success", 0), ("exit 7", "Failed", 7), ("#!/usr/bin/python3\nraise SystemExit(3)", "Failed", 3)],
)
def test_a_command_has_the_status_of_its_script(lab: Lab, machine: str, command: str, status: str, code: int) -> None:
    done = lab.site.run(machine, command)
    assert (done["Status"], done["ResponseCode"]) == (status, code)


def test_a_command_that_times_out_is_killed_with_its_child_processes(lab: Lab, machine: str) -> None:
    done = lab.site.run(machine, "sleep 1234 & sleep 1234", seconds=1)
    assert (done["Status"], done["StatusDetails"]) == ("TimedOut", "Execution Timed Out")
    assert lab.site.run(machine, "pgrep -f '^sleep 1234'")["Status"] == "Failed"


def test_a_command_times_out_although_a_process_outside_of_its_group_keeps_its_output(lab: Lab, machine: str) -> None:
    done = lab.site.run(machine, "echo begun; setsid sleep 2345 & wait", seconds=1)
    assert (done["Status"], done["StatusDetails"]) == ("TimedOut", "Execution Timed Out")
    lab.site.run(machine, "pkill -f '^sleep 2345'")


def test_a_command_can_be_cancelled(lab: Lab, machine: str) -> None:
    ssm = lab.api("ssm")
    sent = ssm.send_command(
        InstanceIds=[machine], DocumentName="AWS-RunShellScript", Parameters={"commands": ["sleep 4321"]}
    )["Command"]["CommandId"]
    wait_for(lambda: lab.site.run(machine, "pgrep -f '^sleep 4321'")["Status"] == "Success")
    ssm.cancel_command(CommandId=sent)
    wait_for(lambda: ssm.get_command_invocation(CommandId=sent, InstanceId=machine)["Status"] == "Cancelled")
    assert lab.site.run(machine, "pgrep -f '^sleep 4321'")["Status"] == "Failed"


def test_long_output_is_truncated_as_on_aws(lab: Lab, machine: str) -> None:
    done = lab.site.run(machine, "head -c 30000 /dev/zero | tr '\\0' a; head -c 9000 /dev/zero | tr '\\0' b >&2")
    assert (len(done["StandardOutputContent"]), len(done["StandardErrorContent"])) == (24000, 8000)


REFUSED = [
    ({"ImageId": "ami-0123456789abcdef0"}, r"InvalidAMIID\.NotFound"),
    ({"SubnetId": "subnet-0123456789abcdef0"}, r"InvalidSubnetID\.NotFound"),
    ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, r"InvalidGroup\.NotFound"),
    ({"PrivateIpAddress": "10.9.9.9"}, "does not fall within"),
    ({"IamInstanceProfile": {"Name": "nobody"}}, "Invalid IAM Instance Profile name"),
    ({"CpuOptions": {"CoreCount": 1}}, "is not emulated by the rehearsal"),
    ({"BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 1}}]}, "InvalidBlockDeviceMapping"),
    (
        {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}]},
        "parameter size or snapshotId",
    ),
]


@pytest.mark.parametrize(("parameters", "reason"), REFUSED)
def test_an_invalid_launch_is_refused_with_its_reason(lab: Lab, parameters: dict[str, Any], reason: str) -> None:
    before = lab.ec2.describe_instances()["Reservations"]
    request = {"ImageId": UBUNTU_AMI, "SubnetId": lab.subnet, "MinCount": 1, "MaxCount": 1, **parameters}
    with pytest.raises(ClientError, match=reason):
        lab.ec2.run_instances(**request)
    assert len(lab.ec2.describe_instances()["Reservations"]) == len(before)
