"""The mapping of decision 0063 moves every stateful resource of the former layout, and to where the stacks have it now.

`tests/snapshot/former_layout.json`: the logical ids and types of the three stacks and the nested stack `TargetSite` before decision 0062.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.stacks.conftest import ROOT, Templates

FORMER: dict[str, dict[str, str]] = json.loads((ROOT / "tests/snapshot/former_layout.json").read_text())
MAPPING: list[dict[str, dict[str, str]]] = json.loads((ROOT / "docs/decisions/0063-moved-resources.json").read_text())
STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::EC2::EIP",
    "AWS::EC2::NatGateway",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::EFS::FileSystem",
    "AWS::EFS::MountTarget",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SecretsManager::SecretTargetAttachment",
}
"""Types that hold data, secrets or addresses, or whose replacement would replace one of these."""


def find_destination(stack: str, logical_id: str) -> tuple[str, str]:
    """Return where a resource of the former layout is now: as mapped, else in the same stack."""
    source = {"StackName": stack, "LogicalResourceId": logical_id}
    found = [one["Destination"] for one in MAPPING if one["Source"] == source]
    assert len(found) < 2, source
    return (found[0]["StackName"], found[0]["LogicalResourceId"]) if found else (stack, logical_id)


@pytest.mark.parametrize(
    ("stack", "logical_id", "kind"),
    [(stack, key, kind) for stack, found in FORMER.items() for key, kind in found.items() if kind in STATEFUL],
)
def test_every_stateful_resource_of_the_former_layout_has_a_place(
    templates: Templates, stack: str, logical_id: str, kind: str
) -> None:
    destination, name = find_destination(stack, logical_id)
    assert templates[destination]["Resources"][name]["Type"] == kind


def test_the_former_layout_had_every_stateful_type() -> None:
    """Otherwise the test above could pass without a case for a type."""
    kinds = {kind for found in FORMER.values() for kind in found.values()}
    assert kinds >= STATEFUL


def test_every_entry_moves_an_existing_resource_to_one_of_the_same_type(templates: Templates) -> None:
    for entry in MAPPING:
        source, destination = entry["Source"], entry["Destination"]
        kind = FORMER[source["StackName"]][source["LogicalResourceId"]]
        there: Any = templates[destination["StackName"]]["Resources"][destination["LogicalResourceId"]]
        assert there["Type"] == kind, entry
        assert destination["StackName"] in ("DataStack", "ServersStack"), entry


def test_only_the_administrators_secret_gets_another_logical_id() -> None:
    """The CDK puts the name of the stack into the logical id of the secret that it generates for a database."""
    renamed = [
        one["Source"]["LogicalResourceId"]
        for one in MAPPING
        if one["Source"]["LogicalResourceId"] != one["Destination"]["LogicalResourceId"]
    ]
    assert [name.partition("DatabaseInstanceSecret")[0] for name in renamed] == ["ReplicationStack"]
