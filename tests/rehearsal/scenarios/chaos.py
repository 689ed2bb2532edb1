"""`make chaos SEED=… RUNS=…`: random faults. The seed selects the fault, its step and its delay.

After each run the site must be in one of the two states. The seed of a run is SEED plus its number. The last lines of
the output are the seeds of failed runs. SEED=seed RUNS=1 repeats one of them, with the same PROVIDER and SOURCE.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from procedure import plan

from rehearsal.errors import RehearsalError
from tests.rehearsal.scenarios import outcome
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage
from tests.rehearsal.scenarios.worlds import open_world

STEPS = [step.name for step in plan.CUTOVER if step.name != "lock"]
LATEST_SECONDS = 2.0
CALLS: tuple[tuple[str, str], ...] = (
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
CALLS_OF_PROVIDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "cloudendure": (),
    "mgn": (("mgn", "StartCutover"), ("mgn", "DescribeJobs"), ("mgn", "DescribeSourceServers")),
}


@dataclass(frozen=True)
class Draw:
    """A fault that `inject` injects `delay_seconds` after the start of `step`.

    With `delete_after_failure` CloudFormation deletes the resource of a failed run.
    """

    description: str
    step: str
    delay_seconds: float
    inject: Callable[[Stage], None]
    delete_after_failure: bool = False


def draw_fault(seed: int, provider: str) -> Draw:
    """Draw fault, step and delay. The same seed gives the same draw with the same provider."""
    rng = random.Random(seed)
    step, delay = rng.choice(STEPS), rng.choice((0.0, rng.uniform(0, LATEST_SECONDS)))
    kinds: list[Callable[[random.Random, str], Drawn]] = [
        _function,
        _function,
        partial(_call, provider),
        _machine,
        _service,
        _replication,
        _event,
    ]
    if provider == "cloudendure":
        kinds.append(_console)
    description, inject, delete_after_failure = rng.choice(kinds)(rng, step)
    return Draw(f"{description}, {delay:.2f} s after the start of {step}", step, delay, inject, delete_after_failure)


Drawn = tuple[str, Callable[[Stage], None], bool]


def _function(rng: random.Random, step: str) -> Drawn:
    kind, when, times = rng.choice(("crash", "timeout")), rng.choice(("before", "after")), rng.choice((1, 2, 0))
    following = STEPS[min(STEPS.index(step) + rng.randint(0, 2), len(STEPS) - 1)]

    def inject(stage: Stage) -> None:
        stage.inject_fault(f"function-{kind}", step=following, when=when, times=times)

    return f"the function's {kind} {when} {following} ({times or 'always'})", inject, False


def _call(provider: str, rng: random.Random, _step: str) -> Drawn:
    (service, action), when = rng.choice((*CALLS, *CALLS_OF_PROVIDER[provider])), rng.choice(("before", "after"))
    times, nth = rng.choice((1, 3, 30)), rng.randint(1, 5)

    def inject(stage: Stage) -> None:
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

    return f"{service} {action} fails with 500 {times} times {when} its effect", inject, False


def _machine(rng: random.Random, _step: str) -> Drawn:
    role = rng.choice(("replica", "target", "target"))

    def inject(stage: Stage) -> None:
        if role in stage.list_running_machines().values():
            stage.cut_power(role)

    return f"a {role} loses power", inject, False


def _service(rng: random.Random, _step: str) -> Drawn:
    machine, program = rng.choice(
        (("source-app", "application"), ("source-app", "proxy"), ("source-database", "database"))
    )

    def inject(stage: Stage) -> None:
        site = stage.job.site
        units = {"application": site.unit, "proxy": "haproxy.service", "database": site.database_unit}
        stage.kill_unit(machine, units[program])

    return f"the {program} of {machine} is killed", inject, False


def _console(rng: random.Random, _step: str) -> Drawn:
    status, times = rng.choice((401, 403, 409, 429, 500, 503)), rng.choice((1, 3, 0))

    def inject(stage: Stage) -> None:
        stage.inject_console_fault("http", path="*", status=status, times=times)

    return f"the console returns {status} ({times or 'always'})", inject, False


def _replication(rng: random.Random, _step: str) -> Drawn:
    if rng.random() < 0.5:
        return "the replication task fails", lambda stage: stage.inject_dms_fault("fail", message="injected"), False
    return "the replication lags by an hour", lambda stage: stage.inject_dms_fault("lag", seconds=3600.0), False


def _event(rng: random.Random, _step: str) -> Drawn:
    if rng.random() < 0.5:
        return "an operator stops the execution", lambda stage: stage.stop_execution(), True
    return "CloudFormation deletes the resource", _delete, False


def _delete(stage: Stage) -> None:
    stage.delete_resource()


def run_draw(stage: Stage, drawn: Draw) -> outcome.Outcome:
    """Run a cutover with the drawn fault and return its outcome.

    Raises:
        RehearsalError: The rehearsal itself failed.
    """

    def inject_and_run(stage: Stage) -> RunResult:
        pending = stage.start_run()
        with stage.hold_at(drawn.step):
            if not drawn.delay_seconds:
                drawn.inject(stage)
        if drawn.delay_seconds:
            time.sleep(drawn.delay_seconds)  # the drawn delay
            drawn.inject(stage)
        result = stage.wait_for_result(pending)
        if drawn.delete_after_failure and not result.succeeded:
            stage.wait_for_result(stage.delete_resource())
        return result

    stage.reset()
    return outcome.evaluate(stage, Scenario(expected_end="either"), inject_and_run(stage))


def _parse_runs(text: str) -> int:
    runs = int(text)
    if runs < 1:
        raise argparse.ArgumentTypeError(f"{runs} runs would check nothing: give 1 or more")
    return runs


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--runs", type=_parse_runs, default=5)
    options = parser.parse_args()
    failed: dict[int, str] = {}
    with open_world() as stage:
        for seed in range(options.seed, options.seed + options.runs):
            drawn = draw_fault(seed, stage.settings.provider)
            print(f"seed {seed}: {drawn.description}", flush=True)
            try:
                found = run_draw(stage, drawn)
                problems = "; ".join(found.problems)
                print(
                    f"seed {seed}: {found.end}, {found.writes} writes, {found.longest_gap_seconds:.1f} s without one"
                    f" {problems}"
                )
            except (RehearsalError, AssertionError) as error:
                problems = f"{type(error).__name__}: {error}"
                print(f"seed {seed}: {problems}")
            if problems:
                failed[seed] = f"{drawn.description}: {problems}"
    for seed, reason in failed.items():
        print(f"failed: SEED={seed} RUNS=1   {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
