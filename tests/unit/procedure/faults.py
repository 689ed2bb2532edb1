"""What may go wrong in a run, as things that can be done to it at one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from common.clients.machines import CommandResult
from common.errors import Retryable, RetryableCommandError

from tests.unit.procedure.asl import FunctionError
from tests.unit.procedure.deploy import Deploy, Invoke, Stopped
from tests.unit.procedure.world import World

TASK_SECONDS, FUNCTION_SECONDS = 90.0, 75.0
Raise = Callable[[World], BaseException]
THROTTLED: Any = {"Error": {"Code": "ThrottlingException", "Message": ""}}


def crashed(_world: World) -> BaseException:
    return FunctionError("Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: signal: killed")


def timed_out(world: World) -> BaseException:
    world.clock.sleep(FUNCTION_SECONDS)
    return FunctionError("Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 75.00 seconds")


def unanswered(world: World) -> BaseException:
    world.clock.sleep(TASK_SECONDS)
    return FunctionError("States.Timeout")


def broken(_world: World) -> BaseException:
    return FunctionError("KeyError", "'machine_id'")


def stopped(_world: World) -> BaseException:
    return Stopped()


def retryable(name: str) -> Raise:
    kind = next(one for one in Retryable.__subclasses__() if one.__name__ == name)
    return lambda _world: kind("no answer", next_action="wait")


RAISED: dict[str, Raise] = {
    "crashes": crashed,
    "times out": timed_out,
    "does not answer": unanswered,
    "has a defect": broken,
    **{f"raises {name}": retryable(name) for name in Retryable.names},
}


@dataclass
class AtStep:
    """Invocations of one step fail before or after their effect. `ever`: each of the first execution, else the first."""

    world: World
    step: str
    raised: Raise
    after: bool = False
    ever: bool = False
    struck: int = 0
    deploy: Deploy | None = None

    def __call__(self, invoke: Invoke, event: dict[str, Any]) -> Any:
        if event["step"] != self.step or event["run"].get("rollback") or (self.struck and not self.ever):
            return invoke(event)
        self.struck += 1
        if self.after:
            invoke(event)
        raise self.raised(self.world)


@dataclass
class Change:
    """Something happens right after the n-th change that the first execution makes, counted from 0."""

    world: World
    number: int
    name: str = ""
    seen: int = 0
    acting: bool = False
    deploy: Deploy | None = None

    def __call__(self, invoke: Invoke, event: dict[str, Any]) -> Any:
        self.acting = not event["run"].get("rollback")
        try:
            return invoke(event)
        finally:
            self.acting = False

    def changed(self, what: str) -> None:
        if not self.acting or not by_the_function(what):
            return
        number, self.seen = self.seen, self.seen + 1
        if number == self.number:
            self.name, self.acting = what, False
            try:
                self.happen()
            finally:
                self.acting = True

    def happen(self) -> None:
        raise NotImplementedError


def by_the_function(what: str) -> bool:
    """And not by a machine, which goes on without it."""
    return " of the " not in what and not what.startswith(("the source's switch", "step "))


@dataclass(kw_only=True)
class AtChange(Change):
    """The function ends, or the response to its call is lost."""

    raised: Raise

    def happen(self) -> None:
        raise self.raised(self.world)


@dataclass(kw_only=True)
class Meanwhile(Change):
    """Somebody else does something; `do` gets the deploy and the name of its run."""

    do: Callable[[Deploy, str], Any]

    def happen(self) -> None:
        assert self.deploy is not None
        run = self.world.run
        self.do(self.deploy, self.deploy.machine.starts[0])
        self.world.run = run


@dataclass
class AtWrite:
    """The n-th write of the run record fails, and the next ones of the first execution until `times` have failed.

    `lost`: it is written, only the response is lost.
    """

    world: World
    number: int
    times: int
    lost: bool
    seen: int = 0
    failed: int = 0
    acting: bool = False
    deploy: Deploy | None = None

    def __post_init__(self) -> None:
        watched = self.world.dynamo.after

        def after() -> None:
            watched()
            self._fail()

        if self.lost:
            self.world.dynamo.after = after
        else:
            self.world.dynamo.before = self._fail

    def __call__(self, invoke: Invoke, event: dict[str, Any]) -> Any:
        self.acting = not event["run"].get("rollback")
        try:
            return invoke(event)
        finally:
            self.acting = False

    def _fail(self) -> None:
        if not self.acting:
            return
        number, self.seen = self.seen, self.seen + 1
        if number >= self.number and self.failed < self.times:
            self.failed += 1
            raise ClientError(THROTTLED, "UpdateItem")


@dataclass
class Recorder:
    """The places of an undisturbed run: its steps, its changes (with the step that made them), its commands."""

    steps: list[str] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    commands: list[tuple[str, str]] = field(default_factory=list)
    action_log: list[str] = field(default_factory=list)
    now: str = ""
    deploy: Deploy | None = None

    def __call__(self, invoke: Invoke, event: dict[str, Any]) -> Any:
        self.now = event["step"]
        if self.now not in self.steps:
            self.steps.append(self.now)
        try:
            return invoke(event)
        finally:
            self.now = ""

    def changed(self, what: str) -> None:
        if self.now and by_the_function(what):
            self.changes.append((self.now, what))

    def struck(self, line: str) -> None:
        self.commands.append((self.now, line))


class SaysNo:
    def sent(self, _do: Callable[[], CommandResult]) -> Callable[[], CommandResult | None]:
        return lambda: CommandResult(ok=False, facts={"ok": False, "reason": "it broke", "next": "repair it"})


class NoAfterAll(SaysNo):
    """It is done, and then the machine says no."""

    def sent(self, do: Callable[[], CommandResult]) -> Callable[[], CommandResult | None]:
        do()
        return super().sent(do)


class NeverAnswers:
    """It is done, but nobody hears of it."""

    def sent(self, do: Callable[[], CommandResult]) -> Callable[[], CommandResult | None]:
        do()
        return lambda: None


class NeverDone:
    def sent(self, _do: Callable[[], CommandResult]) -> Callable[[], CommandResult | None]:
        return lambda: None


class NeverArrives:
    def sent(self, _do: Callable[[], CommandResult]) -> Callable[[], CommandResult | None]:
        def undelivered() -> CommandResult:
            raise RetryableCommandError("it did not reach the machine", next_action="check its SSM agent")

        return undelivered


class Twice:
    """It is done twice, with one response."""

    def sent(self, do: Callable[[], CommandResult]) -> Callable[[], CommandResult | None]:
        do()
        answer = do()
        return lambda: answer


COMMAND_FAULTS = (SaysNo, NoAfterAll, NeverAnswers, NeverDone, NeverArrives, Twice)


@dataclass
class AtCommand:
    """`ever`: each command of the same words, as long as the first execution lasts."""

    world: World
    number: int
    fault: Any
    ever: bool = False
    line: str = ""
    seen: int = 0
    over: bool = False
    deploy: Deploy | None = None

    def __call__(self, invoke: Invoke, event: dict[str, Any]) -> Any:
        self.over = bool(event["run"].get("rollback"))
        return invoke(event)

    def struck(self, line: str) -> Any:
        number, self.seen = self.seen, self.seen + 1
        if number == self.number:
            self.line = line
        hit = number == self.number or (self.ever and bool(self.line) and line == self.line)
        return self.fault() if hit and not self.over else None
