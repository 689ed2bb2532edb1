"""`cutover costs`: every resource once, with what removes it, and no price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from common.clients.resources import Finding, Resource

from operate.costs import BILLED, PERMANENT, TEMPORARY, list_costs, list_temporary_stacks
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
