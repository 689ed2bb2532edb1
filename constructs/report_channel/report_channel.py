"""Report: topic -> function (makes the image) -> queue, which the procedure reads."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from compliance import acknowledge
from constructs import Construct
from functions import PythonFunction

FUNCTION_TIMEOUT = Duration.minutes(10)
"""Preparing the machine for its image is one command of a minute or two; making the image is only started."""


class ReportChannel(Construct):
    """`publisher` may publish, nobody else. A report that the function could not handle, and a message that the
    procedure could not, end in `lost`, never nowhere."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Mapping[str, str], publisher: iam.IRole
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(
            self,
            "Topic",
            display_name="Cutover: reports of launched replicas",
            master_key=kms.Alias.from_alias_name(self, "SnsKey", "alias/aws/sns"),
            enforce_ssl=True,
        )
        self.lost = sqs.Queue(
            self,
            "Lost",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(1),
            visibility_timeout=Duration.seconds(30),
            receive_message_wait_time=Duration.seconds(20),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.lost, max_receive_count=10),
        )
        self.function = PythonFunction(
            self,
            "Function",
            package="report",
            description="Accepts the report of the instance that the current run launched; makes its image",
            environment={**environment, "CUTOVER_QUEUE_URL": self.queue.queue_url},
            timeout=FUNCTION_TIMEOUT,
            dead_letter_queue=self.lost,
        )
        self.topic.add_subscription(subscriptions.LambdaSubscription(self.function))
        self.queue.grant_send_messages(self.function)
        self.publishing = iam.Policy(
            self,
            "Publishing",
            roles=[publisher],
            statements=[iam.PolicyStatement(actions=["sns:Publish"], resources=[self.topic.topic_arn])],
        )
        self._may_make_images()

    def _may_make_images(self) -> None:
        """Describe calls and CreateImage's new resources have no name beforehand; commands go to replicas only."""
        stack = Stack.of(self)
        for statement in (
            iam.PolicyStatement(
                actions=["ec2:DescribeInstances", "ec2:DescribeImages", "ssm:GetCommandInvocation"], resources=["*"]
            ),
            iam.PolicyStatement(
                actions=["ec2:CreateImage"],
                resources=[
                    stack.format_arn(service="ec2", resource="instance", resource_name="*"),
                    stack.format_arn(service="ec2", account="", resource="image", resource_name="*"),
                    stack.format_arn(service="ec2", account="", resource="snapshot", resource_name="*"),
                ],
            ),
            iam.PolicyStatement(
                actions=["ec2:CreateTags"],
                resources=[
                    stack.format_arn(service="ec2", account="", resource="image", resource_name="*"),
                    stack.format_arn(service="ec2", account="", resource="snapshot", resource_name="*"),
                ],
                conditions={"StringEquals": {"ec2:CreateAction": "CreateImage"}},
            ),
            iam.PolicyStatement(
                actions=["ssm:SendCommand"],
                resources=[
                    stack.format_arn(service="ssm", account="", resource="document", resource_name="AWS-RunShellScript")
                ],
            ),
            iam.PolicyStatement(
                actions=["ssm:SendCommand"],
                resources=[stack.format_arn(service="ec2", resource="instance", resource_name="*")],
                conditions={"StringEquals": {"ssm:resourceTag/cutover:role": "replica"}},
            ),
        ):
            self.function.add_to_role_policy(statement)
        acknowledge(
            self.function,
            "AwsSolutions-IAM5",
            "The replica and its image have no name before the run; commands are bound to the tag of replicas.",
        )
