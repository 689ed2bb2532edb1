"""A state of the search for interleavings: the run record, both machines of the source, the procedure, commands under way, time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from common.clients.run_record import COMMIT
from common.clients.runs import Runs
from cutover_site.aws.milestone_names import HELD
from cutover_site.aws.milestones import has_reached
from cutover_site.aws.permission import check_undecided
from cutover_site.aws.run_record import Decision, RunRecord
from cutover_site.errors import Refused
from cutover_site.freeze.dead_man import ChosenAction, choose_action
from cutover_site.freeze.state import FreezeState

from tests.unit.procedure.dynamo import FakeDynamo

MINUTE = 60.0
LEASE, LOCK_ENDS, MARGIN = MINUTE, 2 * MINUTE, 20.0
LAST_MINUTE = 3
RUN, OTHER = "r1", "r2"
FORWARD = (
    "acquire",
    "lease",
    "send freeze",
    "frozen?",
    "send freeze-database",
    "closed?",
    "send renew",
    "renewed?",
    "commit",
)
LASTING = frozenset({"lease", "send freeze", "send freeze-database", "commit"})
"""what the last invocation of a stopped execution may still do to harm"""
BACK = ("decide", "send thaw", "thawed?", "open", "release")
IRRELEVANT = ("started", "decided_at", "phase", "kind")
ENDED = frozenset({"over", "stopped", "migrated", "other", "other left"})


class State(NamedTuple):
    item: str = "{}"
    """the run record"""
    app: FreezeState = FreezeState()
    database: FreezeState = FreezeState()
    marker: bool = False
    minute: int = 0
    at: str = "acquire"
    """what the procedure does next"""
    last: str = ""
    """what an invocation of a stopped execution may still do"""
    renewed: float = 0.0
    wire: frozenset[str] = frozenset()
    """commands under way"""
    app_thaws: str = ""
    """the run that the application server has resolved to end the freeze of"""

    @property
    def now(self) -> float:
        return self.minute * MINUTE

    @property
    def committed(self) -> bool:
        return f'"decision": {{"S": "{COMMIT}"}}' in self.item


class Step(NamedTuple):
    name: str
    state: State


@dataclass(frozen=True)
class Code:
    """The code that is tested. Each part can be replaced, to check that the search finds a defect."""

    runs: type[Runs] = Runs
    record: type[RunRecord] = RunRecord
    choose_action: Callable[[FreezeState, Decision], ChosenAction] = choose_action
    freeze: Callable[[FreezeState, str, float], FreezeState] = FreezeState.freeze
    thaw: Callable[[FreezeState, str], FreezeState] = FreezeState.thaw
    permit: Callable[[str, Decision], None] = check_undecided


class StoppedClock:
    """A clock that does not advance."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def sleep(self, _seconds: float) -> None: ...


def create_dynamo(item: str) -> FakeDynamo:
    dynamo = FakeDynamo()
    dynamo.items = {"gogs": json.loads(item)} if item != "{}" else {}
    return dynamo


@cache
def read_decision(item: str) -> Decision:
    """What a machine reads of the record, whatever is tested."""
    return RunRecord(create_dynamo(item), "runs", "gogs").read()  # type: ignore[arg-type]  # as much of it as is used


@cache
def is_waiting(item: str) -> bool:
    """Whether a command for held writes still waits on its machine: the run is not over, and nobody has reported them."""
    try:
        return not has_reached(RUN, HELD, read_decision(item))
    except Refused:
        return False


def serialize(dynamo: FakeDynamo) -> str:
    """Without what no condition asks for: it would only make equal states different."""
    item = dynamo.items.get("gogs", {})
    return json.dumps({key: item[key] for key in sorted(item) if key not in IRRELEVANT})


def format_path(seen: dict[State, Step | None], state: State) -> str:
    """Return the steps that led to a state, one a line."""
    lines: list[str] = []
    step = seen[state]
    while step is not None:
        lines.append(f"{step.state.minute} min: {step.name}")
        step = seen[step.state]
    return "\n".join(reversed(lines))
