"""What the functions of the procedure may do, no more. Resources are named wherever IAM knows a name for them."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from common.site_parameters import Parameter, parameter_resource
from constructs import Construct
from source_site import ManagedNode

DESCRIBE = [
    "autoscaling:DescribeAutoScalingGroups",
    "cloudwatch:GetMetricStatistics",
    "dms:DescribeReplicationTasks",
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeNatGateways",
    "ec2:DescribeSecurityGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "ssm:GetCommandInvocation",
]
"""IAM knows no resource for these"""


def may_use_record(function: lambda_.IFunction, *, table: dynamodb.ITable, evidence: s3.IBucket) -> None:
    """The run record, and evidence below runs/. Never deletes either."""
    table.grant(function, "dynamodb:GetItem", "dynamodb:UpdateItem")
    _allow(function, ["s3:GetObject", "s3:PutObject"], [evidence.arn_for_objects("runs/*")])
    # Without it a missing object answers 403 instead of 404.
    _allow(function, ["s3:ListBucket"], [evidence.bucket_arn])


def may_describe(function: lambda_.IFunction, actions: Sequence[str] = DESCRIBE) -> None:
    _allow(function, list(actions), ["*"])


def may_command(
    function: lambda_.IFunction, scope: Construct, roles: Sequence[str] = (), *, nodes: Sequence[ManagedNode] = ()
) -> None:
    """Run scripts on machines of these roles (tag `cutover:role`), and on these servers of the source."""
    stack = Stack.of(scope)
    tagged = [*(node.role_tag for node in nodes if node.role_tag), *roles]
    named = [node.arn for node in nodes if not node.role_tag]
    _allow(
        function,
        ["ssm:SendCommand"],
        [stack.format_arn(service="ssm", account="", resource="document", resource_name="AWS-RunShellScript")],
    )
    if named:
        _allow(function, ["ssm:SendCommand"], named)
    if tagged:
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ssm:SendCommand"],
                resources=[stack.format_arn(service="ec2", resource="instance", resource_name="*")],
                conditions={"StringEquals": {"ssm:resourceTag/cutover:role": tagged}},
            )
        )


def may_read_consoles(function: lambda_.IFunction, scope: Construct, roles: Sequence[str]) -> None:
    """What machines of these roles wrote while they booted."""
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["ec2:GetConsoleOutput"],
            resources=[Stack.of(scope).format_arn(service="ec2", resource="instance", resource_name="*")],
            conditions={"StringEquals": {"aws:ResourceTag/cutover:role": list(roles)}},
        )
    )


def may_replicate(function: lambda_.IFunction, task_arn: str) -> None:
    actions = ("StartReplicationTask", "StopReplicationTask", "ReloadTables", "DescribeTableStatistics")
    _allow(function, [f"dms:{action}" for action in actions], [task_arn])


def may_test_connections(function: lambda_.IFunction, scope: Construct) -> None:
    """Of any replication instance to any endpoint of the account: the task, not the caller, says which."""
    arns = [
        Stack.of(scope).format_arn(
            service="dms", resource=kind, resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        for kind in ("rep", "endpoint")
    ]
    _allow(function, ["dms:TestConnection"], arns)


def may_use_parameters(function: lambda_.IFunction, scope: Construct, site: str) -> None:
    stack = Stack.of(scope)
    _allow(
        function,
        ["ssm:GetParameter"],
        [stack.format_arn(service="ssm", resource="parameter", resource_name=parameter_resource(site, Parameter.ALL))],
    )
    _allow(
        function,
        ["ssm:PutParameter"],
        [stack.format_arn(service="ssm", resource="parameter", resource_name=parameter_resource(site, Parameter.MODE))],
    )


def may_delete_images(function: lambda_.IFunction, scope: Construct, site: str) -> None:
    """Images and snapshots of this site's replicas, by the tags that they inherited."""
    stack = Stack.of(scope)
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["ec2:DeregisterImage", "ec2:DeleteSnapshot"],
            resources=[
                stack.format_arn(service="ec2", account="", resource="image", resource_name="*"),
                stack.format_arn(service="ec2", account="", resource="snapshot", resource_name="*"),
            ],
            conditions={"StringEquals": {"aws:ResourceTag/cutover:site": site}},
        )
    )


def _allow(function: lambda_.IFunction, actions: list[str], resources: list[str]) -> None:
    function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=resources))
