"""Resolve names for the VPCs: those of AWS's own things, and the records of hosted zones."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.registry import Registry
from rehearsal.errors import RehearsalError
from rehearsal.world import Answer

Source = Callable[[str, str], Sequence[str] | None]
"""(name in lower case without the last dot, endpoint that sent the query) -> addresses; None: the name belongs to another source"""
AWS_TTL = 60
"""seconds; the value of AWS for load balancers and aliases to them"""
_RULES = ("Weight", "Region", "Failover", "GeoLocation", "MultiValueAnswer")
_PRIVATE = re.compile(r"ip-(\d+-\d+-\d+-\d+)\.ec2\.internal")
_PUBLIC = re.compile(r"ec2-(\d+-\d+-\d+-\d+)\.compute-1\.amazonaws\.com")


class Names:
    """The names that the VPCs resolve. Thread-safe. Services whose resources have DNS names (balancers, databases) add themselves as sources."""

    def __init__(self, registry: Registry, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._zones = registry.get_records("route53", "zones")
        self._records = registry.get_records("route53", "records")
        self._sources: list[Source] = []

    def add(self, source: Source) -> None:
        """Add a source of AWS's own names."""
        self._sources.append(source)

    def resolve(self, name: str, kind: str, endpoint: str) -> list[Answer] | None:
        """Return the records of a name for an endpoint; None when the name does not exist. Raises RehearsalError for an unsupported record type."""
        addresses = self._find_own_addresses(name, endpoint)
        if addresses is not None:
            return [Answer("A", addresses, AWS_TTL)] if kind == "A" and addresses else []
        return self._resolve_in_zone(name, kind, endpoint, depth=0)

    def _find_own_addresses(self, name: str, endpoint: str) -> Sequence[str] | None:
        """Return the addresses of a name that AWS assigns; None for any other name."""
        for source in self._sources:
            if (found := source(name, endpoint)) is not None:
                return found
        if match := _PRIVATE.fullmatch(name):
            wanted = match[1].replace("-", ".")
            return next(([wanted] for e in self._endpoints.list_all() if e.ip == wanted), None)
        if match := _PUBLIC.fullmatch(name):
            wanted = match[1].replace("-", ".")
            asker = self._endpoints.get(endpoint)
            meant = next((e for e in self._endpoints.list_all() if e.public_ip == wanted), None)
            # Within its own VPC a public name means the private address.
            return [meant.ip if asker and asker.vpc_id == meant.vpc_id else wanted] if meant else None
        return None

    def _resolve_in_zone(self, name: str, kind: str, endpoint: str, depth: int) -> list[Answer] | None:
        if depth > 8:
            raise RehearsalError(f"the records of {name} go in a circle")
        zone = self._find_zone(name, endpoint)
        if zone is None:
            return None
        records = self._find_records(self._records.get(zone["id"], []), name)
        if records is None:
            return None
        for record in records:
            if any(record.get(rule) is not None for rule in _RULES):
                raise RehearsalError(f"the record {name} has a routing policy, which the rehearsal does not emulate")
            if record["Type"] == kind and "AliasTarget" in record:
                return self._resolve_alias(record, kind, endpoint, depth)
            if record["Type"] == kind:
                return [Answer(kind, [_format_data(kind, v) for v in record["ResourceRecords"]], int(record["TTL"]))]
            if record["Type"] == "CNAME":
                target = record["ResourceRecords"][0].rstrip(".").lower()
                here = Answer("CNAME", [f"{target}."], int(record["TTL"]))
                return [here, *(self._follow(target, kind, endpoint, depth) or [])]
        return []

    def _follow(self, name: str, kind: str, endpoint: str, depth: int) -> list[Answer] | None:
        own = self._find_own_addresses(name, endpoint)
        if own is not None:
            return [Answer("A", own, AWS_TTL)] if kind == "A" and own else []
        return self._resolve_in_zone(name, kind, endpoint, depth + 1)

    def _resolve_alias(self, record: Mapping[str, Any], kind: str, endpoint: str, depth: int) -> list[Answer]:
        """Return what the target resolves to, under the alias's own name."""
        target = record["AliasTarget"]["DNSName"].rstrip(".").lower().removeprefix("dualstack.")
        return [answer for answer in self._follow(target, kind, endpoint, depth) or [] if answer.kind == kind]

    def _find_zone(self, name: str, endpoint: str) -> Mapping[str, Any] | None:
        """Return the zone with the longest name that fits; of two, the private one of the endpoint's VPC."""
        asker = self._endpoints.get(endpoint)
        fitting = []
        for zone in self._zones.values():
            suffix = zone["name"].rstrip(".").lower()
            mine = asker and any(vpc["VPCId"] == asker.vpc_id for vpc in zone.get("vpcs", []))
            if (name == suffix or name.endswith(f".{suffix}")) and (mine or not zone.get("private")):
                fitting.append((len(suffix), bool(zone.get("private")), zone))
        return max(fitting, key=lambda one: one[:2])[2] if fitting else None

    @staticmethod
    def _find_records(records: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]] | None:
        """Return the records of the name, else of the wildcard that covers it. None: nothing is there or below."""
        labels = name.split(".")
        names = [name, *(".".join(["*", *labels[cut:]]) for cut in range(1, len(labels)))]
        for wanted in names:
            found = [r for r in records if r["Name"].rstrip(".").lower().replace("\\052", "*") == wanted]
            if found:
                return found
        below = any(r["Name"].rstrip(".").lower().endswith(f".{name}") for r in records)
        return [] if below else None


def _format_data(kind: str, value: str) -> str:
    """Return a record's value in the form of a DNS answer. Raises RehearsalError when the value is not valid for its type."""
    if kind == "A":
        return str(ipaddress.ip_address(value))
    return value.strip('"') if kind == "TXT" else value
