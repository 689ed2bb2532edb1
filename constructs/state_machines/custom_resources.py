"""CDK's Provider framework around lambda/custom_resource: one for each stack that has such resources."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import custom_resources as cr
from common.site_parameters import Parameter, build_parameter_resource
from compliance import acknowledge
from constructs import Construct
from functions import PythonFunction
from providers import create_provider
from settings import Settings
from source_site import SourceSite

from state_machines import permissions

LONGEST = Duration.minutes(58)
"""The framework's time for a resource, at least the time of a run (`GIVE_UP_SECONDS`); it counts polls, which take time too.
CloudFormation ends a resource after an hour. The run goes on after that, and can be watched."""
POLL = Duration.seconds(2)
START_TIMEOUT = Duration.minutes(5)
POLL_TIMEOUT = Duration.seconds(90)
ASK_TIMEOUT = Duration.minutes(6)
"""three times POLL_TIMEOUT, and a moment for each"""


class CustomResources(Construct):
    """The service token of the custom resources: `service_token`, or `grant_start(machine)` for those that run a state machine."""

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
    ) -> None:
        super().__init__(scope, construct_id)
        self._site = settings.site.name
        self._replication_provider = create_provider(settings.provider)
        self._functions = self._create_functions(environment)
        for function in self._functions:
            self._grant_common(function, source, runs_table, evidence, replication_task_arn)
        self._provider = cr.Provider(
            self,
            "Provider",
            on_event_handler=self._functions[0],
            is_complete_handler=self._create_ask_function(self._functions[1], environment, runs_table),
            query_interval=POLL,
            total_timeout=LONGEST,
            log_group=logs.LogGroup(
                self, "ProviderLog", retention=logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY
            ),
        )
        self.service_token: str = self._provider.service_token

    def _create_functions(self, environment: Mapping[str, str]) -> list[PythonFunction]:
        """Create on_event and is_complete, in this order."""
        return [
            PythonFunction(
                self,
                name,
                package="custom_resource",
                handler=f"handler.{entry}",
                description=f"Cutover: custom resources, {entry}",
                environment=environment,
                timeout=timeout,
            )
            for name, entry, timeout in (
                ("OnEvent", "on_event", START_TIMEOUT),
                ("IsComplete", "is_complete", POLL_TIMEOUT),
            )
        ]

    def _grant_common(
        self,
        function: PythonFunction,
        source: SourceSite,
        runs_table: dynamodb.ITable,
        evidence: s3.IBucket,
        task_arn: str,
    ) -> None:
        """Grant what every custom resource needs."""
        permissions.grant_record(function, table=runs_table, evidence=evidence)
        permissions.grant_describe(
            function,
            [
                "dms:DescribeConnections",
                "dms:DescribeReplicationTasks",
                "ec2:DescribeImages",
                "ssm:GetCommandInvocation",
            ],
        )
        permissions.grant_commands(function, self, nodes=[source.application.node])
        permissions.grant_replication(function, task_arn)
        permissions.grant_test_connections(function, self)
        permissions.grant_delete_images(function, self, self._site)
        acknowledge(
            function,
            "AwsSolutions-IAM5",
            "Describe calls have no resource; endpoints are the task's; images have no name before the run, their tags bind.",
        )

    def _create_ask_function(
        self, is_complete: lambda_.IFunction, environment: Mapping[str, str], runs_table: dynamodb.ITable
    ) -> lambda_.IFunction:
        """Return the function that the framework calls: the framework must not see a crash of `is_complete`."""
        ask = PythonFunction(
            self,
            "Ask",
            package="custom_resource",
            handler="relay.ask",
            description="Cutover: custom resources, repeats is_complete after a crash",
            environment={**environment, "CUTOVER_IS_COMPLETE": is_complete.function_name},
            timeout=ASK_TIMEOUT,
        )
        is_complete.grant_invoke(ask)
        runs_table.grant(ask, "dynamodb:GetItem")
        acknowledge(ask, "AwsSolutions-IAM5", "The versions of one function, which is named.")
        return ask

    def grant_replication_settings(self) -> None:
        """Grant what Custom::ProviderSettings needs. Only on_event gets it, because that completes the resource."""
        self._replication_provider.grant_replication_settings(self._functions[0])

    def grant_replica_removal(self) -> None:
        """Grant the removal of replicas that a deleted run has left, and the status of the own stack, which shows whether somebody destroys it."""
        for function in self._functions:
            self._replication_provider.grant_removal(function)
            permissions.grant_describe_own_stack(function, self)

    def grant_stage_servers(self, stack_name: str) -> None:
        """Grant the parameters of the image, and the update of the stack of the servers with its own template and role."""
        image = (Parameter.IMAGE, Parameter.IMAGE_ROOT_DEVICE)
        names = [build_parameter_resource(self._site, parameter) for parameter in image]
        for function in self._functions:
            for parameter in image:
                permissions.grant_write_parameter(function, self, self._site, parameter)
            permissions.grant_update_stack(function, self, stack_name, parameters=names)
            permissions.grant_describe(
                function, ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities"]
            )

    def grant_start(self, machine: sfn.StateMachine) -> str:
        """Grant the start and the description of executions of this state machine. Return the service token."""
        for function in self._functions:
            machine.grant_start_execution(function)
            machine.grant_execution(function, "states:DescribeExecution")
        return self.service_token
