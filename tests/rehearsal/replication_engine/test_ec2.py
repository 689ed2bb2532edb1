"""The console's cloud with the real local AWS: an image from a replicated disk, an instance from it, and no orphaned
resource.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import requests

from rehearsal.replication_engine.cloud import CloudError, Target
from rehearsal.replication_engine.ec2 import Ec2Cloud
from rehearsal.settings import REGION, Settings
from rehearsal.world import enter
from tests.rehearsal.ports import find_free_ports

pytestmark = pytest.mark.rehearsal


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = str(tmp_path_factory.mktemp("aws"))
    return Settings.load({**os.environ, "REHEARSAL_PORT": str(find_free_ports()), "REHEARSAL_HOME": home})


@pytest.fixture(scope="module")
def network(settings: Settings) -> Iterator[tuple[str, str]]:
    """Create a subnet and a security group in a local AWS that runs during this module."""
    environment = {**os.environ, "REHEARSAL_PORT": str(settings.port), "REHEARSAL_HOME": str(settings.home)}
    log = settings.home / "aws.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.aws"], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        await_health(settings, process, log)
        ec2 = boto3.client(
            "ec2",
            endpoint_url=settings.aws_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="replica", Description="replica", VpcId=vpc)["GroupId"]
        ec2.close()
        yield subnet, group
    finally:
        process.terminate()
        assert process.wait(30) == 0, log.read_text()[-2000:]


def await_health(settings: Settings, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            if requests.get(f"{settings.aws_url}/_rehearsal/health", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    pytest.fail(f"the local AWS did not start: {log.read_text()[-2000:]}")


@pytest.fixture
def cloud(settings: Settings) -> Iterator[Ec2Cloud]:
    made = Ec2Cloud(settings)
    yield made
    made.close()


def list_leftovers(settings: Settings) -> set[Path]:
    return {file for folder in ("volumes", "snapshots", "images") for file in (settings.pool / folder).glob("*.raw")}


def wait_for_boot(settings: Settings, instance: str) -> bool:
    """Wait with EC2's own waiter, as a client of the console does."""
    ec2 = boto3.client(
        "ec2", endpoint_url=settings.aws_url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=[instance], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    ec2.close()
    return True


def test_a_disk_becomes_an_instance_and_intermediate_resources_are_removed(
    settings: Settings, network: tuple[str, str], cloud: Ec2Cloud
) -> None:
    subnet, group = network
    before = list_leftovers(settings)
    disk = next((settings.pool / "images").glob("debian-12*.raw"))

    image = cloud.make_image("CloudEndure gogs 1", disk)
    target = Target("gogs", "t3.small", subnet, (group,), private_ip="10.0.1.77", tags={"cutover:run-id": "r1"})
    instance = cloud.run(image, target)

    found = cloud.find_instance(instance)
    assert found is not None
    assert (found.state in ("pending", "running"), found.instance_type, found.private_ip) == (
        True,
        "t3.small",
        "10.0.1.77",
    )
    assert wait_for_boot(settings, instance)
    assert enter.run(settings, instance, ["/bin/true"], timeout=60).exit_code == 0
    cloud.drop_image(image)
    assert list_leftovers(settings) - before == {settings.pool / "volumes" / f"{instance}.raw"}
    cloud.stop(instance)
    assert (stopped := cloud.find_instance(instance)) is not None
    assert stopped.state == "stopped"
    cloud.terminate(instance)
    cloud.terminate(instance)
    assert list_leftovers(settings) == before


def test_an_error_of_the_cloud_is_reported_unchanged(network: tuple[str, str], cloud: Ec2Cloud) -> None:
    subnet, group = network

    cloud.check_network("", [])
    cloud.check_network(subnet, [group])
    with pytest.raises(CloudError, match="does not exist"):
        cloud.check_network("subnet-0123456789abcdef0", [])
    with pytest.raises(CloudError, match="InvalidGroup"):
        cloud.check_network(subnet, ["sg-0123456789abcdef0"])
    with pytest.raises(CloudError, match=r"InvalidAMIID\.NotFound"):
        cloud.run("ami-0123456789abcdef0", Target("gogs", "t3.small", subnet, (group,)))
    assert cloud.find_instance("i-0123456789abcdef0") is None
