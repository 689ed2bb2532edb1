"""Define MigrationStack. Its deployment performs the migration."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from compliance import acknowledge_provider, acknowledge_tasks
from constructs import Construct
from providers import add_provider_events, create_provider
from report_channel import ReportChannel
from settings import Settings
from source_site import SourceSite
from state_machines import CustomResources, Cutover, ProcedureFunction, TestLaunch
from target_site import TargetFacts
from watch import RunDashboard

from stacks.procedure_inputs import collect_procedure_inputs
from stacks.replication_stack import ReplicationStack
from stacks.target_site_stack import TargetSiteStack


class MigrationStack(Stack):
    """Test launch, target site from its image, cutover, in this order.

    Every other resource exists before the cutover starts.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        source: SourceSite,
        replication: ReplicationStack,
        env: Environment,
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="Cutover: test launch, target site, cutover")
        site, access, names = settings.site, replication.access, source.names
        group_name = f"cutover-{site.name}"
        inputs = collect_procedure_inputs(self, settings, source, replication)
        channel = ReportChannel(
            self,
            "Reports",
            environment=inputs["environment"],
            runs_table=inputs["runs_table"],
            evidence=inputs["evidence"],
            publisher=replication.roles.replica,
        )
        facts = TargetFacts(
            self,
            "Facts",
            site=site,
            names=names,
            channel=channel,
            admission=access.admission,
            group_name=group_name,
        )
        events = add_provider_events(self, "ProviderEvents", provider=create_provider(settings.provider))
        procedure = ProcedureFunction(
            self,
            "Procedure",
            **inputs,
            replica_profile=replication.roles.replica_profile,
            reports=channel.queue,
            provider_events=events,
        )
        procedure.grant_ingress(access.admission.security_group_id)
        if names.hosted_zone_id:
            procedure.grant_dns_changes(names.hosted_zone_id)
        custom_resources = CustomResources(self, "CustomResources", **inputs)
        custom_resources.grant_replica_removal()
        acknowledge_provider(custom_resources.node.find_child("Provider"))
        test_launch = TestLaunch(
            self,
            "TestLaunch",
            cutover_id=settings.cutover_id,
            function=procedure.function,
            custom_resources=custom_resources,
            has_provider_events=events is not None,
        )
        test_launch.resource.node.add_dependency(channel, facts, *([events] if events else []))
        acknowledge_tasks(test_launch.machine.state_machine)
        target = TargetSiteStack(
            self,
            "TargetSite",
            settings=settings,
            replication=replication,
            image_id=test_launch.image_id,
            group_name=group_name,
        )
        RunDashboard(
            self,
            "Watch",
            site=site.name,
            lag=replication.lag.metrics,
            balancers=target.balancers,
            lost=channel.lost,
        )
        self._finish(
            Cutover(
                self,
                "Cutover",
                cutover_id=settings.cutover_id,
                function=procedure.function,
                custom_resources=custom_resources,
                target=target.build_run_target(),
                names_elsewhere=not names.hosted_zone_id,
                has_provider_events=events is not None,
            )
        )
        CfnOutput(self, "SiteUrl", value=site.url, description="The site, where its users look for it")
        CfnOutput(self, "ImageId", value=test_launch.image_id, description="Image of the replica that passed")

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
