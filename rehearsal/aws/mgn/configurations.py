"""What a new server begins with: the replication template's values, and MGN's defaults for its launch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rehearsal.aws.mgn.models import Json, Template

_OF_SERVERS = {
    "launchDisposition",
    "targetInstanceTypeRightSizingMethod",
    "copyPrivateIp",
    "copyTags",
    "licensing",
    "bootMode",
}
_DEFAULT_LAUNCH: Json = {
    "launchDisposition": "STARTED",
    "targetInstanceTypeRightSizingMethod": "BASIC",
    "copyPrivateIp": False,
    "copyTags": False,
    "licensing": {"osByol": True},
    "bootMode": "LEGACY_BIOS",
}


def build_replication_configuration(template: Template, disks: Iterable[Mapping[str, Any]]) -> Json:
    """Return the replication configuration of a new server. Later changes of the template do not change it."""
    replicated = [
        {"deviceName": disk["deviceName"], "isBootDisk": index == 0, "stagingDiskType": "AUTO", "iops": 0}
        for index, disk in enumerate(disks)
    ]
    return {**template.values, "name": "", "replicatedDisks": replicated}


def build_launch_configuration(server_id: str, template: Template | None) -> Json:
    """Return MGN's part of the launch settings of a new server."""
    of_template = {key: value for key, value in (template.values if template else {}).items() if key in _OF_SERVERS}
    return {**_DEFAULT_LAUNCH, **of_template, "name": f"Launch Configuration for Source Server {server_id}"}
