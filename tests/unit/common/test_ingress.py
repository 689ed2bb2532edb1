"""The ingress rules of the target: only the error that shows that a change was made before is harmless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from common.clients.ingress import TargetIngress
from common.errors import CutoverError, RetryableServiceError

CALLS = {
    "authorize_security_group_ingress": lambda ingress: ingress.allow(["192.0.2.1/32"], [80], note="test"),
    "revoke_security_group_ingress": lambda ingress: ingress.revoke(["192.0.2.1/32"], [80]),
}
HARMLESS = {
    "authorize_security_group_ingress": "InvalidPermission.Duplicate",
    "revoke_security_group_ingress": "InvalidPermission.NotFound",
}


@pytest.fixture
def ec2() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("ec2", region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("call", CALLS)
def test_a_change_that_was_made_before_is_harmless(ec2: tuple[Any, Stubber], call: str) -> None:
    client, stub = ec2
    stub.add_client_error(call, HARMLESS[call])

    CALLS[call](TargetIngress(client, "sg-1"))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "code", ["UnauthorizedOperation", "InvalidGroup.NotFound", "RulesPerSecurityGroupLimitExceeded"]
)
def test_every_other_error_of_a_change_is_raised(ec2: tuple[Any, Stubber], call: str, code: str) -> None:
    client, stub = ec2
    stub.add_client_error(call, code)

    with pytest.raises(CutoverError):
        CALLS[call](TargetIngress(client, "sg-1"))


HTTP = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
OLD, PRESENT = {"CidrIp": "192.0.2.1/32"}, {"CidrIp": "198.51.100.7/32", "Description": "acceptance"}
DESCRIBED = [{**HTTP, "IpRanges": [OLD, PRESENT], "Ipv6Ranges": [], "UserIdGroupPairs": []}]
"""EC2 still shows a rule that was removed a moment ago"""


def add_refused_removal(stub: Stubber) -> None:
    stub.add_response("describe_security_groups", {"SecurityGroups": [{"IpPermissions": DESCRIBED}]})
    stub.add_client_error("revoke_security_group_ingress", "InvalidPermission.NotFound")
    stub.add_client_error("revoke_security_group_ingress", "InvalidPermission.NotFound")
    stub.add_response(
        "revoke_security_group_ingress", {}, {"GroupId": "sg-1", "IpPermissions": [{**HTTP, "IpRanges": [PRESENT]}]}
    )


def test_a_rule_that_is_gone_does_not_keep_the_other_rules(ec2: tuple[Any, Stubber]) -> None:
    client, stub = ec2
    add_refused_removal(stub)
    stub.add_response("describe_security_groups", {"SecurityGroups": [{"IpPermissions": []}]})

    TargetIngress(client, "sg-1").revoke_all()


def test_rules_that_are_still_there_are_revoked_again_later(ec2: tuple[Any, Stubber]) -> None:
    client, stub = ec2
    add_refused_removal(stub)
    stub.add_response("describe_security_groups", {"SecurityGroups": [{"IpPermissions": DESCRIBED}]})

    with pytest.raises(RetryableServiceError, match="sg-1 still has ingress rules"):
        TargetIngress(client, "sg-1").revoke_all()
