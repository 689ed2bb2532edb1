"""Grant the permissions of the procedure's functions. Statements name the resource wherever IAM supports it."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from common.site_parameters import Parameter, build_parameter_resource
from constructs import Construct
from source_site import ManagedNode

BOOTSTRAP_PARAMETERS = "cdk-bootstrap/*"
"""of any qualifier; they hold the version of the bootstrap stack"""
DESCRIBE = [
    "autoscaling:DescribeAutoScalingGroups",
    "cloudwatch:GetMetricStatistics",
    "dms:DescribeReplicationTasks",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstances",
    "ec2:DescribeNatGateways",
    "ec2:DescribeSecurityGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "ssm:GetCommandInvocation",
]
"""IAM supports no resource for these"""


def grant_record(function: lambda_.IFunction, *, table: dynamodb.ITable, evidence: s3.IBucket) -> None:
    """Grant read and write of the run record and of the evidence below runs/, without deletion."""
    table.grant(function, "dynamodb:GetItem", "dynamodb:UpdateItem")
    _allow(function, ["s3:GetObject", "s3:PutObject"], [evidence.arn_for_objects("runs/*")])
    # Without it S3 returns 403 instead of 404 for a missing object.
    _allow(function, ["s3:ListBucket"], [evidence.bucket_arn])


def grant_describe(function: lambda_.IFunction, actions: Sequence[str] = DESCRIBE) -> None:
    """Grant actions that have no resource."""
    _allow(function, list(actions), ["*"])


def grant_commands(
    function: lambda_.IFunction, scope: Construct, roles: Sequence[str] = (), *, nodes: Sequence[ManagedNode] = ()
) -> None:
    """Grant commands on machines of these roles (tag `cutover:role`), and on these servers of the source.

    Of hybrid nodes Systems Manager is asked for the state too, because EC2 does not know them.
    """
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
    if any(node.is_hybrid for node in nodes):  # IAM supports no resource for it
        _allow(function, ["ssm:DescribeInstanceInformation"], ["*"])
    if tagged:
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ssm:SendCommand"],
                resources=[stack.format_arn(service="ec2", resource="instance", resource_name="*")],
                conditions={"StringEquals": {"ssm:resourceTag/cutover:role": tagged}},
            )
        )


def grant_publish(function: lambda_.IFunction, topic_arn: str) -> None:
    """Grant messages to a topic. Its key is AWS's own, which everybody may use who may publish."""
    _allow(function, ["sns:Publish"], [topic_arn])


def grant_invoke(function: lambda_.IFunction, arns: Sequence[str]) -> None:
    """Grant calls of exactly these functions, versions or aliases."""
    if arns:
        _allow(function, ["lambda:InvokeFunction"], sorted(set(arns)))


def grant_read_consoles(function: lambda_.IFunction, scope: Construct, roles: Sequence[str]) -> None:
    """Grant the console output of machines of these roles."""
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["ec2:GetConsoleOutput"],
            resources=[Stack.of(scope).format_arn(service="ec2", resource="instance", resource_name="*")],
            conditions={"StringEquals": {"aws:ResourceTag/cutover:role": list(roles)}},
        )
    )


def grant_replication(function: lambda_.IFunction, task_arn: str) -> None:
    """Grant start, stop, reload and statistics of the replication task."""
    actions = ("StartReplicationTask", "StopReplicationTask", "ReloadTables", "DescribeTableStatistics")
    _allow(function, [f"dms:{action}" for action in actions], [task_arn])


def grant_test_connections(function: lambda_.IFunction, scope: Construct) -> None:
    """Grant connection tests of any replication instance to any endpoint: the function reads both from the task."""
    arns = [
        Stack.of(scope).format_arn(
            service="dms", resource=kind, resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        for kind in ("rep", "endpoint")
    ]
    _allow(function, ["dms:TestConnection"], arns)


def grant_parameters(function: lambda_.IFunction, scope: Construct, site: str) -> None:
    """Grant read of the site's parameters, and write of its mode."""
    stack = Stack.of(scope)
    _allow(
        function,
        ["ssm:GetParameter"],
        [
            stack.format_arn(
                service="ssm", resource="parameter", resource_name=build_parameter_resource(site, Parameter.ALL)
            )
        ],
    )
    grant_write_parameter(function, scope, site, Parameter.MODE)


def grant_write_parameter(function: lambda_.IFunction, scope: Construct, site: str, parameter: Parameter) -> None:
    """Grant write of one parameter of the site."""
    arn = Stack.of(scope).format_arn(
        service="ssm", resource="parameter", resource_name=build_parameter_resource(site, parameter)
    )
    _allow(function, ["ssm:PutParameter"], [arn])


def grant_describe_own_stack(function: lambda_.IFunction, scope: Construct) -> None:
    """Grant the status of the stack of the function."""
    _allow(function, ["cloudformation:DescribeStacks"], [Stack.of(scope).stack_id])


def grant_update_stack(
    function: lambda_.IFunction, scope: Construct, stack_name: str, *, parameters: Sequence[str]
) -> None:
    """Grant the update of a stack, and the read of the parameters of Parameter Store in its template (without the first slash).

    CloudFormation works with the role that the CDK has given the stack, but reads these parameters with the rights of the caller
    (https://github.com/aws/aws-cdk/issues/20959). Each template of the CDK has the version of its bootstrap stack among them.
    """
    arn = Stack.of(scope).format_arn(service="cloudformation", resource="stack", resource_name=f"{stack_name}/*")
    actions = ("DescribeStacks", "DescribeStackEvents", "UpdateStack")
    _allow(function, [f"cloudformation:{action}" for action in actions], [arn])
    names = [
        Stack.of(scope).format_arn(service="ssm", resource="parameter", resource_name=name)
        for name in (*parameters, BOOTSTRAP_PARAMETERS)
    ]
    _allow(function, ["ssm:GetParameters"], names)


def grant_delete_images(function: lambda_.IFunction, scope: Construct, site: str) -> None:
    """Grant deletion of images and snapshots of this site's replicas, by their inherited tags."""
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
