"""Build the states of one step: invoke, check whether it is done, wait, invoke again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.errors import Retryable
from procedure.plan import WARN, Retry, Step

from state_machines.states import State

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

    entry: State
    done: State | None

    def leave(self, following: State) -> None:
        """Set the state after the step."""
        if self.done is None:
            self.entry.set_next(following)
        else:
            self.done.add_choice({"Variable": "$.memory.done", "BooleanEquals": True}, following)


class StepFactory:
    """Creates the states of steps in one state machine, which invoke the function with this ARN."""

    def __init__(self, function_arn: str, *, has_provider_events: bool = False) -> None:
        self._function_arn, self._has_provider_events = function_arn, has_provider_events

    def make(self, step: Step, *, name: str = "", with_error: bool = False, of: str = "") -> StepStates:
        """Create the states of a step. `with_error`: its input has the error that a Catch before it has caught (`of`: in which step)."""
        name = name or build_state_name(step)
        payload = {"step": step.name, "run.$": "$.run", "memory.$": "$.memory"}
        if with_error:
            payload["error.$"] = "$.error"
        if of:
            payload["of"] = of
        task = State(
            name,
            Retry=_build_retries(RETRY_POLICIES[step.retry]),
            Type="Task",
            Comment=step.phase,
            TimeoutSeconds=TASK_TIMEOUT_SECONDS,
            ResultPath="$.memory",
            Resource=self._function_arn,
            Parameters=payload,
        )
        if step.poll_interval_seconds == 0:
            return StepStates(task, None)
        is_event_driven = self._has_provider_events and step.waits_for_provider_events
        seconds = EVENT_POLL_INTERVAL_SECONDS if is_event_driven else step.poll_interval_seconds
        wait = State(f"{name}: wait", Type="Wait", Seconds=seconds).set_next(task)
        done = State(f"{name}: done?", Type="Choice").set_default(wait)
        task.set_next(done)
        return StepStates(task, done)

    def make_best_effort(self, step: Step, following: State) -> State:
        """Create a best-effort step: its failure becomes a warning, and the procedure goes on."""
        states = self.make(step)
        states.leave(following)
        warn = self.make(WARN, name=f"{build_state_name(step)}: warn", with_error=True, of=step.name).entry
        warn.set_next(following)
        warn.add_catch(following, result_path="$.error")
        states.entry.add_catch(warn, result_path="$.error")
        return states.entry


def _build_retries(policy: RetryPolicy) -> list[dict[str, object]]:
    return [
        {
            "ErrorEquals": errors,
            "IntervalSeconds": policy.first_interval_seconds,
            "MaxAttempts": policy.max_attempts,
            "BackoffRate": 2,
            "MaxDelaySeconds": policy.max_interval_seconds,
            "JitterStrategy": "FULL",
        }
        for errors in (list(Retryable.names), LAMBDA_ERRORS)
    ]


def build_state_name(step: Step) -> str:
    """Return the name of the step's state: `Freeze database` for `freeze-database`."""
    return step.name.replace("-", " ").capitalize()
