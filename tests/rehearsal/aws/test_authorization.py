"""The local AWS enforces IAM: a request succeeds only if the policies of the role allow it."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.settings import ACCOUNT, REGION, Settings
from tests.roles import as_role, role_for, statement

pytestmark = pytest.mark.rehearsal
INSTANCES = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/*"
DOCUMENT = f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript"
TASK = f"arn:aws:dms:{REGION}:{ACCOUNT}:task:ONE"
Call = Callable[[Any], Any]


@pytest.fixture(scope="module")
def api(settings: Settings) -> Clients:
    return Clients(settings)


@pytest.fixture(scope="module")
def tagged(api: Clients) -> str:
    """Create only the tags of an instance. A refused request needs no machine."""
    api("ec2").create_tags(Resources=["i-0123456789abcdef0"], Tags=[{"Key": "cutover:role", "Value": "replica"}])
    return "i-0123456789abcdef0"


def describe(client: Any) -> Any:
    return client.describe_instances()


def command(client: Any) -> Any:
    return client.send_command(
        InstanceIds=["i-0123456789abcdef0"], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]}
    )


def register_image(client: Any) -> Any:
    tags = [{"ResourceType": "image", "Tags": [{"Key": "cutover:site", "Value": "gogs"}]}]
    return client.create_image(InstanceId="i-0123456789abcdef0", Name="one", TagSpecifications=tags)


def read_parameters(client: Any) -> Any:
    return client.get_parameters(Names=["/cutover/gogs/mode"])


def start_task(client: Any) -> Any:
    return client.start_replication_task(ReplicationTaskArn=TASK, StartReplicationTaskType="resume-processing")


OF_REPLICAS = {"StringEquals": {"ssm:resourceTag/cutover:role": ["replica"]}}
OF_TARGETS = {"StringEquals": {"ssm:resourceTag/cutover:role": ["target"]}}
MAKE = statement("ec2:CreateImage", "*")
MARK = statement("ec2:CreateTags", "*", Condition={"StringEquals": {"ec2:CreateAction": "CreateImage"}})
OTHER_TASK = f"arn:aws:dms:{REGION}:{ACCOUNT}:task:TWO"
MODE = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/cutover/gogs/*"
CASES = [
    ("ec2", describe, [], "UnauthorizedOperation"),
    ("ec2", describe, [statement("ec2:DescribeInstances")], None),
    ("ec2", describe, [statement("ec2:DescribeInstances", INSTANCES)], "UnauthorizedOperation"),
    ("ssm", command, [statement("ssm:SendCommand", DOCUMENT)], "AccessDeniedException"),
    ("ssm", command, [statement("ssm:SendCommand", INSTANCES)], "AccessDeniedException"),
    (
        "ssm",
        command,
        [statement("ssm:SendCommand", DOCUMENT), statement("ssm:SendCommand", INSTANCES, Condition=OF_TARGETS)],
        "AccessDeniedException",
    ),
    (
        "ssm",
        command,
        [statement("ssm:SendCommand", DOCUMENT), statement("ssm:SendCommand", INSTANCES, Condition=OF_REPLICAS)],
        "InvalidInstanceId",  # allowed, but the machine does not exist
    ),
    ("ec2", register_image, [MAKE], "UnauthorizedOperation"),
    ("ec2", register_image, [MAKE, MARK], "InvalidInstanceID.NotFound"),
    ("ssm", read_parameters, [statement("ssm:GetParameters", MODE)], None),
    ("ssm", read_parameters, [statement("ssm:GetParameters", f"{MODE}/x")], "AccessDeniedException"),
    ("dms", start_task, [statement("dms:StartReplicationTask", TASK)], "ResourceNotFoundFault"),
    ("dms", start_task, [statement("dms:StartReplicationTask", OTHER_TASK)], "AccessDeniedException"),
]


@pytest.mark.parametrize(("service", "call", "allowed", "error"), CASES)
@pytest.mark.usefixtures("tagged")
def test_a_role_has_exactly_the_permissions_of_its_policy(
    api: Clients,
    settings: Settings,
    service: str,
    call: Call,
    allowed: list[dict[str, Any]],
    error: str | None,
) -> None:
    role = role_for(api, f"role-{token_hex(4)}", allowed=tuple(allowed))
    client = as_role(settings, role, service)
    if error is None:
        call(client)
        return
    with pytest.raises(ClientError) as refused:
        call(client)
    assert refused.value.response["Error"]["Code"] == error


def test_the_service_refuses_a_malformed_request(api: Clients) -> None:
    with pytest.raises(ClientError, match="NotAnArn"):
        api("dms").describe_table_statistics(ReplicationTaskArn="NotAnArn")


def test_unknown_credentials_are_refused(settings: Settings, api: Clients) -> None:
    role = role_for(api, "known", allowed=(statement("sqs:*"),))
    as_role(settings, role, "sqs").list_queues()
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        as_role(settings, role, "sqs", secret="another").list_queues()
