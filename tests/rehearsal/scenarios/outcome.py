"""After a scenario: the site is in exactly one of its states, and every acknowledged write is in it. For every scenario
alike.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

from procedure import plan

from tests.rehearsal.scenarios import states, words
from tests.rehearsal.scenarios.plugs import LOOK_SECONDS
from tests.rehearsal.scenarios.scenario import End, Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

WRITES_AFTER = 10
AFTER_SECONDS = 60.0


@dataclass
class Outcome:
    """`wrong` holds one sentence for each thing that must hold and does not. `reason`: what the deploy said."""

    end: str
    reason: str
    wrong: list[str] = field(default_factory=list)
    writes: int = 0
    refused_seconds: float = 0.0
    """the longest time between two acknowledged writes"""
    slowest: str = ""
    """step of the window, and its seconds"""
    back_seconds: float | None = None
    """from the failure of a step, with the source frozen, to the source taking writes again"""

    def __str__(self) -> str:
        said = f" ({self.reason})" if self.reason else ""
        account = (
            f"{self.end}{said}, {self.writes} acknowledged writes, {self.refused_seconds:.1f} s without"
            f" one{self.slowest}"
        )
        account += "" if self.back_seconds is None else f", open {self.back_seconds:.2f} s after the failure"
        return "; WRONG: ".join([account, *self.wrong])


def look(stage: Stage, scenario: Scenario, ended: Ended) -> Outcome:
    """Stops the client. Raises nothing for what is wrong with the site: it is all in the outcome."""
    committed = stage.record().get("decision") == "commit"
    outcome = Outcome(_end(stage, ended, committed), ended.reason)
    idle = stage.idle_faults()
    if scenario.ends != "either":
        outcome.wrong += [f"nothing was hit by {one}" for one in idle]
    elif idle:
        outcome.reason += f" [nothing was hit by {', '.join(idle)}]"
    if scenario.ends not in ("either", outcome.end):
        outcome.wrong.append(f"the site is {outcome.end}")
    good = outcome.end in ("migrated", "tested")
    if ended.ok is not good:
        outcome.wrong.append(f"the deploy said {'success' if ended.ok else 'failure'}, the site is {outcome.end}")
    said = (" ".join(str(value) for value in ended.data.values()) if good else ended.reason).lower()
    outcome.wrong += [f"{word!r} is not in {said!r}" for word in scenario.says if word.lower() not in said]
    if not good and scenario.spoken:
        outcome.wrong += words.lacking(ended.reason, stage.steps(), stage.killed)
    _writes_go_on(stage, outcome)
    stage.stop_writing()
    outcome.slowest = slowest(stage)
    outcome.wrong += states.migrated(stage, scenario) if committed else states.not_migrated(stage, scenario)
    outcome.wrong += states.images(stage, scenario.new_images + (outcome.end == "tested"))
    if stage.kind == "test-launch":
        outcome.wrong += states.untouched(stage)
    elif not committed and not scenario.left_alone:
        outcome.back_seconds = measure_recovery_seconds(stage)
    _acknowledged(stage, outcome)
    return outcome


def _end(stage: Stage, ended: Ended, committed: bool) -> End:
    if stage.kind == "test-launch" and not committed:
        return "tested" if ended.ok else "not tested"
    return "migrated" if committed else "not migrated"


def _writes_go_on(stage: Stage, outcome: Outcome) -> None:
    since, deadline = time.time(), time.monotonic() + AFTER_SECONDS
    taken = 0
    while taken < WRITES_AFTER and time.monotonic() < deadline:
        taken = sum(one.acknowledged and one.writes and one.sent > since for one in stage.operations())
        time.sleep(LOOK_SECONDS)
    if taken < WRITES_AFTER:
        outcome.wrong.append(f"only {taken} writes were acknowledged in {AFTER_SECONDS:.0f} s after the end")


def _acknowledged(stage: Stage, outcome: Outcome) -> None:
    """Each write is looked up by content where the name leads."""
    found = stage.writers.check()
    outcome.writes = found["acknowledged_writes"]
    outcome.wrong += [f"lost: {one}" for one in found["lost"][:3]]
    if gap := found["write_downtime"]:
        outcome.refused_seconds = gap["seconds"]


def measure_recovery_seconds(stage: Stage) -> float | None:
    """None when the source was not frozen, or nobody told when it was open again."""
    steps = stage.steps()
    failed = [one["ended"] for one in steps if one.get("outcome") == "failed"]
    opened = [one["facts"]["open_since"] for one in steps if "open_since" in one.get("facts", {})]
    if not failed or not opened:
        return None
    return (datetime.fromisoformat(opened[0]) - datetime.fromisoformat(min(failed))).total_seconds()


def slowest(stage: Stage) -> str:
    window = {step.name for step in plan.WINDOW}
    took = [(float(one["seconds"]), str(one["step"])) for one in stage.steps() if one.get("step") in window]
    return f" (slowest step: {max(took)[1]}, {max(took)[0]:.1f} s)" if took else ""
