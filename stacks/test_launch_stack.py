"""Define TestLaunchStack: it makes the image of the site's servers from a replica that passed, and starts the servers from it."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from compliance import acknowledge_provider, acknowledge_tasks
from constructs import Construct
from providers import ProviderEvents, add_provider_events, create_provider
from report_channel import ReportChannel
from settings import Settings
from source_site import SourceSite
from state_machines import CustomResources, ProcedureFunction, StageServers, SuspendedReplicaExpiry, TestLaunch
from target_site import TargetFacts

from stacks.procedure_inputs import ProcedureInputs, collect_procedure_inputs
from stacks.replication_stack import ReplicationStack
from stacks.servers_stack import ServersStack


class TestLaunchStack(Stack):
    """Test launch, then the site's servers on the scratch copy. A failed cutover leaves both for the next one."""

    __test__ = False  # for pytest: this is not a test

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        source: SourceSite,
        replication: ReplicationStack,
        servers: ServersStack,
        env: Environment,
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="Cutover: test launch and its image; temporary")
        data = replication.data
        inputs = collect_procedure_inputs(self, settings, source, replication)
        self.channel = ReportChannel(
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
            site=settings.site,
            names=source.names,
            channel=self.channel,
            admission=data.access.admission,
            group_name=data.group_name,
        )
        events = add_provider_events(self, "ProviderEvents", provider=create_provider(settings.provider))
        self.has_provider_events = events is not None
        self.procedure = self._create_procedure(inputs, source, replication, events)
        expiry = SuspendedReplicaExpiry(self, "Expiry", **inputs)
        custom_resources = CustomResources(self, "CustomResources", **inputs)
        custom_resources.grant_replica_removal()
        acknowledge_provider(custom_resources.node.find_child("Provider"))
        test_launch = TestLaunch(
            self,
            "TestLaunch",
            cutover_id=settings.cutover_id,
            function=self.procedure.function,
            custom_resources=custom_resources,
            has_provider_events=self.has_provider_events,
            hook_points=settings.hook_points,
        )
        test_launch.resource.node.add_dependency(self.channel, facts, expiry, *([events] if events else []))
        acknowledge_tasks(test_launch.machine.state_machine)
        StageServers(
            self,
            "StageServers",
            custom_resources=custom_resources,
            stack_name=servers.stack_name,
            group_name=data.group_name,
            image_id=test_launch.image_id,
        )
        self.add_stack_dependency(servers)
        CfnOutput(self, "ImageId", value=test_launch.image_id, description="Image of the replica that passed")

    def _create_procedure(
        self,
        inputs: ProcedureInputs,
        source: SourceSite,
        replication: ReplicationStack,
        events: ProviderEvents | None,
    ) -> ProcedureFunction:
        """Create the function of the procedure, which may open the site to the internet and move its names in Route 53."""
        procedure = ProcedureFunction(
            self,
            "Procedure",
            **inputs,
            replica_profile=replication.roles.replica_profile,
            reports=self.channel.queue,
            messages=replication.messages,
            provider_events=events,
        )
        procedure.grant_ingress(replication.data.access.admission.security_group_id)
        if source.names.hosted_zone_id:
            procedure.grant_dns_changes(source.names.hosted_zone_id)
        return procedure
