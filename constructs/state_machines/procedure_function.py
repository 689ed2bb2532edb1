"""The function that performs every step."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from compliance import acknowledge
from constructs import Construct
from functions import PythonFunction
from providers import ProviderEvents, create_provider
from settings import Settings
from source_site import SourceSite

from state_machines import permissions
from state_machines.environment import build_hooks_environment

TIMEOUT = Duration.seconds(75)
"""a step polls for 20 seconds at most, and each of its calls has a time limit"""
LAUNCHED = ("replica", "target")


class ProcedureFunction(Construct):
    """The function of TestLaunch and Cutover, as `function`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        source: SourceSite,
        environment: Mapping[str, str],
        runs_table: dynamodb.ITable,
        evidence: s3.IBucket,
        replication_task_arn: str,
        replica_profile: iam.InstanceProfile,
        reports: sqs.IQueue,
        messages: sns.ITopic,
        provider_events: ProviderEvents | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        queue = provider_events.queue if provider_events else None
        self.function = PythonFunction(
            self,
            "Function",
            package="procedure",
            description="Cutover: one step of the procedure",
            environment={
                **environment,
                "CUTOVER_MESSAGES_TOPIC_ARN": messages.topic_arn,
                **build_hooks_environment(settings.hooks),
                "CUTOVER_RESUME_MINUTES": str(settings.cutover.resume_minutes),
                **({"CUTOVER_PROVIDER_EVENTS_QUEUE_URL": queue.queue_url} if queue else {}),
            },
            timeout=TIMEOUT,
            memory_mib=512,
        )
        site = settings.site.name
        permissions.grant_record(self.function, table=runs_table, evidence=evidence)
        permissions.grant_describe(self.function)
        permissions.grant_commands(self.function, self, LAUNCHED, nodes=source.nodes)
        permissions.grant_read_consoles(self.function, self, LAUNCHED)
        permissions.grant_replication(self.function, replication_task_arn)
        permissions.grant_parameters(self.function, self, site)
        create_provider(settings.provider).grant_launch(self.function, replica_profile=replica_profile)
        permissions.grant_delete_images(self.function, self, site)
        reports.grant_consume_messages(self.function)
        permissions.grant_publish(self.function, messages.topic_arn)
        permissions.grant_invoke(self.function, [hook.function for hook in settings.hooks if hook.function])
        if queue:
            queue.grant_consume_messages(self.function)
        acknowledge(
            self.function,
            "AwsSolutions-IAM5",
            "Describe calls have no resource; replicas, targets and images have no name before the run and are bound by their tags.",
        )

    def grant_ingress(self, security_group_id: str) -> None:
        """Grant changes of the load balancers' ingress."""
        arn = Stack.of(self).format_arn(service="ec2", resource="security-group", resource_name=security_group_id)
        self.function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"], resources=[arn]
            )
        )

    def grant_dns_changes(self, hosted_zone_id: str) -> None:
        """Grant changes of the public names' records."""
        arn = Stack.of(self).format_arn(
            service="route53", region="", account="", resource="hostedzone", resource_name=hosted_zone_id
        )
        self.function.add_to_role_policy(
            iam.PolicyStatement(
                actions=[
                    "route53:GetHostedZone",
                    "route53:ListResourceRecordSets",
                    "route53:ChangeResourceRecordSets",
                ],
                resources=[arn],
            )
        )
