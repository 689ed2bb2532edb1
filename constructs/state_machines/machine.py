"""Build both state machines: forward until the commit or the end, back on any failure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct
from procedure.plan import CONCLUDE, DECIDE_ROLLBACK, LOCK, RELEASE
from procedure.step import Step

from state_machines.steps import StepFactory, build_state_name, make_reference

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
        self._factory = StepFactory(self, function, has_provider_events=has_provider_events)
        succeeded = sfn.Succeed(self, "Succeeded")
        conclude = self._build_failure()
        after_entry = self._make_best_effort(after, succeeded)
        decide = self._build_roll_back(back, conclude, after_entry)
        self.state_machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_chainable(
                self._build_forward(forward, after_entry, decide, conclude)
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

    def _build_forward(
        self, forward: Sequence[Step], following: sfn.IChainable, decide: sfn.IChainable, conclude: sfn.IChainable
    ) -> sfn.IChainable:
        """Return the first state of the run. A failed lock is not rolled back, because nothing was acquired."""
        entry: sfn.IChainable = following
        for step in reversed(forward):
            states = self._factory.make(step)
            states.leave(entry)
            self._catch(states.entry, step, conclude if step is LOCK else decide)
            entry = states.entry
        interrupted = sfn.Pass(self, "Was cut off", result=sfn.Result.from_object(INTERRUPTED), result_path="$.error")
        only_back = sfn.Condition.and_(
            sfn.Condition.is_present("$.run.rollback"), sfn.Condition.boolean_equals("$.run.rollback", True)
        )
        return sfn.Choice(self, "Only roll back?").when(only_back, interrupted.next(decide)).otherwise(entry)

    def _build_roll_back(self, back: Sequence[Step], conclude: sfn.IChainable, after: sfn.IChainable) -> sfn.IChainable:
        """Return the first state of the roll back. The decision is not best effort: without it the source's switch could decide otherwise."""
        entry = self._make_best_effort([*back, RELEASE], conclude)
        decide = self._factory.make(DECIDE_ROLLBACK, with_error=True)
        committed = sfn.Condition.boolean_equals("$.memory.committed", True)
        decide.leave(sfn.Choice(self, "Committed?").when(committed, after).otherwise(entry))
        self._catch_beside(decide.entry, DECIDE_ROLLBACK, conclude)
        return decide.entry

    def _catch(self, task: tasks.LambdaInvoke, step: Step, handler: sfn.IChainable) -> None:
        """Catch every failure of the task, and pass it with the name of its step to `handler`. The error of a crashed function does not name its step."""
        facts = {"Of": step.name, "Caught": make_reference("$.error")}
        failed = sfn.Pass(self, f"{build_state_name(step)}: failed", parameters=facts, result_path="$.error")
        task.add_catch(failed, errors=["States.ALL"], result_path="$.error")
        failed.next(handler)

    def _catch_beside(self, task: tasks.LambdaInvoke, step: Step, handler: sfn.IChainable) -> None:
        """Catch failures of a roll back step as `_catch` does, and keep the first failure, which caused the roll back."""
        facts = {
            "First": make_reference("$.error"),
            "Of": step.name,
            "Caught": make_reference("$.second"),
        }
        failed = sfn.Pass(self, f"{build_state_name(step)}: failed", parameters=facts, result_path="$.error")
        task.add_catch(failed, errors=["States.ALL"], result_path="$.second")
        failed.next(handler)

    def _make_best_effort(self, steps: Sequence[Step], following: sfn.IChainable) -> sfn.IChainable:
        entry = following
        for step in reversed(steps):
            entry = self._factory.make_best_effort(step, entry)
        return entry

    def _build_failure(self) -> sfn.IChainable:
        failed = sfn.Fail(self, "Failed", error="RunFailed", cause_path="$.memory.cause")
        unknown = sfn.Fail(self, "Failed without words", error="RunFailed", cause_path="$.error.Cause")
        conclude = self._factory.make(CONCLUDE, with_error=True)
        conclude.leave(failed)
        conclude.entry.add_catch(unknown, errors=["States.ALL"], result_path="$.error")
        return conclude.entry
