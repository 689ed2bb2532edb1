"""Identify the hardware below this system, which a copy of the disk does not have."""

from __future__ import annotations

import fcntl
import re
import socket
import struct
from pathlib import Path

DMI = "sys/class/dmi/id"
NETWORK = "sys/class/net"
THIS_MACHINE = Path("/")
SIOCGIFHWADDR = 0x8927
INSTANCE_ID = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EC2_UUID = re.compile(r"ec2|[0-9a-f]{4}2[0-9a-f]ec-")
"""begin of the UUID of an instance, in both byte orders (EC2 user guide, "Detect whether a host is an EC2 instance")"""
PLACEHOLDERS = frozenset({"03000200-0400-0500-0006-000700080009"})
"""UUIDs that manufacturers leave in many machines, besides those of one repeated digit"""
ANY_MACHINE = ("00:00:00:00:00:00", "00:00:5e:")
"""begins of addresses that no interface of hardware has: none, and VRRP's (RFC 5798), which a setting on the disk makes"""


def is_ec2(root: Path) -> bool | None:
    """Return whether the machine is an EC2 instance, by its DMI data; None when it has no such data.

    Sources: EC2 user guide, "Detect whether a host is an EC2 instance": the asset tag of a Nitro instance is its id, and the
    UUID of a Xen instance begins with ec2. The vendor of Nitro instances and the BIOS version of Xen instances are those that
    cloud-init and clock-bound read.
    """
    vendor = _read(root / DMI / "sys_vendor")
    if INSTANCE_ID.fullmatch(_read(root / DMI / "board_asset_tag")) or vendor == "Amazon EC2":
        return True
    if _read(root / DMI / "bios_version").endswith(".amazon"):
        return True
    if vendor == "Xen" and EC2_UUID.match(_read(root / DMI / "product_uuid").lower()):
        return True
    return False if vendor else None


def read_hardware_id(root: Path) -> str:
    """Return `uuid:…` of the DMI data, or `mac:…` with the addresses of the network interfaces where there is none.

    Empty when the machine has neither. The UUID can be read by root only.
    """
    uuid = _read(root / DMI / "product_uuid").lower()
    if UUID.fullmatch(uuid) and uuid not in PLACEHOLDERS and len(set(uuid) - {"-"}) > 1:
        return f"uuid:{uuid}"
    found = read_own_addresses() if root == THIS_MACHINE else _read_addresses(root)
    # A bridge has no address of its own, or one that its program computes.
    own = {address for name, address in found.items() if not (root / NETWORK / name / "bridge").exists()}
    addresses = sorted(one for one in own if one and not one.startswith(ANY_MACHINE))
    return f"mac:{','.join(addresses)}" if addresses else ""


def is_same_hardware(recorded: str, found: str) -> bool:
    """Return whether both are of one machine. One common address is enough, because interfaces come and go. Pure."""
    kind, _, values = recorded.partition(":")
    found_kind, _, found_values = found.partition(":")
    if kind != found_kind or not values:
        return False
    return bool(set(values.split(",")) & set(found_values.split(",")))


def read_own_addresses() -> dict[str, str]:
    """Return the hardware address of each network interface that this process has, by name.

    The kernel is asked (netdevice(7)): in a container /sys may show the interfaces of its host.
    """
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _index, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(any_socket.fileno(), SIOCGIFHWADDR, struct.pack("256s", name.encode()))
            except OSError:  # it is gone since
                continue
            found[name] = ":".join(f"{byte:02x}" for byte in answer[18:24])
    return found


def _read_addresses(root: Path) -> dict[str, str]:
    folder = root / NETWORK
    paths = folder.iterdir() if folder.is_dir() else iter(())
    return {path.name: _read(path / "address").lower() for path in paths}


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
