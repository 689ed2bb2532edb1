"""Do what all steps have in common: lock, time limit, evidence, messages. The work of each is in `step_functions`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from common.clients.run_record import Record
from common.clock import Clock, format_iso
from common.errors import CutoverError, Retryable, RunAborted, StepFailed
from common.run import Run
from common.settings import Settings

from procedure.context import CaughtError, Context, Toolbox
from procedure.evidence_names import format_evidence_name
from procedure.logic.failure import add_failed_step, parse_caught_error
from procedure.outcome import Done, Outcome, Pending
from procedure.plan import ALL, LOCK
from procedure.state.state import State
from procedure.step import Step
from procedure.step_functions import STEPS
from procedure.steps import checkpoint, messages

WITHOUT_LOCK = frozenset({"conclude", "warn"})
RELEASING = frozenset({"finish", "release"})
"""steps that release the lock; they may be repeated when their response was lost"""
FIRST_INLINE_INTERVAL_SECONDS = 0.1
"""of a step whose longest interval is at least twice as long; in the window, half of the longest one"""
Observer = Callable[[Step, str, Mapping[str, Any]], None]


class Registry:
    """Performs steps of one execution."""

    def __init__(self, settings: Settings, tools: Toolbox, clock: Clock, observe: Observer, *, by: str = "") -> None:
        """Keep what every step needs. `by`: the function's ARN and request, for the evidence."""
        self._settings, self._tools, self._clock, self._observe, self._by = settings, tools, clock, observe, by

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Perform one invocation of a step. Return the new state; `done` shows whether the state machine goes on. Raises common.errors."""
        step = ALL.get(str(event["step"]))
        if step is None:
            raise StepFailed(
                f"unknown step {event['step']!r}",
                next_action="deploy again: state machine and function are of different versions",
            )
        run = Run.parse(event["run"])
        state = _read_state(step, event.get("memory"))
        state.done = False
        caught_error = self._read_caught_error(event, step, state)
        began = state.began.setdefault(step.name, self._clock.now())
        context: Context | None = None
        try:
            context = self._open_context(run, step, state, caught_error)
            known = len(state.warnings)
            outcome = self._perform(context, began)
            self._notify(context, outcome, known)
            if isinstance(outcome, Pending):
                self._check_limit(context, outcome, began)
                self._observe(step, "pending", {"waiting_for": outcome.waiting_for})
                return state.to_json()
        except CutoverError as error:
            error.phase = error.phase or step.phase
            result = "retry" if isinstance(error, Retryable) else "failed"
            self._observe(step, result, error.to_facts())
            # A failure of the run, although the step did not begin.
            if context is None and isinstance(error, RunAborted):
                context = self._create_context(run, step, state, Record(), caught_error)
            if context is not None:
                self._write_evidence(context, began, result, error.to_facts())
            raise
        checkpoint.save_checkpoint(context)
        self._write_evidence(context, began, "done", outcome.facts)
        self._observe(step, "done", {"seconds": round(self._clock.now() - began, 3)})
        state.done = True
        state.began.pop(step.name, None)
        return state.to_json()

    def _notify(self, context: Context, outcome: Outcome, known: int) -> None:
        """Send messages to people, and report new warnings of a committed run. Those of a run that rolls back are in the reason of the failed deploy."""
        messages.announce(context, outcome)
        fresh = context.state.warnings[known:]
        if fresh and context.record.committed:
            self._observe(context.step, "warned", {"warnings": fresh})

    def _read_caught_error(self, event: Mapping[str, Any], step: Step, state: State) -> CaughtError:
        """Return the error that a Catch passed on. The first failure of the run is kept in the state."""
        error = event.get("error") or {}
        if error and step.name == "decide-rollback":
            state.rollback.failure = state.rollback.failure or parse_caught_error(
                add_failed_step(error, self._tools.runs.read())
            )
        return CaughtError(error, str(event.get("of", "")))

    def _open_context(self, run: Run, step: Step, state: State, caught_error: CaughtError) -> Context:
        runs, seconds = self._tools.runs, self._settings.limits.lock_lease
        if step.name == "lock":
            record = runs.acquire(run.run_id, run.kind, seconds=seconds)
        elif step.name in WITHOUT_LOCK or (step.name in RELEASING and runs.is_released(run.run_id)):
            record = runs.read()
        else:
            record = runs.renew_lock(run.run_id, step.name, seconds=seconds, heed_abort=step.abortable)
        return self._create_context(run, step, state, record, caught_error)

    def _create_context(self, run: Run, step: Step, state: State, record: Record, caught_error: CaughtError) -> Context:
        return Context(
            run=run,
            step=step,
            settings=self._settings,
            tools=self._tools,
            clock=self._clock,
            record=record,
            state=state,
            caught=caught_error,
        )

    def _perform(self, context: Context, began: float) -> Outcome:
        """Perform the step, and poll for a while: one more turn of the state machine takes most of a second."""
        perform, until = STEPS[context.step.name], self._clock.now() + context.step.max_inline_wait_seconds
        limit = began + self._get_limit(context.step)
        longest, has_written = context.step.max_inline_interval_seconds, False
        interval = min(FIRST_INLINE_INTERVAL_SECONDS, longest / 2)
        while True:
            outcome = perform(context)
            if isinstance(outcome, Done):
                return outcome
            polled = self._clock.now()
            messages.announce_freeze(context)
            if not has_written:
                self._write_unwritten_evidence(context)
                has_written = True
            if polled + interval > min(until, limit):
                return outcome
            self._clock.sleep(max(0.0, polled + interval - self._clock.now()))
            interval = min(interval * 1.5, longest)

    def _get_limit(self, step: Step) -> int:
        return int(getattr(self._settings.limits, step.limit))

    def _check_limit(self, context: Context, outcome: Pending, began: float) -> None:
        step, limit = context.step, self._get_limit(context.step)
        if step.poll_interval_seconds == 0:  # the state machine would go on
            raise StepFailed(
                f"{step.name} is not done and cannot be waited for", next_action="this is a defect: report it"
            )
        late = step.abortable and context.time_left <= 0
        if late or self._clock.now() - began >= limit:
            since = "the deploy gives up soon, and it is" if late else f"after {limit} s"
            raise StepFailed(
                f"{since} still waiting for {outcome.waiting_for}",
                machine=outcome.machine,
                next_action=outcome.next_action or ("find what took so long in the evidence" if late else ""),
            )

    def _write_evidence(self, context: Context, began: float, outcome: str, facts: Mapping[str, Any]) -> None:
        """Write the evidence of the step. After the freeze, a failure to write is only logged: a later step writes the record.

        Users do not wait for a write: the record of a step that is done is written when the next one waits for a machine.
        """
        now = self._clock.now()
        body = {
            "step": context.step.name,
            "phase": context.step.phase,
            "run_id": context.run.run_id,
            "by": self._by,
            "outcome": outcome,
            "began": format_iso(began),
            "ended": format_iso(now),
            "seconds": round(now - began, 3),
            # As JSON, because a record may wait in the state of the execution.
            "facts": json.loads(json.dumps(dict(facts), default=str)),
        }
        context.state.unwritten_evidence[format_evidence_name(context.run.kind, context.step.name)] = body
        if outcome == "done" and context.step.users_wait:
            return
        required = outcome == "done" and context.step.abortable and not context.state.window.frozen_at
        self._write_unwritten_evidence(context, required=required)

    def _write_unwritten_evidence(self, context: Context, *, required: bool = False) -> None:
        """Write the records that wait. Raises CutoverError when the bucket fails and the run must not go on without the record."""
        waiting = context.state.unwritten_evidence
        try:
            for name in list(waiting):
                context.evidence.write(name, waiting[name])
                del waiting[name]
        except CutoverError as error:
            self._observe(context.step, "evidence-lost", error.to_facts())
            if required:
                raise


def _read_state(step: Step, raw: Any) -> State:
    """Return the state. An unreadable state stops a run before the commit; roll back and the steps after the commit work without it."""
    try:
        return State.parse(raw)
    except StepFailed as unreadable:
        if step.abortable or step is LOCK:
            unreadable.phase = step.phase
            raise
        return State(warnings=[unreadable.to_sentence()])
