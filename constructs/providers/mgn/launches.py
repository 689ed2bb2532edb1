"""What the functions need of AWS MGN to launch and remove replicas.

MGN calls EC2 with the rights of its caller (https://docs.aws.amazon.com/mgn/latest/ug/security-iam-awsmanpol.html). AWS extends that set without
notice, so the functions have AWS's own policy for it, by name. The calls that the functions make themselves are statements here.
"""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from compliance import acknowledge

EC2_ACCESS = "AWSApplicationMigrationEC2Access"
MANAGED = "AWSApplicationMigrationServiceManaged"
"""tag of everything that MGN makes"""
SERVICE = "mgn.amazonaws.com"
NO_IDS = "MGN gives a source server its id when the agent is installed, and a job its id when it starts; lists have no resource."
"""reason for cdk-nag"""


def grant_launch(function: lambda_.Function, *, replica_profile: iam.InstanceProfile) -> None:
    """Grant launch settings, launches and finalization.

    The launch settings of MGN are an EC2 launch template for each source server; EC2 checks `iam:PassRole` when MGN launches from it.
    """
    actions = (
        "FinalizeCutover",
        "GetLaunchConfiguration",
        "ListSourceServerActions",
        "StartCutover",
        "StartTest",
        "UpdateLaunchConfiguration",
    )
    allow(function, [f"mgn:{action}" for action in actions], build_mgn_arn(function, "source-server"))
    allow(function, ["ec2:DescribeLaunchTemplateVersions", "ec2:DescribeVolumes"], "*")
    # EC2 encodes which action of a launch it has denied.
    allow(function, ["sts:DecodeAuthorizationMessage"], "*")
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
            resources=[Stack.of(function).format_arn(service="ec2", resource="launch-template", resource_name="*")],
            conditions={"Null": {f"aws:ResourceTag/{MANAGED}": "false"}},
        )
    )
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[require_role(replica_profile).role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        )
    )


def grant_rights_check(function: lambda_.Function, *, replica_profile: iam.InstanceProfile) -> None:
    """Grant preflight's test of the function's own rights, which names all that are missing before a launch."""
    own = ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:SimulatePrincipalPolicy"]
    allow(function, own, require_role(function).role_arn)
    allow(function, ["iam:GetInstanceProfile"], replica_profile.instance_profile_arn)


def grant_removal(function: lambda_.Function) -> None:
    """Grant the end of a test or cutover, and the removal of its instance: through MGN, after a finalization through EC2. Also jobs with their logs.

    The client reads the log of each job that has ended. IAM supports no resource for lists.
    """
    allow(function, ["ec2:DescribeInstances", "mgn:DescribeJobs", "mgn:DescribeSourceServers"], "*")
    allow(function, ["mgn:DescribeJobLogItems"], build_mgn_arn(function, "job"))
    allow(
        function,
        ["mgn:ChangeServerLifeCycleState", "mgn:TerminateTargetInstances"],
        build_mgn_arn(function, "source-server"),
    )
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["ec2:TerminateInstances"],
            resources=[Stack.of(function).format_arn(service="ec2", resource="instance", resource_name="*")],
            conditions={
                "StringEquals": {"aws:ResourceTag/cutover:role": "replica"},
                "Null": {f"aws:ResourceTag/{MANAGED}": "false"},
            },
        )
    )
    acknowledge(function, "AwsSolutions-IAM5", NO_IDS)


def grant_ec2_access(function: lambda_.Function) -> None:
    """Grant what MGN does in EC2 with the rights of its caller, and for nobody else: the policy demands a call by a service of AWS."""
    require_role(function).add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(EC2_ACCESS))
    acknowledge(
        function,
        f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{EC2_ACCESS}]",
        "MGN launches with its caller's rights; AWS adds to them without notice, and a copy of the policy would fail at a launch.",
    )


def grant_key(function: lambda_.Function, key_arn: str) -> None:
    """Grant the use of the disks' key to EC2, which acts for the function (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html)."""
    region, suffix = Stack.of(function).region, Stack.of(function).url_suffix
    allow(function, ["kms:DescribeKey"], key_arn)
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
            resources=[key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"ec2.{region}.{suffix}"}},
        )
    )
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["kms:CreateGrant"],
            resources=[key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        )
    )


def allow(function: lambda_.Function, actions: list[str], *resources: str) -> None:
    """Add a statement to the function's role."""
    function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=list(resources)))


def require_role(holder: lambda_.Function | iam.InstanceProfile) -> iam.IRole:
    """Return the role. Raises ValueError for an imported function or profile, which has none that could be granted."""
    if holder.role is None:
        raise ValueError(f"{holder.node.path} has no role")
    return holder.role


def build_mgn_arn(function: lambda_.Function, kind: str) -> str:
    """Return the ARN of every resource of MGN of this kind, in the account and region of the function."""
    return Stack.of(function).format_arn(service="mgn", resource=kind, resource_name="*")
