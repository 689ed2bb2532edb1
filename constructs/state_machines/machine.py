"""Build both state machines: forward until the commit or the end, back on any failure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from procedure.plan import CONCLUDE, DECIDE_ROLLBACK, LOCK, RELEASE, Step

from state_machines.states import State, render_machine
from state_machines.steps import StepFactory, build_state_name

_STOPPED = {
    "reason": "the execution was stopped from outside before the run was over; what it had begun was taken up afterwards",
    "next": "deploy again",
}
INTERRUPTED = {"Error": "RunAborted", "Cause": json.dumps({"errorMessage": json.dumps(_STOPPED)})}
"""The error as a Catch would have written it. The run record has the step."""


class ProcedureMachine(Construct):
    """The state machine of a kind of run.

    lock -> forward … -> [after the commit …] -> succeeded
               any failure -> decide -> back … -> release -> failed, with the first failure as its cause

    `after` runs after the point of no return: its failures are warnings. Input: `{"run": {…}, "memory": {}}`; with
    `run.rollback` the machine only rolls that run back.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.IFunction,
        forward: Sequence[Step],
        after: Sequence[Step],
        back: Sequence[Step],
        has_provider_events: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self._factory = StepFactory(function.function_arn, has_provider_events=has_provider_events)
        succeeded = State("Succeeded", Type="Succeed")
        conclude = self._build_failure()
        after_entry = self._make_best_effort(after, succeeded)
        decide = self._build_roll_back(back, conclude, after_entry)
        self.state_machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_string(
                render_machine(self._build_forward(forward, after_entry, decide, conclude))
            ),
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    self, "Log", retention=logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY
                ),
                level=sfn.LogLevel.ALL,
                include_execution_data=True,
            ),
        )
        function.grant_invoke(self.state_machine)

    def _build_forward(self, forward: Sequence[Step], following: State, decide: State, conclude: State) -> State:
        """Return the first state of the run. A failed lock is not rolled back, because nothing was acquired."""
        entry = following
        for step in reversed(forward):
            states = self._factory.make(step)
            states.leave(entry)
            self._catch(states.entry, step, conclude if step is LOCK else decide)
            entry = states.entry
        interrupted = State("Was cut off", Type="Pass", Result=INTERRUPTED, ResultPath="$.error")
        only_back = {
            "And": [
                {"Variable": "$.run.rollback", "IsPresent": True},
                {"Variable": "$.run.rollback", "BooleanEquals": True},
            ]
        }
        choice = State("Only roll back?", Type="Choice")
        return choice.add_choice(only_back, interrupted.set_next(decide)).set_default(entry)

    def _build_roll_back(self, back: Sequence[Step], conclude: State, after: State) -> State:
        """Return the first state of the roll back. The decision is not best effort: without it the source's switch could decide otherwise."""
        entry = self._make_best_effort([*back, RELEASE], conclude)
        decide = self._factory.make(DECIDE_ROLLBACK, with_error=True)
        committed = {"Variable": "$.memory.committed", "BooleanEquals": True}
        decide.leave(State("Committed?", Type="Choice").add_choice(committed, after).set_default(entry))
        self._catch_beside(decide.entry, DECIDE_ROLLBACK, conclude)
        return decide.entry

    def _catch(self, task: State, step: Step, handler: State) -> None:
        """Catch every failure of the task, and pass it with the name of its step to `handler`. The error of a crashed function does not name its step."""
        self._catch_at("$.error", task, step, handler, {"Of": step.name, "Caught.$": "$.error"})

    def _catch_beside(self, task: State, step: Step, handler: State) -> None:
        """Catch failures of a roll back step as `_catch` does, and keep the first failure, which caused the roll back."""
        facts = {"First.$": "$.error", "Of": step.name, "Caught.$": "$.second"}
        self._catch_at("$.second", task, step, handler, facts)

    @staticmethod
    def _catch_at(path: str, task: State, step: Step, handler: State, facts: Mapping[str, str]) -> None:
        failed = State(f"{build_state_name(step)}: failed", Type="Pass", ResultPath="$.error", Parameters=facts)
        task.add_catch(failed, result_path=path)
        failed.set_next(handler)

    def _make_best_effort(self, steps: Sequence[Step], following: State) -> State:
        entry = following
        for step in reversed(steps):
            entry = self._factory.make_best_effort(step, entry)
        return entry

    def _build_failure(self) -> State:
        failed = State("Failed", Type="Fail", Error="RunFailed", CausePath="$.memory.cause")
        unknown = State("Failed without words", Type="Fail", Error="RunFailed", CausePath="$.error.Cause")
        conclude = self._factory.make(CONCLUDE, with_error=True)
        conclude.leave(failed)
        conclude.entry.add_catch(unknown, result_path="$.error")
        return conclude.entry
