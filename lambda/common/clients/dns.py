"""Check and move the public names in Route 53."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from common import record_sets
from common.clients.aws import translate_aws_errors
from common.errors import CutoverError, StepFailed
from common.record_sets import Change, RecordSet

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client

PAGE = "100"


class PublicName:
    """The names of one hosted zone."""

    def __init__(self, route53: Route53Client, zone_id: str) -> None:
        self._route53, self._zone = route53, zone_id

    def list_record_sets(self, name: str) -> list[RecordSet]:
        """Return every record set at the name, of each type and routing policy; none of the names below it."""
        found: list[RecordSet] = []
        start: dict[str, Any] = {"StartRecordName": name, "StartRecordType": "A"}  # no type sorts before A
        while start:
            with translate_aws_errors("route53:ListResourceRecordSets"):
                page: Any = self._route53.list_resource_record_sets(HostedZoneId=self._zone, MaxItems=PAGE, **start)
            here = [one for one in page["ResourceRecordSets"] if record_sets.is_same_name(one["Name"], name)]
            found += here
            more = page.get("IsTruncated") and len(here) == len(page["ResourceRecordSets"])
            start = _get_next_page(page) if more else {}
        return found

    def check_zone(self, names: list[str]) -> list[str]:
        """Return warnings about the zone. Raises StepFailed where none of its records can make the names lead to the target."""
        with translate_aws_errors("route53:GetHostedZone"):
            zone: Any = self._route53.get_hosted_zone(Id=self._zone)["HostedZone"]
        apex = record_sets.normalize_name(zone["Name"])
        for name in names:
            if apex not in (record_sets.normalize_name(name), *record_sets.list_parent_names(name)):
                raise self._build_failure(
                    name, f"it is not in the zone, which is {apex}", "correct site.hosted_zone.id"
                )
        if service := zone.get("LinkedService", {}).get("ServicePrincipal"):
            raise self._build_failure(
                names[0],
                f"the zone belongs to {service}, which alone may change it",
                "use a zone that you manage in Route 53",
            )
        if zone.get("Config", {}).get("PrivateZone"):
            return [
                f"the hosted zone {self._zone} is private: only the VPCs that it is associated with follow the name"
            ]
        return []

    def point_name(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> None:
        """Make the name lead to the load balancer and nowhere else, in one change batch. Harmless to repeat."""
        records = self.list_record_sets(name)
        self._check_movable(name, records)
        target = record_sets.build_alias(
            name, load_balancer_dns=load_balancer_dns, load_balancer_zone_id=load_balancer_zone_id
        )
        self._submit_changes(record_sets.build_move_changes(target, records))

    def probe(self, name: str, *, load_balancer_dns: str = "", load_balancer_zone_id: str = "") -> str:
        """Check that `point_name` will succeed, without a change of where any name leads. Return what was done.

        The records at the name are written as they are. With a load balancer, `point_name` itself is tried on copies of them under a name that
        nobody uses, directly below the zone's apex: anywhere else an empty name above it would hide a wildcard record.
        Raises StepFailed with what cannot be moved and what to do.
        """
        records = self.list_record_sets(name)
        self._check_movable(name, records)
        apex = self._find_apex(name, records)
        present = record_sets.select_routing_records(records)
        if not present and not apex:
            raise self._build_failure(name, "the zone holds no name above it", "correct site.hosted_zone.id")
        done = []
        if present:
            self._submit_changes(record_sets.build_upserts(present))
            done.append(f"wrote as they are: {record_sets.describe_records(present)}")
        if apex and load_balancer_dns:
            trial = _build_trial_name(name, apex)
            self._try_move(trial, present, load_balancer_dns, load_balancer_zone_id)
            done.append(f"moved copies below {trial}" if present else f"made and removed an alias below {trial}")
        return "; ".join(done)

    def _try_move(self, trial: str, present: list[RecordSet], dns: str, zone_id: str) -> None:
        self._remove(trial)
        if present:
            self._submit_changes(record_sets.build_upserts({**record, "Name": trial} for record in present))
        try:
            self.point_name(trial, load_balancer_dns=dns, load_balancer_zone_id=zone_id)
        except CutoverError:
            with suppress(CutoverError):
                self._remove(trial)
            raise
        self._remove(trial)

    def _remove(self, name: str) -> None:
        if records := self.list_record_sets(name):
            self._submit_changes(record_sets.build_deletions(records))

    def _find_apex(self, name: str, records: list[RecordSet]) -> str:
        """Return the zone's own name, empty where the zone does not show it. Raises StepFailed where the name is delegated away."""
        for candidate, held in ((name, records), *((parent, None) for parent in record_sets.list_parent_names(name))):
            found = self.list_record_sets(candidate) if held is None else held
            if record_sets.is_apex(found):
                return candidate
            if record_sets.is_delegated(found):
                raise self._build_failure(
                    name,
                    f"NS records at {candidate} hand it to another zone, so its records here are never queried",
                    f"name the zone of {candidate} in site.hosted_zone, or remove the NS records",
                )
        return ""

    def _check_movable(self, name: str, records: list[RecordSet]) -> None:
        if problem := record_sets.find_obstacle(records):
            raise self._build_failure(name, *problem)

    def _build_failure(self, name: str, reason: str, next_action: str) -> StepFailed:
        return StepFailed(f"{name} cannot be moved in hosted zone {self._zone}: {reason}", next_action=next_action)

    def _submit_changes(self, changes: list[Change]) -> None:
        with translate_aws_errors("route53:ChangeResourceRecordSets"):
            self._route53.change_resource_record_sets(
                HostedZoneId=self._zone,
                ChangeBatch={"Comment": "cutover", "Changes": changes},  # type: ignore[typeddict-item]
            )


def _get_next_page(page: Any) -> dict[str, Any]:
    keys = {"NextRecordName": "StartRecordName", "NextRecordType": "StartRecordType", "NextRecordIdentifier": "StartRecordIdentifier"}  # fmt: skip
    return {start: page[following] for following, start in keys.items() if page.get(following)}


def _build_trial_name(name: str, apex: str) -> str:
    below = record_sets.normalize_name(name).removesuffix(apex).rstrip(".").replace(".", "-") or "apex"
    return f"_cutover-check-{below}"[:63] + f".{apex}"
