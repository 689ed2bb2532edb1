"""The checks after every scenario: the site is in exactly one state and contains every acknowledged write."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from procedure import plan

from rehearsal.job.recovery_time import measure_recovery_seconds
from tests.rehearsal.scenarios import client_errors, failure_reasons, states
from tests.rehearsal.scenarios.fault_injection import POLL_INTERVAL_SECONDS
from tests.rehearsal.scenarios.scenario import End, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage

WRITES_AFTER = 10
WRITES_AFTER_TIMEOUT_SECONDS = 60.0


@dataclass
class Outcome:
    """The result of a scenario. `problems` has one sentence per violated condition, `reason` is the deploy's error."""

    end: str
    reason: str
    problems: list[str] = field(default_factory=list)
    writes: int = 0
    longest_gap_seconds: float = 0.0
    """the longest time between two acknowledged writes"""
    slowest_step: str = ""
    """the slowest step of the window, with its seconds"""
    recovery_seconds: float | None = None
    """from the failure of a step while the source was frozen until the source accepted writes again"""

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        summary = (
            f"{self.end}{reason}, {self.writes} acknowledged writes, {self.longest_gap_seconds:.1f} s without"
            f" one{self.slowest_step}"
        )
        summary += "" if self.recovery_seconds is None else f", open {self.recovery_seconds:.2f} s after the failure"
        return "; WRONG: ".join([summary, *self.problems])


def evaluate(stage: Stage, scenario: Scenario, result: RunResult) -> Outcome:
    """Stop the client and return the outcome. A problem of the site is part of the outcome and raises no error."""
    committed = stage.get_run_record().get("decision") == "commit"
    outcome = Outcome(_get_end(stage, result, committed), result.reason)
    unused = stage.list_unused_faults()
    if scenario.expected_end != "either":
        outcome.problems += [f"the fault {one} never occurred" for one in unused]
    elif unused:
        outcome.reason += f" [never occurred: {', '.join(unused)}]"
    if scenario.expected_end not in ("either", outcome.end):
        outcome.problems.append(f"the site is {outcome.end}")
    good = outcome.end in ("migrated", "tested")
    if result.succeeded is not good:
        reported = "success" if result.succeeded else "failure"
        outcome.problems.append(f"the deploy reported {reported}, the site is {outcome.end}")
    message = (" ".join(str(value) for value in result.data.values()) if good else result.reason).lower()
    missing = [text for text in scenario.reason_contains if text.lower() not in message]
    outcome.problems += [f"{text!r} is not in {message!r}" for text in missing]
    if not good and scenario.has_complete_reason:
        outcome.problems += failure_reasons.find_missing_parts(result.reason, stage.read_steps(), stage.powered_off)
    _check_writes_after_end(stage, outcome)
    stage.stop_writing()
    outcome.slowest_step = format_slowest_step(stage)
    find_problems = states.find_problems_of_migrated_site if committed else states.find_problems_of_open_source
    outcome.problems += find_problems(stage, scenario)
    outcome.problems += states.find_problems_of_provider(stage, scenario, committed=committed)
    new_images = scenario.image_replaced + (outcome.end == "tested")
    outcome.problems += states.find_problems_of_images(stage, new_images, replaced=scenario.image_replaced)
    outcome.problems += client_errors.find_problems(scenario, stage.read_operations(), stage.read_steps_of_all_runs())
    if stage.kind != "test-launch" and not committed and not scenario.only_dead_mans_switch:
        outcome.recovery_seconds = measure_recovery_seconds(stage.read_steps())
    _check_acknowledged_writes(stage, outcome)
    return outcome


def _get_end(stage: Stage, result: RunResult, committed: bool) -> End:
    if stage.kind == "test-launch" and not committed:
        return "tested" if result.succeeded else "not tested"
    return "migrated" if committed else "not migrated"


def _check_writes_after_end(stage: Stage, outcome: Outcome) -> None:
    since, deadline = time.time(), time.monotonic() + WRITES_AFTER_TIMEOUT_SECONDS
    acknowledged = 0
    while acknowledged < WRITES_AFTER and time.monotonic() < deadline:
        acknowledged = sum(one.acknowledged and one.writes and one.sent > since for one in stage.read_operations())
        time.sleep(POLL_INTERVAL_SECONDS)
    if acknowledged < WRITES_AFTER:
        outcome.problems.append(
            f"only {acknowledged} writes were acknowledged in {WRITES_AFTER_TIMEOUT_SECONDS:.0f} s after the end"
        )


def _check_acknowledged_writes(stage: Stage, outcome: Outcome) -> None:
    """Look up each acknowledged write by its content, at the address that the public name has now."""
    found = stage.writers.check()
    outcome.writes = found["acknowledged_writes"]
    outcome.problems += [f"lost: {one}" for one in found["lost"][:3]]
    if gap := found["write_downtime"]:
        outcome.longest_gap_seconds = gap["seconds"]


def format_slowest_step(stage: Stage) -> str:
    """Return the slowest step of the window with its seconds, or nothing if no step of the window ran."""
    window = {step.name for step in plan.WINDOW}
    durations = [(float(one["seconds"]), str(one["step"])) for one in stage.read_steps() if one.get("step") in window]
    return f" (slowest step: {max(durations)[1]}, {max(durations)[0]:.1f} s)" if durations else ""
