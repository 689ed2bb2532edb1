"""`cutover costs`: every resource once, with what removes it, and its price if the price list has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from common.clients.resources import Finding, Resource

from operate.costs import BILLED, PERMANENT, TEMPORARY, add_prices, list_costs, list_temporary_stacks
from operate.prices import queries
from operate.prices.model import Price, Prices
from tests.unit.docs.pages import ROOT
from tests.unit.operate.test_orphaned import OURS, FakeSite

INSTANCE = "AWS::EC2::Instance"


@dataclass
class CostSite(FakeSite):
    stacks: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def list_resources_of(self, stack: str) -> Sequence[Mapping[str, Any]]:
        return [{"ResourceType": kind, "PhysicalResourceId": one} for kind, one in self.stacks.get(stack, [])]


def test_each_resource_is_listed_once_with_what_removes_it() -> None:
    site = CostSite(
        stacks={
            "DataStack": [("AWS::RDS::DBInstance", "db-1"), ("AWS::IAM::Role", "role-1")],
            "SourceStack": [(INSTANCE, "i-1")],
        }
    )
    site.ec2.add("i-1", "running", tags={"cutover:site": "gogs", "cutover:role": "source-app"})
    site.ec2.add("vol-9", tags=OURS)

    found = {one.resource_id: one for one in list_costs(site).resources}

    assert set(found) == {"db-1", "i-1", "vol-9"}
    assert found["db-1"].ends_with == "nothing: it is part of the site that stays"
    assert found["i-1"].ends_with == "npx cdk destroy SourceStack"
    assert found["vol-9"].owner == f"run {OURS['cutover:run-id']}"
    assert {one.price for one in found.values()} == {"not known"}


def test_what_the_provider_keeps_is_listed_or_named_as_not_checked() -> None:
    kept = Finding(
        resource=Resource(kind="instance", resource_id="i-7"),
        what="replication server",
        reason="it replicates",
        is_removable=False,
    )
    assert [one.resource_id for one in list_costs(CostSite(staging=[kept])).resources] == ["i-7"]

    hidden = list_costs(CostSite(staging=None))
    assert hidden.resources == []
    assert "replication servers" in hidden.unchecked[0]


def test_the_stacks_of_the_migration_are_those_that_the_site_does_not_need() -> None:
    site = CostSite(stacks={"DataStack": [(INSTANCE, "x")], "ReplicationStack": [(INSTANCE, "y")]})

    assert list_temporary_stacks(site) == ["ReplicationStack"]


@pytest.mark.parametrize("stack", [*PERMANENT, *TEMPORARY])
def test_every_stack_is_one_of_the_app(stack: str) -> None:
    assert f'"{stack}"' in (ROOT / "stacks/composition.py").read_text()


def test_types_are_those_of_cloudformation() -> None:
    assert all(name.startswith("AWS::") and name.count("::") == 2 for name in BILLED)


def test_a_resource_has_the_price_of_its_kind_and_what_no_list_has_is_not_known() -> None:
    balancer = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    arn = "arn:aws:elasticloadbalancing:x:1:loadbalancer/"
    site = CostSite(
        stacks={
            "DataStack": [
                ("AWS::RDS::DBInstance", "db-1"),
                ("AWS::EFS::FileSystem", "fs-1"),
                ("AWS::KMS::Key", "key-1"),
            ],
            "ServersStack": [
                (balancer, f"{arn}app/a/1"),
                (balancer, f"{arn}net/b/2"),
                ("AWS::AutoScaling::AutoScalingGroup", "asg"),
            ],
        }
    )
    hour = Price(amount=0.1, unit="Hrs", currency="USD")
    data = Price(amount=0.3, unit="GB-Mo", currency="USD")
    known = {
        queries.RDS: hour,
        queries.RDS_STORAGE: data,
        queries.EFS: data,
        queries.HTTP_BALANCER: hour,
        queries.SERVER: hour,
    }

    priced = add_prices(list_costs(site), Prices(known=known), storage_gib=20, servers=2)

    assert {one.resource_id: one.price for one in priced.resources} == {
        "db-1": "0.1 USD for each hour and 0.3 USD for each GB and month (about 79.00 USD a month)",
        "fs-1": "0.3 USD for each GB and month",
        "key-1": "not known",
        f"{arn}app/a/1": "0.1 USD for each hour (about 73.00 USD a month)",
        f"{arn}net/b/2": "not known",
        "asg": "0.1 USD for each hour (about 146.00 USD a month)",
    }
