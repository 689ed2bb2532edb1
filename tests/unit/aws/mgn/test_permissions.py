"""IAM in force: who calls MGN, and with whose permissions it launches."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.settings import ACCOUNT, Settings
from tests.roles import as_role, role_for, statement
from tests.unit.aws.mgn.source_servers import Server, registration, send_registration

ACCESS = "arn:aws:iam::aws:policy/AWSApplicationMigrationEC2Access"
INSTALLATION = "arn:aws:iam::aws:policy/AWSApplicationMigrationAgentInstallationPolicy"
MGN = statement("mgn:*")


def role_with(aws: Clients, *policies: str, allowed: tuple[dict[str, Any], ...] = (MGN,)) -> str:
    role = role_for(aws, f"role-{token_hex(4)}", allowed=allowed)
    for policy in policies:
        aws("iam").attach_role_policy(RoleName=role.rpartition("/")[2], PolicyArn=policy)
    return role


def launched_by(settings: Settings, role: str, server: Server) -> Any:
    job = as_role(settings, role, "mgn").start_test(sourceServerIDs=[server.id])["job"]["jobID"]
    return server.end_of(job)


def test_an_operation_needs_its_own_action_on_its_own_server(settings: Settings, aws: Clients, server: Server) -> None:
    own = statement("mgn:GetLaunchConfiguration", server.describe()["arn"])
    client = as_role(settings, role_with(aws, allowed=(own,)), "mgn")
    assert client.get_launch_configuration(sourceServerID=server.id)["sourceServerID"] == server.id
    for call in (
        lambda: client.get_launch_configuration(sourceServerID="s-00000000000000000"),
        lambda: client.get_replication_configuration(sourceServerID=server.id),
        client.describe_source_servers,
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_launch_has_the_permissions_of_its_caller_only(
    settings: Settings, aws: Clients, server: Server, subnet: str
) -> None:
    server.place(subnet)
    job = launched_by(settings, role_with(aws), server)
    assert job.status == "FAILED"
    assert "is not authorized to perform: ec2:CreateSnapshot" in job.error("LAUNCH_FAILED")
    assert server.state == "READY_FOR_TEST"


def test_the_managed_policy_has_all_that_a_launch_needs(
    settings: Settings, aws: Clients, server: Server, subnet: str
) -> None:
    server.place(subnet)
    role = role_with(aws, ACCESS)
    assert launched_by(settings, role, server).status == "LAUNCHED"
    assert launched_by(settings, role, server).status == "LAUNCHED"  # it may also delete the first instance


def test_a_policy_of_last_year_does_not_tag_network_interfaces(
    settings: Settings, aws: Clients, server: Server, subnet: str
) -> None:
    server.place(subnet)
    tags = [f"arn:aws:ec2:*:*:{kind}/*" for kind in ("instance", "volume", "snapshot")]
    actions = ["CreateSnapshot", "CreateVolume", "CreateSecurityGroup", "RunInstances", "AttachVolume", "DetachVolume"]
    actions += ["StartInstances", "StopInstances", "ModifyInstanceAttribute"]
    allowed = (
        MGN,
        *(statement(f"ec2:{action}") for action in actions),
        *(statement("ec2:CreateTags", arn) for arn in tags),
        statement("iam:PassRole"),
    )
    job = launched_by(settings, role_with(aws, allowed=allowed), server)
    assert "ec2:CreateTags on resource: arn:aws:ec2:us-east-1:000000000000:network-interface/*" in job.error(
        "LAUNCH_FAILED"
    )


def test_an_own_instance_profile_needs_the_right_to_pass_its_role(
    settings: Settings, aws: Clients, server: Server, subnet: str
) -> None:
    iam, name = aws("iam"), f"replica-{token_hex(4)}"
    role_for(aws, name, "ec2.amazonaws.com")
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    server.place(subnet, IamInstanceProfile={"Name": name})
    without = launched_by(settings, role_with(aws, ACCESS), server)
    assert f"iam:PassRole on resource: arn:aws:iam::{ACCOUNT}:role/{name}" in without.error("LAUNCH_FAILED")
    passes = statement("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{name}")
    assert launched_by(settings, role_with(aws, ACCESS, allowed=(MGN, passes)), server).status == "LAUNCHED"


def test_launch_templates_of_mgn_are_changed_by_the_managed_policy_and_no_others(
    settings: Settings, aws: Clients, server: Server
) -> None:
    client = as_role(settings, role_with(aws, ACCESS), "ec2")
    foreign = aws("ec2").create_launch_template(
        LaunchTemplateName=f"own-{token_hex(4)}", LaunchTemplateData={"InstanceType": "t3.micro"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    client.modify_launch_template(LaunchTemplateId=server.template, DefaultVersion="2")
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        client.modify_launch_template(LaunchTemplateId=foreign, DefaultVersion="1")


@pytest.mark.parametrize(("policies", "status"), [((INSTALLATION,), 200), ((), 403)])
def test_an_agent_registers_with_temporary_credentials_of_the_installation_policy(
    settings: Settings, mgn: Any, aws: Clients, policies: tuple[str, ...], status: int
) -> None:
    assert mgn
    role = role_with(aws, *policies, allowed=())
    given = aws("sts").assume_role(RoleArn=role, RoleSessionName="installer")["Credentials"]
    keys = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    answer = send_registration(settings, registration(f"host-{token_hex(4)}", tags={"Name": "git"}), keys)
    assert answer.status_code == status
    if status == 403:
        assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"


def test_an_agent_with_credentials_that_nobody_gave_out_is_refused(settings: Settings, mgn: Any) -> None:
    assert mgn
    answer = send_registration(
        settings, registration("stranger"), Credentials("ASIAAAAAAAAAAAAAAAAA", "secret", "token")
    )
    assert answer.status_code == 403


def test_initialization_needs_the_right_to_make_its_roles_and_profiles(
    settings: Settings, aws: Clients, mgn: Any
) -> None:
    assert mgn
    linked = (
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/mgn.amazonaws.com/AWSServiceRoleForApplicationMigrationService"
    )
    only_mgn = {"Condition": {"StringEquals": {"iam:AWSServiceName": "mgn.amazonaws.com"}}}
    profiles = f"arn:aws:iam::{ACCOUNT}:instance-profile/service-role/AWSApplicationMigration*"
    allowed = [
        MGN,
        statement("iam:CreateServiceLinkedRole", linked, **only_mgn),
        statement("iam:CreateInstanceProfile", profiles),
        statement("iam:AddRoleToInstanceProfile", profiles),
    ]
    poor = as_role(settings, role_with(aws, allowed=tuple(allowed)), "mgn")
    with pytest.raises(poor.exceptions.AccessDeniedException, match="iam:PassRole"):
        poor.initialize_service()
    passes = statement("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSApplicationMigration*")
    as_role(settings, role_with(aws, allowed=(*allowed, passes)), "mgn").initialize_service()


def test_roles_and_profiles_are_read_by_their_arns_with_the_path(settings: Settings, aws: Clients, mgn: Any) -> None:
    assert mgn
    name = "AWSApplicationMigrationConversionServerRole"
    allowed = (
        statement("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/service-role/{name}"),
        statement("iam:GetInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/service-role/{name}"),
    )
    client = as_role(settings, role_with(aws, allowed=allowed), "iam")
    assert client.get_role(RoleName=name)["Role"]["RoleName"] == name
    assert client.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["InstanceProfileName"] == name
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_role(RoleName="AWSApplicationMigrationAgentRole")
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_instance_profile(InstanceProfileName="AWSApplicationMigrationReplicationServerRole")


def test_an_instance_is_terminated_by_its_tags(settings: Settings, aws: Clients, server: Server, subnet: str) -> None:
    server.place(subnet)
    instance = server.launch().instance
    of_mgn = {"Condition": {"Null": {"aws:ResourceTag/AWSApplicationMigrationServiceManaged": "false"}}}
    tagged = statement("ec2:TerminateInstances", f"arn:aws:ec2:*:{ACCOUNT}:instance/*", **of_mgn)
    client = as_role(settings, role_with(aws, allowed=(tagged,)), "ec2")
    foreign = aws("ec2").run_instances(ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1)["Instances"][0]
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        client.terminate_instances(InstanceIds=[foreign["InstanceId"]])
    client.terminate_instances(InstanceIds=[instance])
