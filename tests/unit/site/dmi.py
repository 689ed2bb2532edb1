"""The DMI data and the network interfaces of a machine, below the root of a test."""

from __future__ import annotations

from pathlib import Path

NITRO = {
    "sys_vendor": "Amazon EC2",
    "board_asset_tag": "i-0af01c0123456789a",
    "product_uuid": "ec2e1916-9099-7caf-fd21-012345abcdef",
}
XEN = {"sys_vendor": "Xen", "bios_version": "4.2.amazon", "product_uuid": "EC2CEFAC-DCE1-EED5-4E48-83AD3EF51BFB"}
VMWARE = {"sys_vendor": "VMware, Inc.", "product_uuid": "564d0000-1111-2222-3333-444455556666"}
OTHER_VMWARE = {**VMWARE, "product_uuid": "564d9999-1111-2222-3333-444455556666"}
OPENSTACK = {"sys_vendor": "OpenStack Foundation", "product_uuid": "b2c3d4e5-1111-2222-3333-444455556666"}


def write_dmi(root: Path, values: dict[str, str]) -> None:
    """Replace the DMI data; none at all for an empty dictionary."""
    folder = root / "sys/class/dmi/id"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, value in values.items():
        (folder / name).write_text(value + "\n")


def write_interface(root: Path, name: str, address: str, *, bridge: bool = False) -> None:
    folder = root / "sys/class/net" / name
    (folder / "bridge" if bridge else folder).mkdir(parents=True)
    (folder / "address").write_text(address + "\n")
