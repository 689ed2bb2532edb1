"""The public name is switched whatever records the zone holds, or a reason is reported before the commit: against the rules of Route 53."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from common.clients.dns import PublicName
from common.errors import StepFailed

from tests.unit.route53 import local_route53

NAME, SSH, ZONE = "git.example.test", "ssh.example.test", "example.test"
BALANCER = {"load_balancer_dns": "alb.us-east-1.elb.amazonaws.com", "load_balancer_zone_id": "Z35SXDOTRQ7X7K"}
MOVED = [("A", "alb.us-east-1.elb.amazonaws.com.")]


def record(kind: str = "A", value: str = "192.0.2.10", name: str = NAME, **more: Any) -> dict[str, Any]:
    return {"Name": f"{name}.", "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}], **more}


def aliased(**more: Any) -> dict[str, Any]:
    target = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d1.cloudfront.net.", "EvaluateTargetHealth": False}
    return {"Name": f"{NAME}.", "Type": "A", "AliasTarget": target, **more}


def each(**policies: list[Any]) -> list[dict[str, Any]]:
    """Two A record sets of one routing policy."""
    ((key, values),) = policies.items()
    return [record(value=f"192.0.2.{i}", SetIdentifier=str(i), **{key: one}) for i, one in enumerate(values, 1)]


@pytest.fixture
def route53() -> Iterator[Any]:
    with local_route53() as client:
        yield client


class Zone:
    def __init__(self, route53: Any, *records: Mapping[str, Any], name: str = ZONE) -> None:
        self.client = route53
        self.id = route53.create_hosted_zone(Name=name, CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2]
        self.public_name = PublicName(route53, self.id)
        for one in records:
            self.put(one)

    def put(self, one: Mapping[str, Any]) -> None:
        change = {"Action": "CREATE", "ResourceRecordSet": one}
        self.client.change_resource_record_sets(HostedZoneId=self.id, ChangeBatch={"Changes": [change]})

    def all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.list_resource_record_sets(HostedZoneId=self.id)["ResourceRecordSets"]
        return found

    def at(self, name: str = NAME) -> list[tuple[str, str]]:
        return [
            (one["Type"], one["AliasTarget"]["DNSName"] if "AliasTarget" in one else one["ResourceRecords"][0]["Value"])
            for one in self.all()
            if one["Name"] == f"{name}."
        ]


SITUATIONS = {
    "nothing": [],
    "A": [record()],
    "A and AAAA": [record(), record("AAAA", "2001:db8::10")],
    "CNAME": [record("CNAME", "old.example.test")],
    "alias": [aliased()],
    "HTTPS": [record(), record("HTTPS", '1 . ipv4hint="192.0.2.10"')],
    "weighted": each(Weight=[255, 0]),
    "latency": each(Region=["us-east-1", "eu-west-1"]),
    "failover": each(Failover=["PRIMARY", "SECONDARY"]),
    "geolocation": each(GeoLocation=[{"CountryCode": "*"}, {"CountryCode": "DE"}]),
    "multivalue": each(MultiValueAnswer=[True, True]),
    "IP-based": each(CidrRoutingConfig=[{"CollectionId": "c" * 8 + "-0000-0000-0000-" + "0" * 12, "LocationName": n} for n in ("*", "home")]),
    "weighted aliases with a health check": [aliased(SetIdentifier="one", Weight=1, HealthCheckId="abcdef11-2222-3333-4444-555555fedcba")],
    "weighted CNAME": [record("CNAME", "old.example.test", SetIdentifier="one", Weight=1)],
}  # fmt: skip


@pytest.mark.parametrize("present", SITUATIONS.values(), ids=SITUATIONS)
def test_the_name_resolves_only_to_the_load_balancer(route53: Any, present: list[dict[str, Any]]) -> None:
    zone = Zone(route53, *present)
    before = zone.all()

    zone.public_name.probe(NAME, **BALANCER)
    assert zone.all() == before, "preflight changed what the zone holds"

    zone.public_name.point_name(NAME, **BALANCER)
    zone.public_name.point_name(NAME, **BALANCER)  # a step that is tried again
    assert zone.at() == MOVED


def test_records_without_an_address_are_kept(route53: Any) -> None:
    zone = Zone(route53, record(), record("TXT", '"v=spf1 -all"'), record("MX", "10 mail.example.test."), record("CAA", '0 issue "amazon.com"'))  # fmt: skip
    zone.public_name.probe(NAME, **BALANCER)
    zone.public_name.point_name(NAME, **BALANCER)
    assert {kind for kind, _ in zone.at()} == {"A", "TXT", "MX", "CAA"}


def test_a_site_at_the_zone_apex_is_switched(route53: Any) -> None:
    zone = Zone(route53, record(), name=NAME)
    zone.public_name.probe(NAME, **BALANCER)
    zone.public_name.point_name(NAME, **BALANCER)
    assert {kind: value for kind, value in zone.at() if kind == "A"} == dict(MOVED)


def test_a_cname_of_the_other_name_becomes_a_separate_record(route53: Any) -> None:
    zone = Zone(route53, record(), record("CNAME", NAME, name=SSH))
    for name, balancer in ((NAME, "alb.aws.test"), (SSH, "nlb.aws.test")):
        zone.public_name.probe(name, load_balancer_dns=balancer, load_balancer_zone_id="Z1")
        zone.public_name.point_name(name, load_balancer_dns=balancer, load_balancer_zone_id="Z1")
    assert (zone.at(NAME), zone.at(SSH)) == ([("A", "alb.aws.test.")], [("A", "nlb.aws.test.")])


def test_the_probe_never_hides_a_wildcard_record(route53: Any) -> None:
    """A name that exists hides the wildcard: its users would find nothing while the probe's record is there."""
    zone = Zone(route53, record(name="*.example.test"))
    changed: list[str] = []
    route53.meta.events.register(
        "provide-client-params.route53.ChangeResourceRecordSets",
        lambda params, **_: changed.extend(c["ResourceRecordSet"]["Name"] for c in params["ChangeBatch"]["Changes"]),
    )
    zone.public_name.probe("git.eu.example.test", **BALANCER)
    assert {name.rstrip(".") for name in changed} == {"_cutover-check-git-eu.example.test"}


