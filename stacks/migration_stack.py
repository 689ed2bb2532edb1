"""Define MigrationStack. Its deployment performs the cutover, after the stacks that it depends on."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_lambda as lambda_
from compliance import acknowledge_provider, acknowledge_tasks
from constructs import Construct
from settings import Settings
from source_site import SourceSite
from state_machines import CustomResources, Cutover
from watch import RunDashboard

from stacks.procedure_inputs import collect_procedure_inputs
from stacks.replication_stack import ReplicationStack
from stacks.servers_stack import ServersStack
from stacks.test_launch_stack import TestLaunchStack


class MigrationStack(Stack):
    """The cutover. Every other resource exists before it starts."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        source: SourceSite,
        replication: ReplicationStack,
        test_launch: TestLaunchStack,
        servers: ServersStack,
        env: Environment,
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="Cutover: the cutover; temporary")
        custom_resources = CustomResources(
            self, "CustomResources", **collect_procedure_inputs(self, settings, source, replication)
        )
        custom_resources.grant_replica_removal()
        acknowledge_provider(custom_resources.node.find_child("Provider"))
        RunDashboard(self, "Watch", site=settings.site.name, lag=replication.lag.metrics, lost=test_launch.channel.lost)
        self._finish(
            Cutover(
                self,
                "Cutover",
                cutover_id=settings.cutover_id,
                function=self._import_procedure(test_launch),
                custom_resources=custom_resources,
                target=servers.build_run_target(),
                billed=servers.describe_billed(settings),
                names_elsewhere=not source.names.hosted_zone_id,
                has_gate=settings.cutover.has_gate,
                has_provider_events=test_launch.has_provider_events,
                hook_points=settings.hook_points,
            )
        )
        self.add_stack_dependency(test_launch)
        CfnOutput(self, "SiteUrl", value=settings.site.url, description="The site, where its users look for it")

    def _import_procedure(self, test_launch: TestLaunchStack) -> lambda_.IFunction:
        """Return the procedure's function, imported by its export: cdk-nag then gives a finding the same id before and after references are resolved."""
        arn = test_launch.export_value(test_launch.procedure.function.function_arn)
        return lambda_.Function.from_function_attributes(self, "Procedure", function_arn=arn, same_environment=True)

    def _finish(self, cutover: Cutover) -> None:
        """Make the cutover depend on every other resource, and add the outputs.

        A resource that failed after the cutover would make CloudFormation roll back a live site.
        """
        acknowledge_tasks(cutover.machine.state_machine)
        cutover.resource.node.add_dependency(*(child for child in self.node.children if child is not cutover))
        CfnOutput(self, "Run", value=cutover.run_id, description="The execution; evidence is in runs/<this>/")
        CfnOutput(self, "WindowSeconds", value=cutover.window_seconds, description="How long writes were refused")
        CfnOutput(
            self, "Warnings", value=f"[{cutover.warnings}]", description="What could not be done after the commit"
        )
