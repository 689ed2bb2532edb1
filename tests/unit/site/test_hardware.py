"""What identifies the hardware: EC2 by its DMI data, and a machine by its UUID or its network addresses."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from cutover_site.system.hardware import is_ec2, is_same_hardware, read_hardware_id, read_own_addresses

from tests.unit.site.dmi import NITRO, OPENSTACK, VMWARE, XEN, write_dmi, write_interface


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (NITRO, True),
        ({"sys_vendor": "Amazon EC2"}, True),
        (XEN, True),
        ({"sys_vendor": "Xen", "product_uuid": "ec2e1916-9099-7caf-fd21-012345abcdef"}, True),
        ({"sys_vendor": "Xen", "product_uuid": "45e12aec-dcd1-b213-94ed-012345abcdef"}, True),
        ({"sys_vendor": "Xen", "product_uuid": "c1d2e3f4-dcd1-b213-94ed-012345abcdef"}, False),
        (VMWARE, False),
        ({**VMWARE, "product_uuid": "ec2e1916-9099-7caf-fd21-012345abcdef"}, False),
        (OPENSTACK, False),
        ({"sys_vendor": ""}, None),
        ({}, None),
    ],
)
def test_an_ec2_instance_is_known_by_its_dmi_data(
    tmp_path: Path, values: dict[str, str], expected: bool | None
) -> None:
    write_dmi(tmp_path, values)
    assert is_ec2(tmp_path) is expected


def test_hardware_is_identified_by_its_uuid_in_lower_case(tmp_path: Path) -> None:
    write_dmi(tmp_path, {"product_uuid": VMWARE["product_uuid"].upper()})
    write_interface(tmp_path, "eth0", "52:54:00:00:00:01")
    assert read_hardware_id(tmp_path) == f"uuid:{VMWARE['product_uuid']}"


@pytest.mark.parametrize(
    "placeholder",
    ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "03000200-0400-0500-0006-000700080009", "Not Settable"],
)  # fmt: skip
def test_hardware_with_a_uuid_of_many_machines_is_identified_by_its_addresses(tmp_path: Path, placeholder: str) -> None:
    write_dmi(tmp_path, {"product_uuid": placeholder})
    write_interface(tmp_path, "eth1", "52:54:00:00:00:02")
    write_interface(tmp_path, "eth0", "52:54:00:00:00:01")
    write_interface(tmp_path, "lo", "00:00:00:00:00:00")
    write_interface(tmp_path, "vrrp", "00:00:5e:00:01:0a")
    write_interface(tmp_path, "docker0", "02:42:ac:11:00:02", bridge=True)
    assert read_hardware_id(tmp_path) == "mac:52:54:00:00:00:01,52:54:00:00:00:02"


def test_the_kernel_names_the_address_of_each_interface_that_this_process_has() -> None:
    found = read_own_addresses()
    assert found.keys() == {name for _index, name in socket.if_nameindex()}
    assert found["lo"] == "00:00:00:00:00:00"
    assert all(re.fullmatch("[0-9a-f]{2}(:[0-9a-f]{2}){5}", address) for address in found.values())


def test_a_machine_without_both_has_no_identity(tmp_path: Path) -> None:
    assert read_hardware_id(tmp_path) == ""


@pytest.mark.parametrize(
    ("recorded", "found", "expected"),
    [
        ("uuid:a", "uuid:a", True),
        ("uuid:a", "uuid:b", False),
        ("mac:1,2", "mac:2,3", True),
        ("mac:1,2", "mac:3", False),
        ("mac:1", "uuid:1", False),
        ("uuid:a", "", False),
        ("", "", False),
        ("mac:", "mac:", False),
    ],
)
def test_hardware_is_the_same_with_one_common_value(recorded: str, found: str, expected: bool) -> None:
    assert is_same_hardware(recorded, found) is expected
