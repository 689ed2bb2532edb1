"""The procedure's function dies or runs out of time: once in each step, or each time in one."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="migrated")
def function_crashes_before_each_step(stage: Stage) -> RunResult:
    """The procedure's function dies once in each step of the cutover, before it has done anything."""
    for step in plan.CUTOVER:
        stage.inject_fault("function-crash", step=step.name)
    return stage.run()


@Scenario(expected_end="migrated", always=True)
def function_crashes_after_each_step(stage: Stage) -> RunResult:
    """The procedure's function dies once in each step of the cutover, when all was done and nothing told: every step
    is done twice.
    """
    for step in plan.CUTOVER:
        stage.inject_fault("function-crash", step=step.name, when="after")
    return stage.run()


@Scenario(expected_end="migrated")
def function_times_out_before_each_step(stage: Stage) -> RunResult:
    """In each step of the cutover the function runs out of time once, before it has done anything."""
    for step in plan.CUTOVER:
        stage.inject_fault("function-timeout", step=step.name)
    return stage.run()


@Scenario(expected_end="migrated")
def function_times_out_after_each_step_of_the_window(stage: Stage) -> RunResult:
    """In each step of the window the function runs out of time once, when all was done and nothing told."""
    for step in plan.WINDOW:
        stage.inject_fault("function-timeout", step=step.name, when="after")
    return stage.run()


@Scenario(expected_end="migrated")
def function_times_out_after_each_step_outside_the_window(stage: Stage) -> RunResult:
    """In each step before and after the window the function runs out of time once, when all was done and nothing
    told.
    """
    for step in (*plan.BEFORE_WINDOW, *plan.AFTER_COMMIT):
        stage.inject_fault("function-timeout", step=step.name, when="after")
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Verify",))
def function_crashes_for_ever_before_the_freeze(stage: Stage) -> RunResult:
    """The function dies in each try of a step before the freeze."""
    stage.inject_fault("function-crash", step="verify", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Accept",))
def function_crashes_for_ever_in_the_window(stage: Stage) -> RunResult:
    """The function dies in each try of a step in the window, when the targets have turned to the live data."""
    stage.inject_fault("function-crash", step="accept-live", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Commit",))
def function_crashes_for_ever_at_the_commit(stage: Stage) -> RunResult:
    """The function dies in each try of the commit, before it writes."""
    stage.inject_fault("function-crash", step="commit", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Commit",))
def rollback_crashes_before_each_step(stage: Stage) -> RunResult:
    """The run fails in the window, and the function dies once in each step of the way back, before it has done
    anything.
    """
    for step in (plan.DECIDE_ROLLBACK, *plan.CUTOVER_ROLLBACK, plan.RELEASE, plan.CONCLUDE):
        stage.inject_fault("function-crash", step=step.name)
    stage.inject_fault("function-crash", step="commit", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Commit",))
def rollback_crashes_after_each_step(stage: Stage) -> RunResult:
    """The run fails in the window, and the function dies once in each step of the way back, when all was done and
    nothing told.
    """
    for step in (plan.DECIDE_ROLLBACK, *plan.CUTOVER_ROLLBACK, plan.RELEASE, plan.CONCLUDE):
        stage.inject_fault("function-crash", step=step.name, when="after")
    stage.inject_fault("function-crash", step="commit", times=0)
    return stage.run()
