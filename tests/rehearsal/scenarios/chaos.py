"""`make chaos SEED=… RUNS=…`: what is broken, at which step and how much later, is drawn by seed; the site must end in
one of the two states.

A run's seed is SEED plus its number. The seeds of runs that failed are printed at the end: SEED=that RUNS=1 draws the
same again.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from procedure import plan

from rehearsal.errors import RehearsalError
from tests.rehearsal.scenarios import outcome
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage
from tests.rehearsal.scenarios.worlds import open_world

STEPS = [step.name for step in plan.CUTOVER if step.name != "lock"]
LATEST_SECONDS = 2.0
SERVICES = (("source-app", "gogs.service"), ("source-app", "haproxy.service"), ("source-database", "mariadb.service"))
CALLS = (
    ("s3", "PutObject"),
    ("dynamodb", "UpdateItem"),
    ("ssm", "SendCommand"),
    ("ssm", "GetCommandInvocation"),
    ("ssm", "PutParameter"),
    ("sqs", "ReceiveMessage"),
    ("ec2", "AuthorizeSecurityGroupIngress"),
    ("ec2", "DescribeInstances"),
    ("dms", "DescribeReplicationTasks"),
    ("route53", "ChangeResourceRecordSets"),
)


@dataclass(frozen=True)
class Draw:
    """`strike` breaks something, `delay` seconds after `step` has begun. `again`: CloudFormation deletes the resource
    afterwards.
    """

    words: str
    step: str
    delay: float
    strike: Callable[[Stage], None]
    again: bool = False


def draw(seed: int) -> Draw:
    rng = random.Random(seed)
    step, delay = rng.choice(STEPS), rng.choice((0.0, rng.uniform(0, LATEST_SECONDS)))
    words, strike, again = rng.choice(
        (_function, _function, _call, _machine, _service, _console, _replication, _event)
    )(rng, step)
    return Draw(f"{words}, {delay:.2f} s after {step} began", step, delay, strike, again)


Drawn = tuple[str, Callable[[Stage], None], bool]


def _function(rng: random.Random, step: str) -> Drawn:
    kind, when, times = rng.choice(("crash", "timeout")), rng.choice(("before", "after")), rng.choice((1, 2, 0))
    following = STEPS[min(STEPS.index(step) + rng.randint(0, 2), len(STEPS) - 1)]

    def strike(stage: Stage) -> None:
        stage.inject_fault(f"function-{kind}", step=following, when=when, times=times)

    return f"the function's {kind} {when} {following} ({times or 'for ever'})", strike, False


def _call(rng: random.Random, _step: str) -> Drawn:
    (service, action), when = rng.choice(CALLS), rng.choice(("before", "after"))
    times, nth = rng.choice((1, 3, 30)), rng.randint(1, 5)

    def strike(stage: Stage) -> None:
        stage.inject_fault(
            "api-error",
            service=service,
            action=action,
            when=when,
            times=times,
            nth=nth,
            code="InternalError",
            status=500,
        )

    return f"{service} {action} answers 500 {times} times {when} the effect", strike, False


def _machine(rng: random.Random, _step: str) -> Drawn:
    role = rng.choice(("replica", "target", "target"))

    def strike(stage: Stage) -> None:
        if role in stage.list_running_machines().values():
            stage.cut_power(role)

    return f"a {role} loses its power", strike, False


def _service(rng: random.Random, _step: str) -> Drawn:
    machine, unit = rng.choice(SERVICES)
    return f"{unit} of {machine} is killed", lambda stage: stage.kill_unit(machine, unit), False


def _console(rng: random.Random, _step: str) -> Drawn:
    status, times = rng.choice((401, 403, 409, 429, 500, 503)), rng.choice((1, 3, 0))

    def strike(stage: Stage) -> None:
        stage.inject_console_fault("http", path="*", status=status, times=times)

    return f"the console answers {status} ({times or 'for ever'})", strike, False


def _replication(rng: random.Random, _step: str) -> Drawn:
    if rng.random() < 0.5:
        return "the replication task fails", lambda stage: stage.inject_dms_fault("fail", message="ordered"), False
    return "the replication lags by an hour", lambda stage: stage.inject_dms_fault("lag", seconds=3600.0), False


def _event(rng: random.Random, _step: str) -> Drawn:
    if rng.random() < 0.5:
        return "the execution is stopped by hand", lambda stage: stage.stop_execution(), True
    return "the resource is deleted", _delete, False


def _delete(stage: Stage) -> None:
    stage.delete_resource()


def run(stage: Stage, drawn: Draw) -> outcome.Outcome:
    """Raises RehearsalError when the world itself does not do what it must."""

    def act(stage: Stage) -> RunResult:
        pending = stage.start_run()
        with stage.hold_at(drawn.step):
            if not drawn.delay:
                drawn.strike(stage)
        if drawn.delay:
            time.sleep(drawn.delay)  # the time that was drawn
            drawn.strike(stage)
        result = stage.wait_for_result(pending)
        if drawn.again and not result.succeeded:
            stage.wait_for_result(stage.delete_resource())
        return result

    stage.reset()
    return outcome.evaluate(stage, Scenario(expected_end="either"), act(stage))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    failed: dict[int, str] = {}
    with open_world() as stage:
        for seed in range(options.seed, options.seed + options.runs):
            drawn = draw(seed)
            print(f"seed {seed}: {drawn.words}", flush=True)
            try:
                found = run(stage, drawn)
                wrong = "; ".join(found.problems)
                print(
                    f"seed {seed}: {found.end}, {found.writes} writes, refused for {found.longest_gap_seconds:.1f} s"
                    f" {wrong}"
                )
            except (RehearsalError, AssertionError) as error:
                wrong = f"{type(error).__name__}: {error}"
                print(f"seed {seed}: {wrong}")
            if wrong:
                failed[seed] = f"{drawn.words}: {wrong}"
    for seed, why in failed.items():
        print(f"failed: SEED={seed} RUNS=1   {why}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
