"""A test launch as a resource: it exists when a replica has passed and its image can be used."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from aws_cdk import CustomResource
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from procedure import hook_steps, plan

from state_machines.custom_resources import CustomResources
from state_machines.machine import ProcedureMachine


class TestLaunch(Construct):
    """The source is not touched. `image_id` is the image of the replica that passed."""

    __test__ = False  # for pytest: this is not a test

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cutover_id: str,
        function: lambda_.IFunction,
        custom_resources: CustomResources,
        target: Mapping[str, str] | None = None,
        has_provider_events: bool = False,
        hook_points: Collection[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.machine = ProcedureMachine(
            self,
            "Procedure",
            function=function,
            forward=hook_steps.add_hook_steps("test-launch", plan.TEST_LAUNCH, hook_points),
            after=(),
            back=hook_steps.add_hook_steps("test-launch", plan.TEST_LAUNCH_ROLLBACK, hook_points),
            has_provider_events=has_provider_events,
        )
        self.resource = CustomResource(
            self,
            "Run",
            resource_type="Custom::TestLaunch",
            service_token=custom_resources.grant_start(self.machine.state_machine),
            properties={
                "CutoverId": cutover_id,
                "StateMachineArn": self.machine.state_machine.state_machine_arn,
                "Target": dict(target or {}),
            },
        )
        self.image_id: str = self.resource.get_att_string("ImageId")
        self.run_id: str = self.resource.ref
