"""Rules of security groups: one range or group each, no duplicate, no revocation of what is not there, as on EC2."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from rehearsal.aws.network import exceptions
from rehearsal.aws.network.models import SOURCES
from rehearsal.aws.network.responses.addresses import format_rule
from rehearsal.aws.registry import Registry

Rule = dict[str, Any]
_SIDES = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}


class GroupRules:
    """Handle the four actions that change rules. `changed` puts them in force before the response goes out."""

    def __init__(self, registry: Registry, changed: Callable[[], None]) -> None:
        self._groups = registry.get_records("ec2", "security_groups")
        self._changed = changed
        actions = {
            f"{verb}SecurityGroup{side.capitalize()}": partial(change, side)
            for verb, change in (("Authorize", self._authorize), ("Revoke", self._revoke))
            for side in _SIDES
        }
        registry.register_actions("ec2", actions)

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
        kept = self._list_rules(group_id, side)
        asked = list(_parse_rules(ip_permissions, ip_protocol, from_port, to_port, cidr_ip))
        have = {_make_key(rule) for rule in kept}
        for rule in asked:
            if _make_key(rule) in have:
                raise exceptions.duplicate_rule(_describe(rule))
            rule["SecurityGroupRuleId"] = f"sgr-{uuid.uuid4().hex[:17]}"
        kept.extend(asked)
        self._changed()
        return {"Return": True, "SecurityGroupRules": [format_rule(group_id, side, rule) for rule in asked]}

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
        kept = self._list_rules(group_id, side)
        if security_group_rule_ids:
            gone = {_make_key(rule) for rule in kept if rule.get("SecurityGroupRuleId") in security_group_rule_ids}
            if len(gone) < len(set(security_group_rule_ids)):
                raise exceptions.rule_id_not_found()
        else:
            gone = {_make_key(rule) for rule in _parse_rules(ip_permissions, ip_protocol, from_port, to_port, cidr_ip)}
            if gone - {_make_key(rule) for rule in kept}:
                raise exceptions.rule_not_found()
        kept[:] = [rule for rule in kept if _make_key(rule) not in gone]
        self._changed()
        return {"Return": True}

    def _list_rules(self, group_id: str, side: str) -> list[Rule]:
        """Return the group's rules, split so that each has one source."""
        group = self._groups.get(group_id)
        if group is None:
            raise exceptions.group_not_found(group_id)
        kept: list[Rule] = group[_SIDES[side]]
        kept[:] = [single for rule in kept for single in _split(rule)]
        return kept


def _parse_rules(
    permissions: list[Rule] | None, protocol: str | None, first: int | None, last: int | None, cidr: str | None
) -> Iterator[Rule]:
    """Yield the rules that a request names, in its nested or its flat form."""
    if permissions is None:
        if not (protocol and cidr):
            raise exceptions.missing_permissions()
        permissions = [{"IpProtocol": protocol, "FromPort": first, "ToPort": last, "IpRanges": [{"CidrIp": cidr}]}]
    for permission in permissions:
        singles = list(_split(permission))
        if not singles:
            raise exceptions.rule_without_source()
        yield from singles


def _split(permission: Mapping[str, Any]) -> Iterator[Rule]:
    shared = {k: permission[k] for k in ("IpProtocol", "FromPort", "ToPort") if permission.get(k) is not None}
    for kind in SOURCES:
        for source in permission.get(kind) or []:
            identity = {k: permission[k] for k in ("SecurityGroupRuleId",) if k in permission}
            yield {**shared, **{other: [] for other in SOURCES}, **identity, kind: [dict(source)]}


def _make_key(rule: Rule) -> tuple[Any, ...]:
    kind = next(kind for kind in SOURCES if rule.get(kind))
    return str(rule["IpProtocol"]), rule.get("FromPort"), rule.get("ToPort"), kind, rule[kind][0].get(SOURCES[kind])


def _describe(rule: Rule) -> str:
    protocol, first, last, _, source = _make_key(rule)
    return f'"peer: {source}, {protocol}, from port: {first}, to port: {last}, ALLOW"'
