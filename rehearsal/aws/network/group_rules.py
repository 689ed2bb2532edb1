"""Rules of security groups: one range or group each, no duplicate, no revocation of what is not there, as on EC2."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from rehearsal.aws.errors import ApiError
from rehearsal.aws.registry import Registry

Rule = dict[str, Any]
_SOURCES = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}
_SIDES = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}


class GroupRules:
    """The four actions that change rules. `changed` makes them count before the answer goes out."""

    def __init__(self, registry: Registry, changed: Callable[[], None]) -> None:
        self._groups = registry.records("ec2", "security_groups")
        self._changed = changed
        actions = {
            f"{verb}SecurityGroup{side.capitalize()}": partial(change, side)
            for verb, change in (("Authorize", self._authorize), ("Revoke", self._revoke))
            for side in _SIDES
        }
        registry.actions("ec2", actions)

    def _authorize(
        self,
        side: str,
        group_id: str,
        ip_permissions: list[Rule] | None = None,
        ip_protocol: str | None = None,
        from_port: int | None = None,
        to_port: int | None = None,
        cidr_ip: str | None = None,
    ) -> dict[str, Any]:
        kept = self._kept(group_id, side)
        asked = list(_asked(ip_permissions, ip_protocol, from_port, to_port, cidr_ip))
        have = {_meaning(rule) for rule in kept}
        for rule in asked:
            if _meaning(rule) in have:
                raise ApiError("InvalidPermission.Duplicate", f"the specified rule already exists: {_words(rule)}")
            rule["SecurityGroupRuleId"] = f"sgr-{uuid.uuid4().hex[:17]}"
        kept.extend(asked)
        self._changed()
        return {"Return": True, "SecurityGroupRules": [_answer(group_id, side, rule) for rule in asked]}

    def _revoke(
        self,
        side: str,
        group_id: str,
        ip_permissions: list[Rule] | None = None,
        ip_protocol: str | None = None,
        from_port: int | None = None,
        to_port: int | None = None,
        cidr_ip: str | None = None,
        security_group_rule_ids: list[str] | None = None,
    ) -> dict[str, Any]:
        kept = self._kept(group_id, side)
        if security_group_rule_ids:
            gone = {_meaning(rule) for rule in kept if rule.get("SecurityGroupRuleId") in security_group_rule_ids}
            if len(gone) < len(set(security_group_rule_ids)):
                raise ApiError("InvalidSecurityGroupRuleId.NotFound", "Not all of these rules exist")
        else:
            gone = {_meaning(rule) for rule in _asked(ip_permissions, ip_protocol, from_port, to_port, cidr_ip)}
            if gone - {_meaning(rule) for rule in kept}:
                raise ApiError(
                    "InvalidPermission.NotFound", "The specified rule does not exist in this security group."
                )
        kept[:] = [rule for rule in kept if _meaning(rule) not in gone]
        self._changed()
        return {"Return": True}

    def _kept(self, group_id: str, side: str) -> list[Rule]:
        """The group's rules, each for one source only from now on."""
        group = self._groups.get(group_id)
        if group is None:
            raise ApiError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        kept: list[Rule] = group[_SIDES[side]]
        kept[:] = [single for rule in kept for single in _split(rule)]
        return kept


def _asked(
    permissions: list[Rule] | None, protocol: str | None, first: int | None, last: int | None, cidr: str | None
) -> Iterator[Rule]:
    """The rules that a request names, in its nested or its flat form."""
    if permissions is None:
        if not (protocol and cidr):
            raise ApiError("MissingParameter", "The request must contain the parameter ipPermissions")
        permissions = [{"IpProtocol": protocol, "FromPort": first, "ToPort": last, "IpRanges": [{"CidrIp": cidr}]}]
    for permission in permissions:
        singles = list(_split(permission))
        if not singles:
            raise ApiError("InvalidParameterValue", "A rule needs a CIDR, a prefix list or a group")
        yield from singles


def _split(permission: Mapping[str, Any]) -> Iterator[Rule]:
    shared = {k: permission[k] for k in ("IpProtocol", "FromPort", "ToPort") if permission.get(k) is not None}
    for kind in _SOURCES:
        for source in permission.get(kind) or []:
            identity = {k: permission[k] for k in ("SecurityGroupRuleId",) if k in permission}
            yield {**shared, **{other: [] for other in _SOURCES}, **identity, kind: [dict(source)]}


def _meaning(rule: Rule) -> tuple[Any, ...]:
    kind = next(kind for kind in _SOURCES if rule.get(kind))
    return str(rule["IpProtocol"]), rule.get("FromPort"), rule.get("ToPort"), kind, rule[kind][0].get(_SOURCES[kind])


def _words(rule: Rule) -> str:
    protocol, first, last, _, source = _meaning(rule)
    return f'"peer: {source}, {protocol}, from port: {first}, to port: {last}, ALLOW"'


def _answer(group_id: str, side: str, rule: Rule) -> dict[str, Any]:
    kind = next(kind for kind in _SOURCES if rule[kind])
    source = rule[kind][0]
    where: dict[str, Any] = {
        "IpRanges": {"CidrIpv4": source.get("CidrIp")},
        "Ipv6Ranges": {"CidrIpv6": source.get("CidrIpv6")},
        "PrefixListIds": {"PrefixListId": source.get("PrefixListId")},
        "UserIdGroupPairs": {"ReferencedGroupInfo": {"GroupId": source.get("GroupId")}},
    }[kind]
    return {
        "SecurityGroupRuleId": rule["SecurityGroupRuleId"],
        "GroupId": group_id,
        "IsEgress": side == "egress",
        "IpProtocol": str(rule["IpProtocol"]),
        "FromPort": rule.get("FromPort", -1),
        "ToPort": rule.get("ToPort", -1),
        **({"Description": source["Description"]} if source.get("Description") else {}),
        **where,
    }
