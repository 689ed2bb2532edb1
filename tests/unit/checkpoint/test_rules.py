"""The reset of security groups: it revokes rules that were added and authorizes rules that were removed."""

from __future__ import annotations

from typing import Any

from rehearsal.checkpoint import rules

WEB = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}


def web(*addresses: str, group: str | None = None) -> dict[str, Any]:
    """One permission as EC2 shows it: several sources together."""
    pairs = [{"GroupId": group}] if group else []
    return {
        **WEB,
        "IpRanges": [{"CidrIp": address} for address in addresses],
        "Ipv6Ranges": [],
        "UserIdGroupPairs": pairs,
    }


class FakeEc2:
    """Record the requested changes."""

    def __init__(self, **ingress: list[dict[str, Any]]) -> None:
        self.ingress, self.requests = ingress, list[tuple[str, str, list[Any]]]()

    def get_paginator(self, action: str) -> FakeEc2:
        assert action == "describe_security_groups"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        groups = [{"GroupId": g, "IpPermissions": p, "IpPermissionsEgress": []} for g, p in self.ingress.items()]
        return [{"SecurityGroups": groups}]

    def revoke_security_group_ingress(self, **values: Any) -> None:
        self.requests.append(("revoke", values["GroupId"], values["IpPermissions"]))

    def authorize_security_group_ingress(self, **values: Any) -> None:
        self.requests.append(("authorize", values["GroupId"], values["IpPermissions"]))


def test_a_reset_restores_the_rules_of_every_group() -> None:
    saved = rules.save(FakeEc2(front=[web("10.0.0.1/32", group="sg-1")], back=[]))
    later = FakeEc2(front=[web("0.0.0.0/0", group="sg-1")], back=[web("10.0.0.1/32")], new=[web("10.0.0.2/32")])
    rules.restore(later, saved)
    assert later.requests == [
        ("revoke", "front", [{**WEB, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]),
        ("authorize", "front", [{**WEB, "IpRanges": [{"CidrIp": "10.0.0.1/32"}]}]),
        ("revoke", "back", [{**WEB, "IpRanges": [{"CidrIp": "10.0.0.1/32"}]}]),
    ]


def test_unchanged_rules_cause_no_request() -> None:
    same = FakeEc2(front=[web("10.0.0.1/32", "10.0.0.2/32")])
    regrouped = FakeEc2(front=[web("10.0.0.2/32"), web("10.0.0.1/32")])
    rules.restore(regrouped, rules.save(same))
    assert regrouped.requests == []
