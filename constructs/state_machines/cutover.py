"""The cutover as a resource. It must be the last one of its stack: after the commit no other resource may fail the deploy."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from aws_cdk import CustomResource
from aws_cdk import aws_lambda as lambda_
from common.site_parameters import RunTarget
from constructs import Construct
from procedure import hook_steps, plan

from state_machines.custom_resources import CustomResources
from state_machines.machine import ProcedureMachine


class Cutover(Construct):
    """State machine and custom resource. `target`: facts about the target site that its parameter cannot hold yet.

    `billed`: the servers and load balancers that stay when the cutover fails, for its message. `names_elsewhere`: the run waits until
    somebody has moved the public names. `has_gate`: the run waits before the freeze (`[cutover]` of migration.toml). `hook_points`: points at
    which the site's owner has hooks.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cutover_id: str,
        function: lambda_.IFunction,
        custom_resources: CustomResources,
        target: RunTarget,
        billed: str,
        names_elsewhere: bool = False,
        has_gate: bool = False,
        has_provider_events: bool = False,
        hook_points: Collection[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.machine = self._create_machine(
            function,
            hook_points,
            names_elsewhere=names_elsewhere,
            has_gate=has_gate,
            has_provider_events=has_provider_events,
        )
        self.resource = CustomResource(
            self,
            "Run",
            resource_type="Custom::Cutover",
            service_token=custom_resources.grant_start(self.machine.state_machine),
            properties={
                "CutoverId": cutover_id,
                "StateMachineArn": self.machine.state_machine.state_machine_arn,
                "Target": target.to_json(),
                "Billed": billed,
            },
        )
        self.run_id: str = self.resource.ref
        self.window_seconds: str = self.resource.get_att_string("WindowSeconds")
        self.warnings: str = self.resource.get_att_string("Warnings")

    def _create_machine(
        self,
        function: lambda_.IFunction,
        hook_points: Collection[str],
        *,
        names_elsewhere: bool,
        has_gate: bool,
        has_provider_events: bool,
    ) -> ProcedureMachine:
        add_hooks = partial(hook_steps.add_hook_steps, "cutover", points=hook_points)
        return ProcedureMachine(
            self,
            "Procedure",
            function=function,
            forward=add_hooks((*plan.list_steps_before_window(has_gate=has_gate), *plan.WINDOW)),
            after=add_hooks(plan.list_steps_after_commit(names_elsewhere=names_elsewhere)),
            back=add_hooks(plan.CUTOVER_ROLLBACK),
            has_provider_events=has_provider_events,
        )
