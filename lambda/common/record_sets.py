"""Inspect the record sets at a name, and build the change batch that points the name to a load balancer.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html: a batch is applied as a whole or not at all, in
its order; a DELETE names every value of the record set; beside a CNAME nothing else may stand; a simple record set and one with a
SetIdentifier may not share name and type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

RecordSet = Mapping[str, Any]
Change = dict[str, Any]

ROUTING_TYPES = frozenset({"A", "AAAA", "CNAME", "HTTPS", "SVCB"})
"""Types that determine where a client connects. HTTPS and SVCB carry addresses as hints (RFC 9460). TXT, MX, CAA and the like stay."""


def normalize_name(name: str) -> str:
    """Return the name in lower case without its final dot, for comparisons."""
    return name.rstrip(".").lower()


def is_same_name(one: str, other: str) -> bool:
    """Return whether both names are the same name in DNS."""
    return normalize_name(one) == normalize_name(other)


def list_parent_names(name: str) -> list[str]:
    """Return the names above `name`, the nearest first, without top-level domains."""
    labels = normalize_name(name).split(".")
    return [".".join(labels[index:]) for index in range(1, len(labels) - 1)]


def is_apex(records: Iterable[RecordSet]) -> bool:
    """Return whether the records are those of the zone's apex: only the apex has an SOA, and it always has one."""
    return any(record["Type"] == "SOA" for record in records)


def is_delegated(records: Iterable[RecordSet]) -> bool:
    """Return whether the name is delegated to another zone: it has NS records and is not the apex. Records of this zone are then unused."""
    records = list(records)
    return any(record["Type"] == "NS" for record in records) and not is_apex(records)


def select_routing_records(records: Iterable[RecordSet]) -> list[RecordSet]:
    """Return the record sets that determine where a client connects (ROUTING_TYPES)."""
    return [record for record in records if record["Type"] in ROUTING_TYPES]


def find_obstacle(records: Iterable[RecordSet]) -> tuple[str, str] | None:
    """Return why these record sets cannot be moved and what to do; None when they can be moved."""
    for record in select_routing_records(records):
        if policy := record.get("TrafficPolicyInstanceId"):
            return (
                f"its {record['Type']} record belongs to the traffic policy instance {policy}, which only the traffic policy may change",
                "replace the traffic policy instance by record sets of the zone",
            )
    return None


def describe_records(records: Iterable[RecordSet]) -> str:
    """Return the record sets as text for people: `A (weighted, 2 record sets), AAAA`."""
    groups: dict[tuple[str, str], int] = {}
    for record in records:
        group = (str(record["Type"]), _find_policy(record))
        groups[group] = groups.get(group, 0) + 1
    return ", ".join(
        f"{kind} ({policy}, {count} record set{'s' if count > 1 else ''})" if policy else kind
        for (kind, policy), count in groups.items()
    )


def _find_policy(record: RecordSet) -> str:
    policies = {
        "Weight": "weighted",
        "Region": "latency",
        "Failover": "failover",
        "GeoLocation": "geolocation",
        "GeoProximityLocation": "geoproximity",
        "CidrRoutingConfig": "IP-based",
        "MultiValueAnswer": "multivalue",
        "AliasTarget": "alias",
    }
    return next((policy for key, policy in policies.items() if key in record), "")


def build_alias(name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> RecordSet:
    """Return the alias record set that leads to a load balancer. The load balancers have IPv4 addresses only, so it is an A record."""
    target = {"DNSName": load_balancer_dns, "HostedZoneId": load_balancer_zone_id, "EvaluateTargetHealth": True}
    return {"Name": name, "Type": "A", "AliasTarget": target}


def leads_only_to(records: Iterable[RecordSet], load_balancer_dns: str) -> bool:
    """Return whether an alias of this load balancer is the only record that determines where a client connects."""
    routing = select_routing_records(records)
    return len(routing) == 1 and is_same_name(routing[0].get("AliasTarget", {}).get("DNSName", ""), load_balancer_dns)


def build_move_changes(alias_record: RecordSet, records: Iterable[RecordSet]) -> list[Change]:
    """Return the change batch that replaces all routing records of a name by the alias. Harmless to repeat.

    A simple A record is replaced in place; all else that leads somewhere is deleted first.
    """
    replaced = [
        record for record in select_routing_records(records) if record["Type"] != "A" or "SetIdentifier" in record
    ]
    return [*build_deletions(replaced), *build_upserts([alias_record])]


def build_deletions(records: Iterable[RecordSet]) -> list[Change]:
    """Return changes that delete the record sets."""
    return [{"Action": "DELETE", "ResourceRecordSet": dict(record)} for record in records]


def build_upserts(records: Iterable[RecordSet]) -> list[Change]:
    """Return changes that write the record sets."""
    return [{"Action": "UPSERT", "ResourceRecordSet": dict(record)} for record in records]
