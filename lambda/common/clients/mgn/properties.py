"""What MGN knows of the source itself: its kernel, names, addresses and disks, as the agent reported them last. Pure.

Each launch records them as tags of the launch template. A later launch compares: MGN's agent does not survive a new kernel, and the identity of the
server is its MAC address (https://docs.aws.amazon.com/mgn/latest/ug/installation-requirements.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from common.clients.mgn.servers import Server

PREFIX = "cutover:source-"
LONGEST = 255
"""characters of a tag's value"""
UNSUPPORTED_KERNEL = re.compile(r"\b4\.9\.256\b|-azure\b")
"""https://docs.aws.amazon.com/mgn/latest/ug/Supported-Operating-Systems.html"""
REINSTALL = "install the agent again before the next launch, and test again"
ADVICE: Mapping[str, str] = {
    "kernel": f"the driver of the agent belongs to one kernel: {REINSTALL}",
    "host-name": "check that this is still the same machine",
    "mac-addresses": f"MGN knows a server by its MAC address, and replicates a new one from the beginning: {REINSTALL}",
    "disks": f"MGN knows disks by their device names: compare them with lsblk; if one was added, {REINSTALL}",
}
"""by property: what a change of it means"""
_NOT_IN_TAGS = re.compile(r"[^\w .:/=+@-]")


def describe_properties(server: Server) -> dict[str, str]:
    """Return each property that the service knows, as the value of a tag. Every one of them may be absent."""
    known: Mapping[str, Any] = server.get("sourceProperties") or {}
    found = {
        "kernel": str((known.get("os") or {}).get("fullString") or ""),
        "host-name": str((known.get("identificationHints") or {}).get("hostname") or ""),
        "mac-addresses": " ".join(
            sorted(str(one.get("macAddress") or "") for one in known.get("networkInterfaces") or [])
        ),
        "disks": " ".join(sorted(f"{one.get('deviceName')}={one.get('bytes')}" for one in known.get("disks") or [])),
    }
    return {name: _NOT_IN_TAGS.sub("_", value)[:LONGEST] for name, value in found.items() if value.strip()}


def format_tags(properties: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that record the properties of a launch."""
    return {f"{PREFIX}{name}": value for name, value in properties.items()}


def find_recorded(properties: Mapping[str, str], tags: Mapping[str, str]) -> list[str]:
    """Return the names of the properties that can be compared."""
    return [name for name in properties if f"{PREFIX}{name}" in tags]


def find_changes(properties: Mapping[str, str], tags: Mapping[str, str]) -> list[str]:
    """Return a sentence for each property that differs from the one that the tags record. A property without a record is not compared."""
    return [
        f"since its last launch the {name.replace('-', ' ')} of the source server changed from {before} to {properties[name]}: {advice}"
        for name, advice in ADVICE.items()
        if name in properties and (before := tags.get(f"{PREFIX}{name}", properties[name])) != properties[name]
    ]


def find_warnings(server: Server) -> list[str]:
    """Return what MGN shows of the source and what may fail in a launch."""
    kernel = describe_properties(server).get("kernel", "")
    if UNSUPPORTED_KERNEL.search(kernel):
        return [f"MGN does not support the kernel of the source server ({kernel}): start it with another one"]
    return []


def find_unreplicated_disks(server: Server) -> list[str]:
    """Return the disks of the source that MGN does not replicate. Empty while one of both lists is not known."""
    replicated = {str(one.get("deviceName")) for one in _list_replicated(server)}
    disks: Sequence[Mapping[str, Any]] = (server.get("sourceProperties") or {}).get("disks") or []
    return [str(one.get("deviceName")) for one in disks if replicated and str(one.get("deviceName")) not in replicated]


def _list_replicated(server: Server) -> Sequence[Mapping[str, Any]]:
    return (server.get("dataReplicationInfo") or {}).get("replicatedDisks") or []
