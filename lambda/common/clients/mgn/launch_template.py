"""The EC2 launch template of a source server. It owns place, type, profile and tags of a launch. Pure.

A list in a new version replaces the whole list of its source version, and a member that is not named is kept. So only what changes is named, and
lists are written whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.settings import LaunchSettings

TAGGED = ("instance", "volume")
FIXED_PLACE = (
    "NetworkInterfaceId",
    "PrivateIpAddress",
    "PrivateIpAddresses",
    "SecondaryPrivateIpAddressCount",
    "Ipv6Addresses",
)
"""Members of a network interface that belong to another subnet. An existing interface excludes subnet and groups. A private address that was copied
from the source stays in the template when copying is switched off."""
Data = Mapping[str, Any]


def plan_changes(data: Data, settings: LaunchSettings, tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the members of the template that must change, empty when nothing differs. Empty settings keep what the template has."""
    wanted: dict[str, Any] = {"TagSpecifications": _merge_tags(data.get("TagSpecifications") or [], tags)}
    if settings.subnet_id or settings.security_group_ids:
        wanted["NetworkInterfaces"] = _place(data.get("NetworkInterfaces") or [], settings)
    if settings.instance_profile:
        wanted["IamInstanceProfile"] = name_profile(settings.instance_profile)
    if settings.instance_type:
        wanted["InstanceType"] = settings.instance_type
    return {key: value for key, value in wanted.items() if not is_same(data.get(key), value)}


def find_missing(data: Data) -> list[str]:
    """Return what a launch from this template lacks: without a subnet it fails in an account without a default VPC, without a profile nobody gets in."""
    interfaces = data.get("NetworkInterfaces") or []
    first: Mapping[str, Any] = next((one for one in interfaces if one.get("DeviceIndex", 0) == 0), {})
    existing = first.get("NetworkInterfaceId")
    missing = [] if existing or first.get("SubnetId") else ["a subnet"]
    missing += [] if existing or first.get("Groups") or data.get("SecurityGroupIds") else ["security groups"]
    return missing + ([] if data.get("IamInstanceProfile") else ["an instance profile"])


def is_same(found: Any, wanted: Any) -> bool:
    """Return whether EC2 returns what was written. It adds empty lists, and does not keep the order of tags and groups."""
    return bool(_normalize(found) == _normalize(wanted))


def get_tags(data: Data, kind: str) -> dict[str, str]:
    """Return the tags that the template gives to resources of this kind."""
    specifications: Sequence[Mapping[str, Any]] = data.get("TagSpecifications") or []
    tags = [tag for one in specifications if one.get("ResourceType") == kind for tag in one.get("Tags") or []]
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in tags}


def name_profile(profile: str) -> dict[str, str]:
    """Return the instance profile as EC2 takes it: an ARN or a name, never both."""
    return {"Arn": profile} if profile.startswith("arn:") else {"Name": profile}


def _place(interfaces: Sequence[Mapping[str, Any]], settings: LaunchSettings) -> list[dict[str, Any]]:
    """Return the whole list of network interfaces with the first one in this subnet and these groups."""
    kept = [dict(one) for one in interfaces] or [{"DeviceIndex": 0}]
    first = next((one for one in kept if one.get("DeviceIndex", 0) == 0), kept[0])
    if settings.subnet_id:
        first["SubnetId"] = settings.subnet_id
    if settings.security_group_ids:
        first["Groups"] = list(settings.security_group_ids)
    for member in FIXED_PLACE:
        first.pop(member, None)
    return [{key: value for key, value in one.items() if value != []} for one in kept]


def _merge_tags(specifications: Sequence[Mapping[str, Any]], tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the whole list of tag specifications, with these tags on the instance and its volumes. Other tags stay."""
    present = {str(one.get("ResourceType")): one.get("Tags") or [] for one in specifications}
    merged = []
    for kind in dict.fromkeys([*present, *TAGGED]):
        kept = {str(tag["Key"]): str(tag.get("Value", "")) for tag in present.get(kind, [])}
        wanted = {**kept, **tags} if kind in TAGGED else kept
        merged.append({"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in wanted.items()]})
    return merged


def _normalize(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _normalize(one) for key, one in value.items() if one not in ([], None)}
    if isinstance(value, list):
        return sorted((_normalize(one) for one in value), key=repr)
    return value
