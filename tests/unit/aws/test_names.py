"""The resolver returns the records of hosted zones as Route 53 does."""

from __future__ import annotations

from typing import Any, cast

import pytest

from rehearsal.aws.names import Names
from rehearsal.aws.network.endpoints import Endpoint, Endpoints
from rehearsal.aws.registry import Registry
from rehearsal.errors import RehearsalError
from rehearsal.world import Answer

BALANCER = "site-1.us-east-1.elb.amazonaws.com"


def record(name: str, kind: str, *values: str, ttl: str = "60", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": list(values), **more}


ZONES = {
    "Z1": {"id": "Z1", "name": "site.example.", "private": False},
    "Z2": {"id": "Z2", "name": "site.example.", "private": True, "vpcs": [{"VPCId": "vpc-a"}]},
}
RECORDS = {
    "Z1": [
        record("git.site.example.", "A", "203.0.113.9", ttl="17"),
        record("www.site.example.", "CNAME", "git.site.example."),
        record("\\052.wild.site.example.", "TXT", '"anything"'),
        {"Name": "new.site.example.", "Type": "A", "AliasTarget": {"DNSName": f"dualstack.{BALANCER}."}},
        record("heavy.site.example.", "A", "203.0.113.9", Weight=1),
        record("round.site.example.", "CNAME", "round.site.example."),
    ],
    "Z2": [record("git.site.example.", "A", "10.0.0.9")],
}


class FakeStores:
    """ministack's stores of zones and records, and two machines."""

    def get_records(self, _: str, name: str) -> Any:
        return ZONES if name == "zones" else RECORDS

    def get(self, name: str) -> Endpoint | None:
        return next((one for one in self.list_all() if one.name == name), None)

    def list_all(self) -> list[Endpoint]:
        return [
            Endpoint("i-a", "subnet", "vpc-a", "us-east-1a", "10.0.0.5", (), "203.0.113.5"),
            Endpoint("i-b", "subnet", "vpc-b", "us-east-1a", "10.1.0.5", ()),
        ]


@pytest.fixture
def names() -> Names:
    names = Names(cast("Registry", FakeStores()), cast("Endpoints", FakeStores()))
    names.add(lambda name, _: ["203.0.113.50"] if name == BALANCER else None)
    return names


@pytest.mark.parametrize(
    ("name", "kind", "client", "answers"),
    [
        ("git.site.example", "A", "client", [Answer("A", ["203.0.113.9"], 17)]),
        ("git.site.example", "A", "i-a", [Answer("A", ["10.0.0.9"], 60)]),
        ("git.site.example", "AAAA", "client", []),
        ("nobody.site.example", "A", "client", None),
        ("elsewhere.example", "A", "client", None),
        (
            "www.site.example",
            "A",
            "client",
            [Answer("CNAME", ["git.site.example."], 60), Answer("A", ["203.0.113.9"], 17)],
        ),
        ("some.wild.site.example", "TXT", "client", [Answer("TXT", ["anything"], 60)]),
        ("wild.site.example", "TXT", "client", []),
        ("new.site.example", "A", "client", [Answer("A", ["203.0.113.50"], 60)]),
        (BALANCER, "A", "client", [Answer("A", ["203.0.113.50"], 60)]),
        ("ip-10-0-0-5.ec2.internal", "A", "i-b", [Answer("A", ["10.0.0.5"], 60)]),
        ("ec2-203-0-113-5.compute-1.amazonaws.com", "A", "i-b", [Answer("A", ["203.0.113.5"], 60)]),
        ("ec2-203-0-113-5.compute-1.amazonaws.com", "A", "i-a", [Answer("A", ["10.0.0.5"], 60)]),
    ],
)
def test_a_name_resolves_to_its_records(
    names: Names, name: str, kind: str, client: str, answers: list[Answer] | None
) -> None:
    assert names.resolve(name, kind, client) == answers


@pytest.mark.parametrize("name", ["heavy.site.example", "round.site.example"])
def test_a_record_that_is_not_emulated_is_an_error(names: Names, name: str) -> None:
    with pytest.raises(RehearsalError):
        names.resolve(name, "A", "client")
