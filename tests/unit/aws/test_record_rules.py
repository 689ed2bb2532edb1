"""The local Route 53 rejects the batches that the real one rejects, and then changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.route53 import local_route53

PLAIN = {"Name": "git.example.test.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
WEIGHTED = {**PLAIN, "SetIdentifier": "one", "Weight": 1}
TEXT = {**PLAIN, "Type": "TXT", "ResourceRecords": [{"Value": '"x"'}]}
CNAME = {**PLAIN, "Type": "CNAME", "ResourceRecords": [{"Value": "old.example.test"}]}
OUTSIDE = {**PLAIN, "Name": "git.example.org."}
APEX = {**CNAME, "Name": "example.test."}


@pytest.fixture
def route53() -> Iterator[Any]:
    with local_route53() as client:
        yield client


def change(route53: Any, zone: str, *changes: tuple[str, Any]) -> None:
    batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": batch})


@pytest.mark.parametrize(
    ("present", "changes", "reason"),
    [
        (CNAME, [("UPSERT", PLAIN)], "a conflicting RRSet of type CNAME with the same DNS name already exists"),
        (TEXT, [("UPSERT", PLAIN), ("CREATE", CNAME)], "a conflicting RRSet of type TXT with the same DNS name"),
        (WEIGHTED, [("UPSERT", PLAIN)], "other RRSets exist with the same name and type and a SetIdentifier"),
        (PLAIN, [("CREATE", WEIGHTED)], "other RRSets exist with the same name and type without SetIdentifier"),
        (PLAIN, [("CREATE", OUTSIDE)], "not permitted in zone example.test."),
        (PLAIN, [("CREATE", APEX)], "not permitted at apex"),
        (PLAIN, [("DELETE", PLAIN), ("DELETE", PLAIN)], "but it was not found"),
    ],
)  # fmt: skip
def test_a_batch_that_breaks_a_rule_is_rejected_as_a_whole(
    route53: Any, present: Any, changes: Any, reason: str
) -> None:
    zone = route53.create_hosted_zone(Name="example.test", CallerReference="1")["HostedZone"]["Id"]
    change(route53, zone, ("CREATE", present))
    before = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]

    with pytest.raises(ClientError, match=reason) as caught:
        change(route53, zone, *changes)

    assert caught.value.response["Error"]["Code"] == "InvalidChangeBatch"
    assert route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] == before


@pytest.mark.parametrize("present", [CNAME, WEIGHTED])
def test_a_record_may_replace_one_that_the_same_batch_deletes(route53: Any, present: Any) -> None:
    zone = route53.create_hosted_zone(Name="example.test", CallerReference="1")["HostedZone"]["Id"]
    change(route53, zone, ("CREATE", present))
    change(route53, zone, ("DELETE", present), ("CREATE", PLAIN))
    assert PLAIN in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
