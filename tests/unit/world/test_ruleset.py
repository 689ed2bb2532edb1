"""The text of the packet filter's rules. tests/rehearsal/world tests their effect in the kernel."""

from __future__ import annotations

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.world.firewall import Interface, Permission, Route, Rules, SecurityGroup
from rehearsal.world.ruleset import render_ruleset

ANY = SecurityGroup("sg-any", egress=(Permission("-1", cidr="0.0.0.0/0"),))


def test_an_interface_that_is_not_attached_has_no_rules() -> None:
    rules = Rules((Interface("i-1", "10.0.0.1", "vpc-1", ("sg-any",)),), (ANY,))
    assert "10.0.0.1" not in render_ruleset(rules, {})


def test_a_missing_security_group_is_an_error() -> None:
    rules = Rules((Interface("i-1", "10.0.0.1", "vpc-1", ("sg-gone",)),))
    with pytest.raises(RehearsalError, match="sg-gone"):
        render_ruleset(rules, {"i-1": "v1"})


def test_a_permission_without_a_cidr_or_a_group_is_an_error() -> None:
    group = SecurityGroup("sg-1", ingress=(Permission("tcp", 80, 80),))
    with pytest.raises(RehearsalError, match="CIDR or a group"):
        render_ruleset(Rules(groups=(group,)), {})


@pytest.mark.parametrize(
    ("permission", "text"),
    [
        (Permission("tcp", 80, 80, cidr="10.0.0.0/16"), "ip saddr 10.0.0.0/16 tcp dport 80 accept"),
        (Permission("udp", 1, 9, cidr="0.0.0.0/0"), "        udp dport 1-9 accept"),
        (Permission("tcp", 0, 65535, group="sg-any"), "ip saddr @group_sg_any meta l4proto tcp accept"),
        (Permission("icmp", -1, -1, cidr="0.0.0.0/0"), "        meta l4proto icmp accept"),
        (Permission("-1", cidr="0.0.0.0/0"), "        accept"),
    ],
)
def test_a_permission_becomes_a_rule(permission: Permission, text: str) -> None:
    assert text in render_ruleset(Rules(groups=(SecurityGroup("sg-1", ingress=(permission,)), ANY)), {})


def test_a_peering_needs_routes_in_both_directions() -> None:
    there = Route("10.0.0.0/16", "peering", peer="vpc-2")
    back = Route("10.10.0.0/16", "peering", peer="vpc-1")
    source = Interface("a", "10.10.0.1", "vpc-1", ("sg-any",), (there,))
    devices = {"a": "va", "b": "vb"}
    one_way = Rules((source, Interface("b", "10.0.0.1", "vpc-2", ("sg-any",))), (ANY,))
    both_ways = Rules((source, Interface("b", "10.0.0.1", "vpc-2", ("sg-any",), (back,))), (ANY,))
    assert "ip daddr { 10.0.0.1 }" not in render_ruleset(one_way, devices)
    assert "ip daddr { 10.0.0.1 } goto out_0" in render_ruleset(both_ways, devices)


def test_a_route_to_the_internet_needs_a_public_address() -> None:
    out = Route("0.0.0.0/0", "internet")
    devices = {"a": "va"}
    without = render_ruleset(Rules((Interface("a", "10.0.0.1", "v", ("sg-any",), (out,)),), (ANY,)), devices)
    public = render_ruleset(Rules((Interface("a", "10.0.0.1", "v", ("sg-any",), (out,), "54.0.0.1"),), (ANY,)), devices)
    assert 'oifname "internet" ip daddr 0.0.0.0/0 goto out_0' not in without
    assert 'oifname "internet" ip daddr 0.0.0.0/0 goto out_0' in public
    assert "snat to ip saddr map { 10.0.0.1 : 54.0.0.1 }" in public
    assert "dnat to ip daddr map { 54.0.0.1 : 10.0.0.1 }" in public
