"""Crashes and timeouts of the procedure's function: once in each step, or in every attempt of one step."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.scenario import ANY_PROVIDER, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="migrated", providers=ANY_PROVIDER)
def function_crashes_before_each_step(stage: Stage) -> RunResult:
    """The procedure's function crashes once in each step of the cutover, before the step has any effect."""
    for step in plan.CUTOVER:
        stage.inject_fault("function-crash", step=step.name)
    return stage.run()


@Scenario(expected_end="migrated", providers=ANY_PROVIDER, always=True)
def function_crashes_after_each_step(stage: Stage) -> RunResult:
    """The procedure's function crashes once in each step of the cutover, after its work and before it returns. Every
    step runs twice.
    """
    for step in plan.CUTOVER:
        stage.inject_fault("function-crash", step=step.name, when="after")
    return stage.run()


@Scenario(expected_end="migrated")
def function_times_out_before_each_step(stage: Stage) -> RunResult:
    """The function times out once in each step of the cutover, before the step has any effect."""
    for step in plan.CUTOVER:
        stage.inject_fault("function-timeout", step=step.name)
    return stage.run()


@Scenario(expected_end="migrated")
def function_times_out_after_each_step_of_the_window(stage: Stage) -> RunResult:
    """The function times out once in each step of the window, after its work and before it returns."""
    for step in plan.WINDOW:
        stage.inject_fault("function-timeout", step=step.name, when="after")
    return stage.run()


@Scenario(expected_end="migrated")
def function_times_out_after_each_step_outside_the_window(stage: Stage) -> RunResult:
    """The function times out once in each step before and after the window, after its work and before it returns."""
    for step in (*plan.BEFORE_WINDOW, *plan.AFTER_COMMIT):
        stage.inject_fault("function-timeout", step=step.name, when="after")
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Verify",))
def function_crashes_for_ever_before_the_freeze(stage: Stage) -> RunResult:
    """The function crashes in each attempt of a step before the freeze."""
    stage.inject_fault("function-crash", step="verify", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Accept",))
def function_crashes_for_ever_in_the_window(stage: Stage) -> RunResult:
    """The function crashes in each attempt of a step in the window, after the targets were activated."""
    stage.inject_fault("function-crash", step="accept-live", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Commit",))
def function_crashes_for_ever_at_the_commit(stage: Stage) -> RunResult:
    """The function crashes in each attempt of the commit, before it writes."""
    stage.inject_fault("function-crash", step="commit", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", providers=ANY_PROVIDER, reason_contains=("Commit",))
def rollback_crashes_before_each_step(stage: Stage) -> RunResult:
    """The run fails in the window. The function crashes once in each step of the roll back, before the step has any
    effect.
    """
    for step in (plan.DECIDE_ROLLBACK, *plan.CUTOVER_ROLLBACK, plan.RELEASE, plan.CONCLUDE):
        stage.inject_fault("function-crash", step=step.name)
    stage.inject_fault("function-crash", step="commit", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", providers=ANY_PROVIDER, reason_contains=("Commit",))
def rollback_crashes_after_each_step(stage: Stage) -> RunResult:
    """The run fails in the window. The function crashes once in each step of the roll back, after its work and before
    it returns.
    """
    for step in (plan.DECIDE_ROLLBACK, *plan.CUTOVER_ROLLBACK, plan.RELEASE, plan.CONCLUDE):
        stage.inject_fault("function-crash", step=step.name, when="after")
    stage.inject_fault("function-crash", step="commit", times=0)
    return stage.run()
