"""After a scenario: the site is in exactly one of two states, and every acknowledged write is in it. For every scenario alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from procedure import plan

from rehearsal.demo_settings import SITE
from rehearsal.job.comparison import Comparison
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import LOOK_SECONDS, Ended, Stage

WRITES_AFTER = 10
AFTER_SECONDS = 60.0
SETTLE_SECONDS = 60.0


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
        account = f"{self.end}{said}, {self.writes} acknowledged writes, {self.refused_seconds:.1f} s without one{self.slowest}"
        account += "" if self.back_seconds is None else f", open {self.back_seconds:.2f} s after the failure"
        return "; WRONG: ".join([account, *self.wrong])


def look(stage: Stage, scenario: Scenario, ended: Ended) -> Outcome:
    """Stops the client. Raises nothing for what is wrong with the site: it is all in the outcome."""
    committed = stage.record().get("decision") == "commit"
    outcome = Outcome("migrated" if committed else "not migrated", ended.reason)
    idle = stage.idle_faults()
    if scenario.ends != "either":
        outcome.wrong += [f"nothing was hit by {one}" for one in idle]
    elif idle:
        outcome.reason += f" [nothing was hit by {', '.join(idle)}]"
    if scenario.ends not in ("either", outcome.end):
        outcome.wrong.append(f"the site is {outcome.end}")
    if ended.ok is not committed:
        outcome.wrong.append(f"the deploy said {'success' if ended.ok else 'failure'}, the site is {outcome.end}")
    said = (ended.reason if not committed else " ".join(str(value) for value in ended.data.values())).lower()
    outcome.wrong += [f"{word!r} is not in {said!r}" for word in scenario.says if word.lower() not in said]
    _writes_go_on(stage, outcome)
    stage.stop_writing()
    outcome.slowest = slowest(stage)
    (_migrated if committed else _not_migrated)(stage, scenario, outcome)
    _acknowledged(stage, outcome)
    return outcome


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


def _migrated(stage: Stage, scenario: Scenario, outcome: Outcome) -> None:
    until_true(outcome, "replica left running", lambda: "replica" not in stage.machines().values())
    _delta_closed(stage, outcome)
    until_true(outcome, "the group has not two targets", lambda: list(stage.machines().values()).count("target") >= 2)
    mode = stage.mode_of_source()
    if mode != ("forward" if scenario.forwards else "frozen"):
        outcome.wrong.append(f"the source is {mode}")
    overlap = stage.job.survey.overlap(stage.writers.ledger)
    if overlap.happened or overlap.apart is None:
        outcome.wrong.append(f"that only one site took writes at a time is not shown: {overlap}")
    compared = Comparison()
    stage.job.survey.compare(compared)
    outcome.wrong += [f"compared: {one}" for one in compared.findings[:3]]
    read_only = stage.on("source-database", "mysql", "-N", "-e", "SELECT @@GLOBAL.read_only").strip()
    if read_only != "1":
        outcome.wrong.append("the source's database takes writes")


def _not_migrated(stage: Stage, scenario: Scenario, outcome: Outcome) -> None:
    if stage.mode_of_source() != "open":
        outcome.wrong.append(f"the source is {stage.mode_of_source()}")
    if scenario.left_alone:
        return
    outcome.back_seconds = way_back(stage)
    record = stage.record()
    if "lock_expires" in record:
        outcome.wrong.append(f"the lock is still held in phase {record.get('phase')}")
    if (mode := stage.aws.client("ssm").get_parameter(Name=f"/cutover/{SITE}/mode")["Parameter"]["Value"]) != "scratch":
        outcome.wrong.append(f"the targets' mode is {mode}")
    if rules := admission_rules(stage):
        outcome.wrong.append(f"{rules} rules admit somebody to the target")
    until_true(outcome, "replica left running", lambda: "replica" not in stage.machines().values())
    _delta_closed(stage, outcome)
    if (status := replication_status(stage)) != "running":
        outcome.wrong.append(f"the replication task is {status}")


def _delta_closed(stage: Stage, outcome: Outcome) -> None:
    if "cutover-delta" in stage.on("source-app", "sh", "-c", "cat /var/lib/gogs/.ssh/authorized_keys || true"):
        outcome.wrong.append("the key of the delta may still read the source")


def way_back(stage: Stage) -> float | None:
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


def admission_rules(stage: Stage) -> int:
    group = stage.aws.parameter(f"/cutover/{SITE}/target")["admission_security_group_id"]
    found = stage.aws.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return sum(len(rule["IpRanges"]) for rule in found["IpPermissions"])


def replication_status(stage: Stage) -> str:
    arn = stage.facts()["replication_task_arn"]
    found = stage.aws.client("dms").describe_replication_tasks(
        Filters=[{"Name": "replication-task-arn", "Values": [arn]}]
    )["ReplicationTasks"][0]
    return str(found["Status"])


def until_true(outcome: Outcome, otherwise: str, true: Callable[[], bool]) -> None:
    """What takes its time after the answer: a machine that ends, one that is replaced."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            outcome.wrong.append(otherwise)
            return
        time.sleep(LOOK_SECONDS)
