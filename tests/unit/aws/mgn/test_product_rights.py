"""The function of SourceStack initializes MGN with exactly the rights that its construct grants: IAM is in force here."""

from __future__ import annotations

import json
from secrets import token_hex
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template
from common.clients.mgn import Mgn
from common.clients.provider import ReplicationSettings
from common.errors import StepFailed
from common.settings import ClientSettings, ProviderSettings
from providers.mgn import initialization

from rehearsal.aws.clients import Clients, ignore_missing
from rehearsal.aws.mgn.roles import PATH, ROLES
from rehearsal.settings import ACCOUNT, REGION
from rehearsal.settings import Settings as World
from tests.roles import as_role, role_for
from tests.unit.aws.mgn.test_product_client import OWN, RealClock

VALUES = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}


def resolve(value: Any) -> Any:
    """Return a value of a template with the pseudo parameters that CloudFormation would put in."""
    match value:
        case {"Ref": name}:
            return VALUES[name]
        case {"Fn::Join": [separator, parts]}:
            return separator.join(resolve(part) for part in parts)
        case dict():
            return {key: resolve(one) for key, one in value.items()}
        case list():
            return [resolve(one) for one in value]
    return value


@pytest.fixture(scope="module")
def statements() -> list[dict[str, Any]]:
    """What grant_initialization grants."""
    stack = Stack(App(), "Stack")
    function = lambda_.Function(
        stack, "Function", code=lambda_.Code.from_inline("x"), handler="x", runtime=lambda_.Runtime.PYTHON_3_14
    )
    initialization.grant_initialization(function)
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    return [resolve(one) for one in policy["Properties"]["PolicyDocument"]["Statement"]]


def connect(world: World, aws: Clients, statements: list[dict[str, Any]]) -> Mgn:
    name = f"initializer-{token_hex(4)}"
    role = role_for(aws, name, allowed=tuple(statements))
    settings = ClientSettings(provider=ProviderSettings(kind="mgn", source_server_name="gogs", own=OWN))
    return Mgn(settings, RealClock(), lambda service: as_role(world, role, service))


def remove_roles(iam: Any) -> None:
    """Remove what InitializeService needs and makes, as in an account that nobody has initialized."""
    for role in ROLES:
        with ignore_missing("NoSuchEntity"):
            iam.remove_role_from_instance_profile(InstanceProfileName=role.name, RoleName=role.name)
        with ignore_missing("NoSuchEntity"):
            iam.delete_instance_profile(InstanceProfileName=role.name)
        for policy in iam.list_attached_role_policies(RoleName=role.name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=role.name, PolicyArn=policy["PolicyArn"])
        iam.delete_role(RoleName=role.name)


def test_the_granted_rights_are_enough_to_initialize_a_new_account(
    settings: World, aws: Clients, mgn: Any, subnet: str, statements: list[dict[str, Any]]
) -> None:
    assert mgn
    iam, defaults = aws("iam"), ReplicationSettings(subnet_id=subnet, security_group_ids=(), use_private_ip=True)
    remove_roles(iam)

    assert connect(settings, aws, statements).initialize(defaults)["initialized"] == "now"

    for role in ROLES:
        assert iam.get_role(RoleName=role.name)["Role"]["Path"] == PATH
        if role.has_profile:
            profile = iam.get_instance_profile(InstanceProfileName=role.name)["InstanceProfile"]
            assert [one["RoleName"] for one in profile["Roles"]] == [role.name]


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:AttachRolePolicy", "iam:PassRole"])
def test_none_of_the_granted_rights_is_superfluous(
    settings: World, aws: Clients, mgn: Any, subnet: str, statements: list[dict[str, Any]], action: str
) -> None:
    assert mgn
    defaults = ReplicationSettings(subnet_id=subnet, security_group_ids=(), use_private_ip=True)
    text = json.dumps(statements).replace(f'"{action}"', '"iam:Nothing"')
    iam = aws("iam")
    remove_roles(iam)
    try:
        with pytest.raises(StepFailed, match="AccessDenied"):
            connect(settings, aws, json.loads(text)).initialize(defaults)
    finally:
        connect(settings, aws, statements).initialize(defaults)
