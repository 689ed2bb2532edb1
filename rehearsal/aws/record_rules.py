"""The rules of Route 53 for record sets of the same name. A batch that breaks a rule changes nothing: InvalidChangeBatch.

ministack 1.5.33 does not check these rules, so a change that AWS refuses would fail only on AWS.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html (SetIdentifier)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rehearsal.aws.registry import Registry

RecordSet = Mapping[str, Any]
Change = tuple[str, RecordSet]
"""(action, record set) in the order of the batch"""


def install(registry: Registry) -> None:
    """Register it with ministack."""
    change: Callable[[str, bytes], Any] = registry.get_function("route53", "_change_resource_record_sets")
    refuse = registry.get_function("route53", "_error_response")

    def change_checked(zone_id: str, body: bytes) -> Any:
        zone = registry.get_records("route53", "zones").get(zone_id)
        if zone and (reason := find_rejection_reason(zone["name"], registry.get_records("route53", "records")[zone_id], _parse_changes(registry, body))):  # fmt: skip
            return refuse("InvalidChangeBatch", f"[{reason}]")
        return change(zone_id, body)

    registry.replace_function("route53", "_change_resource_record_sets", change_checked)


def find_rejection_reason(zone: str, present: Iterable[RecordSet], changes: Iterable[Change]) -> str | None:
    """Return Route 53's reason to refuse the batch, None where it takes it. Names end with a dot."""
    held = list(present)
    for action, wanted in changes:
        held = [record for record in held if _make_key(record) != _make_key(wanted)]
        if action == "DELETE":
            if wanted["Type"] in ("SOA", "NS") and wanted["Name"] == zone:
                return f"A HostedZone must contain at least one {wanted['Type']} record for the zone itself."
            continue
        if reason := _find_conflict(zone, held, wanted):
            return reason
        held.append(wanted)
    return None


def _find_conflict(zone: str, held: Iterable[RecordSet], wanted: RecordSet) -> str | None:
    name, kind = wanted["Name"], wanted["Type"]
    if name != zone and not name.endswith(f".{zone}"):
        return f"RRSet with DNS name {name} is not permitted in zone {zone}"
    if kind == "CNAME" and name == zone:
        return f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}"
    for other in held:
        if other["Name"] != name:
            continue
        if other["Type"] != kind and "CNAME" in (other["Type"], kind):
            return (
                f"RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type "
                f"{other['Type']} with the same DNS name already exists in zone {zone}"
            )
        if other["Type"] == kind and ("SetIdentifier" in other) != ("SetIdentifier" in wanted):
            return (
                f"RRSet with DNS name {name}, type {kind} cannot be created as other RRSets exist with the same name and "
                f"type {'and a' if 'SetIdentifier' in other else 'without'} SetIdentifier"
            )
    return None


def _make_key(record: RecordSet) -> tuple[str, str, str]:
    return record["Name"], record["Type"], record.get("SetIdentifier", "")


def _parse_changes(registry: Registry, body: bytes) -> list[Change]:
    """Return what ministack's own parser reads; nothing where it refuses the request itself."""
    find_all, text, find = (registry.get_function("route53", name) for name in ("_findall", "_text", "_find"))
    root = registry.get_function("route53", "_parse_body")(body)
    batch = find(root, "ChangeBatch") if root is not None else None
    changes = find(batch, "Changes") if batch is not None else None
    parse = registry.get_function("route53", "_parse_record_set")
    if changes is None:
        return []
    pairs = [(text(one, "Action"), find(one, "ResourceRecordSet")) for one in find_all(changes, "Change")]
    return [(action, parse(record)) for action, record in pairs if record is not None]
