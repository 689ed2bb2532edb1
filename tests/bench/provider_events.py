"""The calls of the provider's API in a whole migration: the procedure with events of AWS MGN, and the same procedure
that reads the API every five seconds instead.

Both run the state machines as they are deployed, with the client of MGN, against a simulator of the service on a
clock that only waits move. The jobs take the times that were measured on AWS. The figures are therefore the same in
each run and on each machine.

The poller is the cheapest one: it reads the status alone, never a job's log, and each of its reads is one call. All
of its other calls are those of the procedure.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.clients.mgn import Mgn
from common.clients.mgn.jobs import evaluate, is_running
from common.clients.provider import Job, Readiness
from procedure.context import Context
from procedure.outcome import Outcome
from procedure.registry import Registry
from procedure.step import Step
from procedure.step_functions import STEPS

from tests.unit.mgn.world import INITIAL_SYNC_SECONDS, SECONDS, MgnWorld, SendEvent, send
from tests.unit.procedure.conftest import build_definitions, run_machine

POLL_SECONDS = 5
PAGE_SIZE = 50
"""large enough that no list of a migration has two pages"""
AIM = 0.25
LATER_SECONDS = 1.0
OFFSETS = (0.0, 0.9, 1.7, 2.6, 3.8)
"""seconds by which the jobs of a round are longer: a poller sees the end of some at once, and of others late"""
WAITS_FOR_LAUNCH, WAITS_FOR_TERMINATION = "await-job", "clean-up-test"


@dataclass(frozen=True)
class Side:
    """One migration. `launches`: seconds from the end of each launch job until the procedure saw it. The same for terminations."""

    calls: int
    launches: tuple[float, ...]
    terminations: tuple[float, ...]


@dataclass
class CallComparison:
    """Both sides, in turns."""

    ours: list[Side] = field(default_factory=list)
    theirs: list[Side] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Return our calls divided by theirs: the median of the rounds."""
        return statistics.median(a.calls / b.calls for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def later_seconds(self) -> float:
        """Return by how much the end of a launch was seen later than by the poller, in the worst case of all rounds."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return max(a - b for one, other in pairs for a, b in zip(one.launches, other.launches, strict=True))

    def format_text(self) -> str:
        lines = ["  calls of MGN's API in a migration (test launch and cutover, initial sync 226 s, launches 649 s)"]
        for name, sides in (("events, polls every 60 s", self.ours), (f"polls every {POLL_SECONDS} s", self.theirs)):
            calls = [side.calls for side in sides]
            lines.append(f"    {name:44} {min(calls):7} {statistics.median(calls):7.0f} {max(calls):7} calls")
            for what, seen in (
                ("end of a launch seen after", [one for side in sides for one in side.launches]),
                ("end of a termination seen after", [one for side in sides for one in side.terminations]),
            ):
                lines.append(f"      {what:42} {min(seen):7.2f} {statistics.median(seen):7.2f} {max(seen):7.2f} s")
        lines.append(
            f"    ratio: {self.ratio:.2f} times the calls (aim: {AIM}); in the worst round the end of a launch is seen "
            f"{max(self.later_seconds, 0):.2f} s later than by the poller (aim: {LATER_SECONDS}); {len(self.ours)} rounds; min, median, max above"
        )
        return "\n".join(lines)


class Poller(Mgn):
    """Reads the status once for each question."""

    def read_job(self, job_id: str) -> Job:
        raw = self._jobs.read(job_id)
        return evaluate(raw, []) if is_running(raw) else super().read_job(job_id)

    def check_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        return self._read_readiness(source_server_id, tested=tested)


class PollingRegistry(Registry):
    """Performs a step once in each invocation."""

    def _perform(self, context: Context, began: float) -> Outcome:  # noqa: ARG002 (the interface's)
        return STEPS[context.step.name](context)


def poll_every_five_seconds(definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the state machines wait so long between two invocations of each step that waits for the provider."""
    for definition in definitions.values():
        for name, state in definition["States"].items():
            if name in ("Preflight: wait", "Await job: wait", "Clean up test: wait", "Clean up: wait"):
                state["Seconds"] = POLL_SECONDS
    return definitions


def migrate(
    world: MgnWorld, definitions: Mapping[str, Any], offset: float, registry_class: type[Registry] = Registry
) -> Side:
    """Run a test launch and a cutover, with an initial sync before. Raises AssertionError if one fails."""
    world.service.seconds = {kind: seconds + offset for kind, seconds in SECONDS.items()}
    world.stage.mgn.page_size = PAGE_SIZE
    world.service.sync(INITIAL_SYNC_SECONDS + offset)
    seen: dict[str, list[float]] = {WAITS_FOR_LAUNCH: [], WAITS_FOR_TERMINATION: []}

    def observe(step: Step, outcome: str, _facts: Mapping[str, Any]) -> None:
        if outcome == "done" and step.name in seen:
            seen[step.name].append(world.clock.now() - max(world.service.ended.values()))

    for kind in ("test-launch", "cutover"):
        result = run_machine(world, dict(definitions), kind, observe=observe, registry_class=registry_class)
        assert result.status == "SUCCEEDED", result.cause
    return Side(len(world.stage.mgn.calls), tuple(seen[WAITS_FOR_LAUNCH]), tuple(seen[WAITS_FOR_TERMINATION]))


def compare(offsets: tuple[float, ...] = OFFSETS, send_event: SendEvent = send) -> CallComparison:
    """Run both sides in turns."""
    ours, theirs = build_definitions(has_provider_events=True), poll_every_five_seconds(build_definitions())
    found = CallComparison()
    for offset in offsets:
        found.ours.append(migrate(MgnWorld(send_event), ours, offset))
        found.theirs.append(migrate(MgnWorld(client_class=Poller), theirs, offset, PollingRegistry))
    return found


def run_benchmark() -> list[CallComparison]:
    """Return the comparison."""
    return [compare()]
