"""Build the states of one step: invoke, check whether it is done, wait, invoke again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from aws_cdk import Duration, IResolvable
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from common.errors import Retryable
from constructs import Construct
from procedure.plan import WARN
from procedure.step import Retry, Step

TASK_TIMEOUT_SECONDS = 90
EVENT_POLL_INTERVAL_SECONDS = 1
"""between two invocations that wait for an event of the provider: nobody waits for it meanwhile"""
LAMBDA_ERRORS = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
]
"""The function did not run, or did not return: every step may be repeated"""


@dataclass(frozen=True)
class RetryPolicy:
    max_attempts: int
    first_interval_seconds: int
    max_interval_seconds: int


RETRY_POLICIES: Mapping[Retry, RetryPolicy] = {
    Retry.NORMAL: RetryPolicy(max_attempts=6, first_interval_seconds=2, max_interval_seconds=20),
    Retry.FAST: RetryPolicy(max_attempts=4, first_interval_seconds=1, max_interval_seconds=4),
    Retry.PERSISTENT: RetryPolicy(max_attempts=12, first_interval_seconds=1, max_interval_seconds=20),
}


@dataclass(frozen=True)
class StepStates:
    """The states of a step: `entry` is the first one, `leave(next)` sets the state after the step."""

    entry: tasks.LambdaInvoke
    done: sfn.Choice | None

    def leave(self, following: sfn.IChainable) -> None:
        """Set the state after the step."""
        if self.done is None:
            self.entry.next(following)
        else:
            self.done.when(make_true_condition("$.memory.done"), following)


class StepFactory:
    """Creates the states of steps in one state machine."""

    def __init__(self, scope: Construct, function: lambda_.IFunction, *, has_provider_events: bool = False) -> None:
        self._scope, self._function, self._has_provider_events = scope, function, has_provider_events

    def make(self, step: Step, *, name: str = "", with_error: bool = False, of: str = "") -> StepStates:
        """Create the states of a step. `with_error`: its input has the error that a Catch before it has caught (`of`: in which step)."""
        name = name or build_state_name(step)
        payload: dict[str, object] = {
            "step": step.name,
            "run": make_reference("$.run"),
            "memory": make_reference("$.memory"),
        }
        if with_error:
            payload["error"] = make_reference("$.error")
        if of:
            payload["of"] = of
        task = tasks.LambdaInvoke(
            self._scope,
            name,
            comment=step.phase,
            lambda_function=self._function,
            payload=sfn.TaskInput.from_object(payload),
            payload_response_only=True,
            result_path="$.memory",
            retry_on_service_exceptions=False,
            task_timeout=make_timeout(TASK_TIMEOUT_SECONDS),
        )
        self._retry(task, RETRY_POLICIES[step.retry])
        if step.poll_interval_seconds == 0:
            return StepStates(task, None)
        is_event_driven = self._has_provider_events and step.waits_for_provider_events
        seconds = EVENT_POLL_INTERVAL_SECONDS if is_event_driven else step.poll_interval_seconds
        wait = sfn.Wait(self._scope, f"{name}: wait", time=make_wait_time(seconds))
        done = sfn.Choice(self._scope, f"{name}: done?").otherwise(wait.next(task))
        task.next(done)
        return StepStates(task, done)

    @staticmethod
    def _retry(task: tasks.LambdaInvoke, policy: RetryPolicy) -> None:
        for errors in (list(Retryable.names), LAMBDA_ERRORS):
            task.add_retry(
                errors=errors,
                interval=make_duration(policy.first_interval_seconds),
                max_attempts=policy.max_attempts,
                backoff_rate=2,
                max_delay=make_duration(policy.max_interval_seconds),
                jitter_strategy=sfn.JitterType.FULL,
            )

    def make_best_effort(self, step: Step, following: sfn.IChainable) -> tasks.LambdaInvoke:
        """Create a best-effort step: its failure becomes a warning, and the procedure goes on."""
        states = self.make(step)
        states.leave(following)
        warn = self.make(WARN, name=f"{build_state_name(step)}: warn", with_error=True, of=step.name).entry
        warn.next(following)
        warn.add_catch(following, errors=["States.ALL"], result_path="$.error")
        states.entry.add_catch(warn, errors=["States.ALL"], result_path="$.error")
        return states.entry


# Each of these values is a call to Node.js, and a state machine uses the same few hundreds of times. None of them belongs to an app.


@cache
def make_reference(path: str) -> IResolvable:
    """Return a reference to the value at a path of the state's input."""
    return sfn.JsonPath.object_at(path)


@cache
def make_duration(seconds: int) -> Duration:
    """Return a number of seconds as the CDK expects it."""
    return Duration.seconds(seconds)


@cache
def make_timeout(seconds: int) -> sfn.Timeout:
    """Return the timeout of a task."""
    return sfn.Timeout.duration(make_duration(seconds))


@cache
def make_wait_time(seconds: int) -> sfn.WaitTime:
    """Return the time of a wait state."""
    return sfn.WaitTime.duration(make_duration(seconds))


@cache
def make_true_condition(path: str) -> sfn.Condition:
    """Return the condition that the value at a path of the state's input is true."""
    return sfn.Condition.boolean_equals(path, True)


def build_state_name(step: Step) -> str:
    """Return the name of the step's state: `Freeze database` for `freeze-database`."""
    return step.name.replace("-", " ").capitalize()
