"""Report: topic -> function (makes the image) -> queue, which the procedure reads."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from compliance import acknowledge
from constructs import Construct
from functions import PythonFunction
from state_machines import permissions

FUNCTION_TIMEOUT = Duration.minutes(10)
"""Preparing the machine for its image is one command of a minute or two; making the image is only started."""


class ReportChannel(Construct):
    """Topic, function and queue of the reports. Only `publisher` may publish.

    Reports that the function cannot process, and messages that the procedure cannot process, go to the queue `lost`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Mapping[str, str],
        runs_table: dynamodb.ITable,
        evidence: s3.IBucket,
        publisher: iam.IRole,
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
        iam.Policy(
            self,
            "Publishing",
            roles=[publisher],
            statements=[iam.PolicyStatement(actions=["sns:Publish"], resources=[self.topic.topic_arn])],
        )
        permissions.grant_record(self.function, table=runs_table, evidence=evidence)
        permissions.grant_describe(
            self.function, ["ec2:DescribeInstances", "ec2:DescribeImages", "ssm:GetCommandInvocation"]
        )
        permissions.grant_commands(self.function, self, ["replica"])
        self._grant_image_creation()

    def _grant_image_creation(self) -> None:
        """Grant images of any instance, and tags for them. The function itself checks that the instance has the tags of the current run."""
        stack = Stack.of(self)
        made = [
            stack.format_arn(service="ec2", account="", resource=kind, resource_name="*")
            for kind in ("image", "snapshot")
        ]
        instances = stack.format_arn(service="ec2", resource="instance", resource_name="*")
        self.function.add_to_role_policy(iam.PolicyStatement(actions=["ec2:CreateImage"], resources=[instances, *made]))
        self.function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ec2:CreateTags"],
                resources=made,
                conditions={"StringEquals": {"ec2:CreateAction": "CreateImage"}},
            )
        )
        acknowledge(
            self.function,
            "AwsSolutions-IAM5",
            "The replica and its image have no name before the run; commands are bound to the tag of replicas.",
        )
