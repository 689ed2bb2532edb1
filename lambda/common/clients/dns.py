"""The public name, in Route 53."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from common.clients.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.literals import RRTypeType
    from mypy_boto3_route53.type_defs import ResourceRecordSetUnionTypeDef


class PublicName:
    def __init__(self, route53: Route53Client, zone_id: str) -> None:
        self._route53, self._zone = route53, zone_id

    def record(self, name: str, kind: RRTypeType = "A") -> dict[str, Any] | None:
        """The record set as it is, None when there is none."""
        with aws_errors("route53:ListResourceRecordSets"):
            found = self._route53.list_resource_record_sets(
                HostedZoneId=self._zone,
                StartRecordName=name,
                StartRecordType=kind,
                MaxItems="1",
            )["ResourceRecordSets"]
        for record in found:
            if record["Name"].rstrip(".").lower() == name.rstrip(".").lower() and record["Type"] == kind:
                return dict(record)
        return None

    def point(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> None:
        """An alias to the load balancer, in place of what the name meant before. Harmless to repeat."""
        self._change(
            "UPSERT",
            {
                "Name": name,
                "Type": "A",
                "AliasTarget": {
                    "DNSName": load_balancer_dns,
                    "HostedZoneId": load_balancer_zone_id,
                    "EvaluateTargetHealth": True,
                },
            },
        )

    def probe(self, name: str) -> str:
        """Shows that the name may be changed, without changing what it means. Answers how.

        An existing record is written again as it is; where there is none, a text record comes and goes.
        """
        if current := self.record(name):
            self._change("UPSERT", current)
            return "wrote the present record again"
        text: Mapping[str, Any] = {
            "Name": name,
            "Type": "TXT",
            "TTL": 60,
            "ResourceRecords": [{"Value": '"cutover permission check"'}],
        }
        self._change("UPSERT", text)
        self._change("DELETE", text)
        return "wrote and removed a text record"

    def _change(self, action: str, record: Mapping[str, Any]) -> None:
        with aws_errors("route53:ChangeResourceRecordSets"):
            change: ResourceRecordSetUnionTypeDef = record  # type: ignore[assignment]
            self._route53.change_resource_record_sets(
                HostedZoneId=self._zone,
                ChangeBatch={"Comment": "cutover", "Changes": [{"Action": action, "ResourceRecordSet": change}]},  # type: ignore[typeddict-item]
            )
