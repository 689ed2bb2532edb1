"""Save and restore the rules of all security groups, each with one source or destination, so that two lists can be compared."""

from __future__ import annotations

from typing import Any

from rehearsal.checkpoint.context import Json

_ENDS = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
_WAYS = {"IpPermissions": "ingress", "IpPermissionsEgress": "egress"}


def save(client: Any) -> Json:
    """Return the rules by group and direction."""
    pages = client.get_paginator("describe_security_groups").paginate()
    groups = [group for page in pages for group in page["SecurityGroups"]]
    return {group["GroupId"]: {way: split_by_source(group[key]) for key, way in _WAYS.items()} for group in groups}


def restore(client: Any, saved: Json) -> None:
    """Revoke the rules that came later, and authorize those that are missing."""
    for group, now in save(client).items():
        if group not in saved:
            continue
        for way in _WAYS.values():
            before: list[Json] = saved[group][way]
            if later := [one for one in now[way] if one not in before]:
                getattr(client, f"revoke_security_group_{way}")(GroupId=group, IpPermissions=later)
            if missing := [one for one in before if one not in now[way]]:
                getattr(client, f"authorize_security_group_{way}")(GroupId=group, IpPermissions=missing)


def split_by_source(permissions: list[Json]) -> list[Json]:
    """Return the same rules, one for each source or destination."""
    return [
        {**{key: value for key, value in permission.items() if key not in _ENDS}, kind: [end]}
        for permission in permissions
        for kind in _ENDS
        for end in permission.get(kind, [])
    ]
