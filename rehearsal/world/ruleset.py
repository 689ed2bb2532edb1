"""The firewall model as nftables text.

A packet from an endpoint passes `from_<n>` (does its route table lead there, and back?), `out_<n>` (egress of its
groups), then `in_<n>` of the receiver (ingress of its groups). What goes to a public address leaves through the
interface "internet" with its source translated, and comes back in there, so it is evaluated again by its public address,
as on AWS. What is refused is marked, and the permanent table `cutover_refused` notes and drops it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from rehearsal.errors import RehearsalError
from rehearsal.world.firewall import Interface, Permission, Route, Rules

METADATA_IP = "169.254.169.254"
REFUSED_TABLE, REFUSED_SET = "cutover_refused", "refused"
_MARK = "0xdead"

PERMANENT = f"""
table ip {REFUSED_TABLE} {{
    set {REFUSED_SET} {{
        type ipv4_addr . ipv4_addr . inet_proto . inet_service
        flags dynamic,timeout
        timeout 1h
        size 4096
    }}
    chain forward {{
        type filter hook forward priority filter + 10; policy accept;
        meta mark {_MARK} meta l4proto {{ tcp, udp }} \
update @{REFUSED_SET} {{ ip saddr . ip daddr . meta l4proto . th dport }}
        meta mark {_MARK} drop
    }}
}}
"""
"""Loaded once; survives each replacement of the rules."""


def render_ruleset(rules: Rules, devices: Mapping[str, str]) -> str:
    """Return one nft transaction that replaces the previous rules. `devices`: by endpoint name, the interface in the router."""
    interfaces = [interface for interface in rules.interfaces if interface.id in devices]
    groups = {group.id: group for group in rules.groups}
    unknown = {group for interface in interfaces for group in interface.groups} - groups.keys()
    if unknown:
        raise RehearsalError(f"Interfaces use security groups that do not exist: {', '.join(sorted(unknown))}.")
    members = {group: [i.ip for i in interfaces if group in i.groups] for group in groups}
    lines = ["table ip cutover", "delete table ip cutover", "table ip cutover {"]
    lines += _render_sets(members)
    for group in groups.values():
        lines += _render_chain(
            f"egress_{_make_identifier(group.id)}", _render_permissions(group.egress, "ip daddr", "goto pass", members)
        )
        lines += _render_chain(
            f"ingress_{_make_identifier(group.id)}", _render_permissions(group.ingress, "ip saddr", "accept", members)
        )
    for number, interface in enumerate(interfaces):
        lines += _render_chain(f"from_{number}", _render_ways(interface, interfaces, number))
        lines += _render_chain(
            f"out_{number}", [f"jump egress_{_make_identifier(g)}" for g in interface.groups] + ["goto refuse"]
        )
        lines += _render_chain(
            f"in_{number}", [f"jump ingress_{_make_identifier(g)}" for g in interface.groups] + ["goto refuse"]
        )
    senders = {f'"{devices[i.id]}" . {i.ip}': f"goto from_{n}" for n, i in enumerate(interfaces)}
    receivers = {i.ip: f"goto in_{n}" for n, i in enumerate(interfaces)}
    lines += _render_chain("refuse", [f"meta mark set {_MARK} accept"])  # the permanent table drops it
    lines += _render_chain("receive", [*_render_map("ip daddr vmap", receivers), "goto refuse"])
    lines += _render_chain("pass", ['oifname "internet" accept', "goto receive"])
    lines += _render_chain(
        "forward",
        [
            "type filter hook forward priority filter; policy drop;",
            "ct state established,related accept",
            'iifname "internet" ct status dnat goto receive',  # by a public address: none has a private one's route
            *_render_map("iifname . ip saddr vmap", senders),
            "goto refuse",
        ],
    )
    without = [f'"{devices[interface.id]}"' for interface in interfaces if not interface.has_metadata]
    if without:
        dropped = f"iifname {{ {', '.join(without)} }} ip daddr {METADATA_IP} drop"
        lines += _render_chain("input", ["type filter hook input priority filter; policy accept;", dropped])
    lines += _render_translations(interfaces)
    return "\n".join([*lines, "}", ""])


def _render_sets(members: Mapping[str, list[str]]) -> Iterable[str]:
    for group, addresses in members.items():
        elements = f"elements = {{ {', '.join(sorted(set(addresses)))} }};" if addresses else ""
        yield f"    set group_{_make_identifier(group)} {{ type ipv4_addr; {elements} }}"


def _render_permissions(
    permissions: Iterable[Permission], side: str, verdict: str, members: Mapping[str, list[str]]
) -> list[str]:
    lines = []
    for permission in permissions:
        if (permission.cidr is None) == (permission.group is None):
            raise RehearsalError(f"A security group rule needs a CIDR or a group, and not both: {permission}.")
        if permission.group is not None:
            if permission.group not in members:
                continue  # a rule may outlive the group that it names; then it matches nobody
            other = f"{side} @group_{_make_identifier(permission.group)} "
        else:
            network = ipaddress.ip_network(permission.cidr or "", strict=False)
            if network.version == 6:
                continue  # there is no IPv6 in a rehearsal's VPC
            other = f"{side} {network} " if network.prefixlen else ""
        lines.append(f"{other}{_render_service(permission)}{verdict}")
    return lines


def _render_service(permission: Permission) -> str:
    if permission.protocol == "-1":
        return ""
    first, last = permission.from_port, permission.to_port
    everything = first is None or first == -1 or (first, last) == (0, 65535)
    if permission.protocol == "icmp" or everything:
        return f"meta l4proto {permission.protocol} "
    return f"{permission.protocol} dport {first if first == last or last is None else f'{first}-{last}'} "


def _render_ways(interface: Interface, everybody: list[Interface], number: int) -> list[str]:
    near = sorted(other.ip for other in everybody if other is not interface and _is_reachable(interface, other))
    lines = [f"ip daddr {{ {', '.join(near)} }} goto out_{number}"] if near else []
    lines += [
        f'oifname "internet" ip daddr {route.cidr} goto out_{number}'
        for route in interface.routes
        if _find_source(interface, route)
    ]
    return [*lines, "goto refuse"]


def _is_reachable(sender: Interface, receiver: Interface) -> bool:
    """Return whether packets reach the receiver and come back: in the same VPC, or with a route at both ends, through a peering or gateways."""
    return sender.vpc == receiver.vpc or (_is_routed(sender, receiver) and _is_routed(receiver, sender))


def _is_routed(sender: Interface, receiver: Interface) -> bool:
    address = ipaddress.ip_address(receiver.ip)
    return any(
        route.via in ("peering", "gateway")
        and route.peer == receiver.vpc
        and address in ipaddress.ip_network(route.cidr)
        for route in sender.routes
    )


def _find_source(interface: Interface, route: Route) -> str | None:
    """Return the public source address of packets on this route; None when the route does not lead to the internet."""
    return {"internet": interface.public_ip, "nat": route.public_ip}.get(route.via)


def _render_translations(interfaces: list[Interface]) -> list[str]:
    inwards = {
        interface.public_ip: interface.ip
        for interface in interfaces
        if interface.public_ip and any(route.via == "internet" for route in interface.routes)
    }
    outwards: dict[str, str] = {}
    for interface in interfaces:
        for route in interface.routes:
            if source := _find_source(interface, route):
                outwards.setdefault(interface.ip, source)
    return [
        *_render_chain(
            "inwards",
            [
                "type nat hook prerouting priority dstnat; policy accept;",
                *_render_map('iifname "internet" dnat to ip daddr map', inwards),
            ],
        ),
        *_render_chain(
            "outwards",
            [
                "type nat hook postrouting priority srcnat; policy accept;",
                *_render_map('oifname "internet" snat to ip saddr map', outwards),
            ],
        ),
    ]


def _render_map(expression: str, table: Mapping[str, str]) -> list[str]:
    """Return a map rule; no rule for an empty table, which nft rejects."""
    return [f"{expression} {{ {', '.join(f'{key} : {value}' for key, value in table.items())} }}"] if table else []


def _render_chain(name: str, rules: Iterable[str]) -> list[str]:
    return [f"    chain {name} {{", *(f"        {rule}" for rule in rules), "    }"]


def _make_identifier(name: str) -> str:
    """Return an nft identifier: letters, digits and underscores."""
    return "".join(character if character.isalnum() else "_" for character in name)
