"""What MGN shows of the source itself: disks that it does not replicate block a launch, changes since the test warn."""

from __future__ import annotations

from typing import Any

import pytest
from common.clients.mgn import Mgn
from common.clients.mgn.properties import describe_properties, find_unreplicated_disks

from tests.unit.mgn.conftest import PLACE, TAGS, Stage

KERNEL = "Linux version 6.8.0-1018-aws (buildd@lcy02) #19-Ubuntu SMP"
GIB = 1 << 30


@pytest.fixture
def source(stage: Stage) -> dict[str, Any]:
    """The properties that the agent has reported."""
    properties: dict[str, Any] = stage.mgn.servers[stage.server_id]["sourceProperties"]
    properties |= {
        "os": {"fullString": KERNEL},
        "networkInterfaces": [{"macAddress": "0A-40-F1-E8-B2-2D", "ips": ["10.10.0.20"], "isPrimary": True}],
        "disks": [{"deviceName": "/dev/xvda", "bytes": 8 * GIB}],
        "lastUpdatedDateTime": stage.mgn.now(),
    }
    return properties


def warn(stage: Stage, client: Mgn) -> tuple[str, ...]:
    readiness = client.check_readiness(stage.server_id, tested=True)
    assert (readiness.waiting, readiness.blocked) == ((), ())
    return readiness.warnings


def test_a_disk_that_is_not_replicated_blocks_the_test_launch(
    stage: Stage, client: Mgn, source: dict[str, Any]
) -> None:
    source["disks"].append({"deviceName": "/dev/xvdb", "bytes": 50 * GIB})

    (reason,) = client.check_readiness(stage.server_id, tested=False).blocked

    assert reason == (
        "MGN does not replicate /dev/xvdb of the source, so that a launched machine would lack it: "
        "install the agent again, which finds new disks"
    )


def test_a_server_without_properties_blocks_nothing(stage: Stage, client: Mgn) -> None:
    """A server that was only imported has no disks, and may have no properties at all."""
    del stage.mgn.servers[stage.server_id]["sourceProperties"]

    assert client.check_readiness(stage.server_id, tested=False).blocked == ()
    assert describe_properties({}) == {}
    assert find_unreplicated_disks({"sourceProperties": {"disks": [{"deviceName": "/dev/xvda"}]}}) == []


@pytest.mark.usefixtures("source")
def test_nothing_is_warned_of_when_nothing_changed_since_the_test(stage: Stage, client: Mgn) -> None:
    stage.launch(client)

    assert warn(stage, client) == ()
    facts = client.check_readiness(stage.server_id, tested=True).facts
    assert facts["compared_with_last_launch"] == "kernel, host-name, mac-addresses, disks"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"os": {"fullString": KERNEL.replace("1018", "1020")}}, "the kernel of the source server changed from Linux version 6.8.0-1018"),
        ({"networkInterfaces": [{"macAddress": "0A-40-F1-E8-B2-2E"}]}, "mac addresses of the source server changed from 0A-40-F1-E8-B2-2D to 0A-40-F1-E8-B2-2E"),
        ({"identificationHints": {"hostname": "gogs-2"}}, "host name of the source server changed from gogs to gogs-2"),
        ({"disks": [{"deviceName": "/dev/xvda", "bytes": 9 * GIB}]}, "disks of the source server changed"),
    ],
)  # fmt: skip
def test_a_change_of_the_source_since_its_test_is_a_warning_with_advice(
    stage: Stage, client: Mgn, source: dict[str, Any], change: dict[str, Any], named: str
) -> None:
    stage.launch(client)
    source |= change

    (warning,) = warn(stage, client)

    assert named in warning
    assert ": " in warning.rpartition(" to ")[2]


@pytest.mark.usefixtures("source")
def test_a_launch_that_recorded_nothing_is_named_as_not_compared(stage: Stage, client: Mgn) -> None:
    """Given a test by an earlier release, when the cutover is prepared, then the comparison does not count as passed."""
    stage.launch(client)
    (template,) = stage.ec2.templates
    for one in stage.ec2.read_default(template)["TagSpecifications"]:
        one["Tags"] = [tag for tag in one["Tags"] if not tag["Key"].startswith("cutover:source-")]

    readiness = client.check_readiness(stage.server_id, tested=True)

    assert readiness.warnings == ()
    assert (
        readiness.facts["compared_with_last_launch"] == "not compared: the launch template has no record of the source"
    )


@pytest.mark.parametrize("kernel", ["Linux version 4.9.256-1 #1", "Linux version 6.8.0-1018-azure #1"])
def test_a_kernel_that_mgn_does_not_support_is_a_warning(
    stage: Stage, client: Mgn, source: dict[str, Any], kernel: str
) -> None:
    source["os"] = {"fullString": kernel}

    (warning,) = client.check_readiness(stage.server_id, tested=False).warnings

    assert "does not support the kernel" in warning


def test_what_a_tag_cannot_hold_is_replaced_and_cut(stage: Stage, client: Mgn, source: dict[str, Any]) -> None:
    source["os"] = {"fullString": f"{KERNEL} {'x' * 300}"}
    client.prepare_launch(stage.server_id, launch_settings=PLACE, tags=TAGS)

    stage.mgn.end(client.launch(stage.server_id, "TEST", since=stage.since))

    (instance,) = stage.ec2.list_running()
    value = stage.ec2.get_tags(instance)["cutover:source-kernel"]
    assert len(value) == 255
    assert value.startswith("Linux version 6.8.0-1018-aws _buildd@lcy02_ _19-Ubuntu SMP x")