def test_record_sets_on_every_page_are_read(route53: Any) -> None:
    many = [record(value=f"192.0.2.{i}", SetIdentifier=f"{i:03}", Weight=1) for i in range(1, 121)]
    zone = Zone(route53, *many)
    zone.public_name.point_name(NAME, **BALANCER)
    assert zone.at() == MOVED


@pytest.mark.parametrize("at", [NAME, "eu.example.test"])
def test_a_name_delegated_to_another_zone_is_rejected(route53: Any, at: str) -> None:
    zone, name = Zone(route53, record("NS", "ns.example.org.", name=at)), NAME if at == NAME else "git.eu.example.test"
    with pytest.raises(StepFailed, match=rf"NS records at {at} hand it to another zone") as caught:
        zone.public_name.probe(name, **BALANCER)
    assert "site.hosted_zone" in caught.value.next_action


def test_a_record_of_a_traffic_policy_is_rejected(route53: Any) -> None:
    policy = "abcdef11-2222-3333-4444-555555fedcba"
    zone = Zone(route53, record())
    route53.meta.events.register(
        "after-call.route53.ListResourceRecordSets",
        lambda parsed, **_: [one.update(TrafficPolicyInstanceId=policy) for one in parsed["ResourceRecordSets"]],
    )
    with pytest.raises(StepFailed, match=f"traffic policy instance {policy}"):
        zone.public_name.probe(NAME, **BALANCER)


def test_the_zone_of_another_name_is_rejected(route53: Any) -> None:
    zone = Zone(route53, name="example.org")
    with pytest.raises(StepFailed, match=r"git\.example\.test cannot be moved .*: it is not in the zone, which is example\.org"):  # fmt: skip
        zone.public_name.check_zone([NAME])


def test_a_private_zone_causes_a_warning(route53: Any) -> None:
    made = route53.create_hosted_zone(
        Name=ZONE,
        CallerReference="1",
        VPC={"VPCRegion": "us-east-1", "VPCId": "vpc-1"},
        HostedZoneConfig={"PrivateZone": True},
    )
    (warning,) = PublicName(route53, made["HostedZone"]["Id"].rpartition("/")[2]).check_zone([NAME, SSH])
    assert "is private: only the VPCs" in warning


def test_names_in_the_zone_and_its_apex_are_accepted(route53: Any) -> None:
    assert Zone(route53).public_name.check_zone([NAME, ZONE]) == []


def test_a_change_that_route_53_rejects_leaves_no_probe_record(route53: Any) -> None:
    zone = Zone(route53, record())
    before = zone.all()

    def refuse(params: Any, **_: Any) -> None:
        if any("AliasTarget" in change["ResourceRecordSet"] for change in params["ChangeBatch"]["Changes"]):
            raise ClientError({"Error": {"Code": "InvalidChangeBatch", "Message": "no"}}, "ChangeResourceRecordSets")

    route53.meta.events.register("provide-client-params.route53.ChangeResourceRecordSets", refuse)
    with pytest.raises(StepFailed, match="InvalidChangeBatch"):
        zone.public_name.probe(NAME, **BALANCER)
    assert zone.all() == before
