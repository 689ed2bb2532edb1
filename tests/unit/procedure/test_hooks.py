"""Hooks of the site's owner: when they run, what they get, and what their failure does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from common.clients.functions import FunctionResponse, Functions
from common.clients.machines import CommandResult
from common.errors import RetryableServiceError
from common.hooks import POINTS, Hook
from common.run import Kind, Run
from procedure import plan
from procedure.dry_run import DryTools
from procedure.registry import Registry

from tests.unit.procedure import conftest
from tests.unit.procedure.asl import FunctionError, Result, walk
from tests.unit.procedure.conftest import build_definitions, run_machine
from tests.unit.procedure.failures import boom
from tests.unit.procedure.machines import APP, DATABASE, REPLICA, TARGETS
from tests.unit.procedure.people import FakePeople
from tests.unit.procedure.safety import left_undone, not_finished
from tests.unit.procedure.world import SETTINGS, World

MACHINES = {"source-app": APP, "source-database": DATABASE, "replica": REPLICA, "target": TARGETS[0]}
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:announce"
KINDS: Mapping[str, Kind] = {
    "before-test": "test-launch",
    **dict.fromkeys(["after-acceptance", "before-freeze", "after-freeze", "before-commit", "after-commit"], "cutover"),
}
REQUIRED = [name for name, point in POINTS.items() if point.can_fail_run]


def create_hook(point: str, machine: str = "source-app", **values: Any) -> Hook:
    known = {"name": f"{point}-{machine}", "seconds": 2, "required": POINTS[point].can_fail_run, **values}
    return Hook(point=point, machine=machine, command="/usr/local/sbin/hook", **known)


def create_function_hook(point: str, **values: Any) -> Hook:
    known = {"name": point, "seconds": 2, "required": True, **values}
    return Hook(point=point, function=FUNCTION, **known)


@pytest.fixture(scope="session")
def definitions() -> dict[str, Any]:
    """Return both state machines with the step of each point."""
    return build_definitions(hook_points=POINTS)


@pytest.fixture
def run(world: World, definitions: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    def execute(kind: Kind, *hooks: Hook, **options: Any) -> Result:
        monkeypatch.setattr(conftest, "SETTINGS", replace(SETTINGS, hooks=hooks))
        return partial(run_machine, world, definitions)(kind, **options)

    return execute


def fail_with(code: int | None, line: str) -> Callable[[str, Mapping[str, Any]], CommandResult]:
    outcome = "timed-out" if code is None else "failed"
    facts = {"ok": True, "outcome": outcome, "exit_code": code, "seconds": 1.5, "lines": ["first", line]}
    return lambda _instance, _options: CommandResult(ok=True, facts=facts)


def list_sent(world: World) -> list[tuple[str, dict[str, Any]]]:
    return [(instance, options) for instance, verb, options in world.sent.values() if verb == "hook"]


@pytest.mark.parametrize(
    ("point", "machine"), [(point.name, machine) for point in POINTS.values() for machine in point.machines]
)
def test_a_hook_runs_on_its_machine(world: World, run: Callable[..., Result], point: str, machine: str) -> None:
    kind = KINDS.get(point, "cutover")
    before = break_before("delta") if point == "on-rollback" else None
    result = run(kind, create_hook(point, machine), before=before)

    assert result.status == ("FAILED" if before else "SUCCEEDED"), result.cause
    ((instance, options),) = list_sent(world)
    assert instance == MACHINES[machine]
    given = json.loads(options["input"])
    assert (given["site"], given["run"], given["kind"], given["point"]) == ("gogs", f"m1-{kind}", kind, point)
    assert given["addresses"]["site_url"] == "http://git.example.com/"
    (entry,) = world.runs.read().hooks
    assert entry == {
        "name": f"{point}-{machine}",
        "point": point,
        "machine": instance,
        "seconds": 0.3,
        "outcome": "passed",
        "required": POINTS[point].can_fail_run,
        "line": "done",
    }
    assert json.loads(world.files[f"runs/m1-{kind}/hook-{point}-{machine}.json"])["lines"] == ["began", "done"]


def break_before(step: str) -> Callable[[str], None]:
    def fail(now: str) -> None:
        if now == step:
            boom("it broke here")()

    return fail


def test_hooks_run_at_their_point(run: Callable[..., Result]) -> None:
    order: list[str] = []
    result = run("cutover", *(create_hook(point) for point in KINDS if point != "before-test"), before=order.append)

    assert result.status == "SUCCEEDED"
    steps = list(dict.fromkeys(order))
    for before, hooks, after in (
        ("accept-scratch", "hooks-after-acceptance", "mark-ready-for-cutover"),
        ("sync-auto-increment", "hooks-before-freeze", "freeze"),
        ("freeze-database", "hooks-after-freeze", "drain"),
        ("stop-replication", "hooks-before-commit", "commit"),
        ("point-name", "hooks-after-commit", "tidy"),
    ):
        assert steps.index(before) + 1 == steps.index(hooks) == steps.index(after) - 1


def test_hooks_of_one_point_run_in_the_order_of_the_file(world: World, run: Callable[..., Result]) -> None:
    hooks = [create_hook("before-freeze", machine) for machine in ("target", "source-app", "replica")]
    run("cutover", *hooks)

    assert [options["name"] for _, options in list_sent(world)] == [hook.name for hook in hooks]
    assert [entry["name"] for entry in world.runs.read().hooks] == [hook.name for hook in hooks]


@pytest.mark.parametrize("point", REQUIRED)
def test_a_required_hook_that_fails_rolls_the_run_back(world: World, run: Callable[..., Result], point: str) -> None:
    world.responses["hook"] = fail_with(3, "users are still in the shop")
    result = run(KINDS[point], create_hook(point), create_hook(point, name="never"))

    assert result.status == "FAILED"
    assert result.cause["reason"] == f"hook {point}-source-app ended with 3: users are still in the shop"
    assert result.cause["machine"] == APP
    assert result.cause["phase"] == f"Hooks {point.replace('-', ' ')}"
    assert world.source.accepts_writes
    assert left_undone(world) == []
    assert [entry["outcome"] for entry in world.runs.read().hooks] == ["failed"]
    assert len(list_sent(world)) == 1
    assert any(name.endswith(f"/hook-{point}-source-app.json") for name in world.files)
    # And the next run comes to its end
    del world.responses["hook"]
    assert run(KINDS[point], create_hook(point), run_id="m2").status == "SUCCEEDED"


@pytest.mark.parametrize("point", KINDS)
def test_a_hook_that_is_not_required_is_a_warning(world: World, run: Callable[..., Result], point: str) -> None:
    world.responses["hook"] = fail_with(1, "no such table")
    result = run(KINDS[point], create_hook(point, required=False))

    assert result.status == "SUCCEEDED"
    (warning,) = json.loads(world.files[f"runs/m1-{KINDS[point]}/outputs.json"])["warnings"]
    assert f"hook {point}-source-app ended with 1: no such table" in warning


def test_a_hook_that_exceeds_its_limit_is_a_failure(run: Callable[..., Result], world: World) -> None:
    world.responses["hook"] = fail_with(None, "still waiting")
    result = run("cutover", create_hook("before-freeze"))

    assert result.cause["reason"] == "hook before-freeze-source-app did not end within 2 s: still waiting"


@pytest.mark.parametrize(("point", "most"), [("after-freeze", 5.0), ("before-freeze", 30.0)])
def test_a_machine_that_returns_nothing_is_not_waited_for(
    world: World, run: Callable[..., Result], point: str, most: float
) -> None:
    world.responses["hook"] = lambda _instance, _options: None
    moments: dict[str, float] = {}
    result = run(
        "cutover",
        create_hook(point, required=False),
        before=lambda step: moments.setdefault(step, world.clock.now()) and None,
    )

    assert result.status == "SUCCEEDED"
    following = {"after-freeze": "drain", "before-freeze": "freeze"}[point]
    assert moments[following] - moments[f"hooks-{point}"] < most
    assert world.runs.read().hooks[0]["outcome"] == "timed-out"


@pytest.mark.parametrize("is_required", [True, False])
def test_a_machine_that_cannot_be_reached(world: World, run: Callable[..., Result], is_required: bool) -> None:
    world.unreachable = lambda _instance, verb, _options: verb == "hook"
    result = run("cutover", create_hook("before-freeze", required=is_required))

    assert result.status == ("FAILED" if is_required else "SUCCEEDED")
    assert world.source.accepts_writes == is_required


def test_a_program_that_the_machine_refuses(world: World, run: Callable[..., Result]) -> None:
    facts = {"ok": False, "reason": "/usr/local/sbin/hook may be changed by others"}
    world.responses["hook"] = lambda _instance, _options: CommandResult(ok=False, facts=facts)
    result = run("cutover", create_hook("before-freeze"))

    assert "may be changed by others" in result.cause["reason"]


def test_the_source_serves_before_a_hook_of_the_roll_back_runs(world: World, run: Callable[..., Result]) -> None:
    serving: list[bool] = []

    def look(_instance: str, _options: Mapping[str, Any]) -> CommandResult:
        serving.append(world.source.accepts_writes)
        return CommandResult(ok=True, facts={"ok": True, "outcome": "passed", "lines": []})

    world.responses["hook"] = look
    run("cutover", create_hook("on-rollback"), before=break_before("accept-live"))

    assert serving
    assert all(serving)


def test_no_hook_of_the_roll_back_runs_while_the_source_may_be_frozen(world: World, run: Callable[..., Result]) -> None:
    facts = {"ok": False, "reason": "the disk is read-only"}
    world.responses["thaw"] = lambda _instance, _options: CommandResult(ok=False, facts=facts)
    result = run("cutover", create_hook("on-rollback"), before=break_before("delta"))

    assert list_sent(world) == []
    assert "not known to serve again" in str(result.cause["warnings"])


def test_a_hook_of_the_roll_back_that_fails_is_a_warning(world: World, run: Callable[..., Result]) -> None:
    world.responses["hook"] = fail_with(1, "no mail server")
    result = run("test-launch", create_hook("on-rollback"), before=break_before("await-image"))

    assert result.cause["reason"] == "it broke here"
    assert "no mail server" in str(result.cause["warnings"])
    assert left_undone(world) == []


def test_a_hook_runs_once_although_its_step_is_repeated(world: World, run: Callable[..., Result]) -> None:
    writes = iter([True])
    update = world.runs.update_facts

    def lose_response(run_id: str, **facts: Any) -> Any:
        record = update(run_id, **facts)
        if "hooks" in facts and next(writes, False):
            raise RetryableServiceError("dynamodb:UpdateItem: no response")
        return record

    world.runs.update_facts = lose_response  # type: ignore[method-assign]
    result = run("cutover", create_hook("before-freeze"))

    assert result.status == "SUCCEEDED"
    assert len(list_sent(world)) == 1
    assert len(world.runs.read().hooks) == 1


class FakeLambda:
    def __init__(self, respond: Callable[[], Any]) -> None:
        self.calls: list[dict[str, Any]] = []
        self._respond = respond

    def invoke(self, **call: Any) -> Any:
        self.calls.append(call)
        return self._respond()


def respond_with(body: Any, **more: Any) -> Callable[[], Any]:
    return lambda: {"Payload": io.BytesIO(json.dumps(body).encode()), **more}


def never() -> Any:
    raise ReadTimeoutError(endpoint_url="https://lambda")


def test_a_function_gets_the_input_and_its_limit(world: World, run: Callable[..., Result]) -> None:
    limits: list[int] = []
    client = FakeLambda(respond_with({"message": "announced"}))
    world.functions = Functions(lambda seconds: limits.append(seconds) or client)  # type: ignore[func-returns-value]
    result = run("cutover", create_function_hook("before-freeze"))

    assert result.status == "SUCCEEDED"
    (call,) = client.calls
    assert call["FunctionName"] == FUNCTION
    assert json.loads(call["Payload"])["point"] == "before-freeze"
    assert limits == [2]
    (entry,) = world.runs.read().hooks
    assert (entry["machine"], entry["outcome"], entry["line"]) == (FUNCTION, "passed", "announced")


@pytest.mark.parametrize(
    ("respond", "reason"),
    [
        (respond_with({"ok": False, "message": "not\nnow"}), "hook before-freeze failed: not now"),
        (respond_with({"errorMessage": "boom"}, FunctionError="Unhandled"), "hook before-freeze failed: boom"),
        (never, "hook before-freeze did not end within 2 s"),
    ],
)
def test_a_function_that_fails(
    world: World, run: Callable[..., Result], respond: Callable[[], Any], reason: str
) -> None:
    client = FakeLambda(respond)
    world.functions = Functions(lambda _seconds: client)
    result = run("cutover", create_function_hook("before-freeze"))

    assert result.cause["reason"] == reason
    assert world.source.accepts_writes


def test_the_warning_about_a_hook_in_the_window_is_sent_after_it(world: World, run: Callable[..., Result]) -> None:
    people = FakePeople(world)
    world.people_messages = people
    world.responses["hook"] = fail_with(1, "no such table")
    run("cutover", create_hook("after-freeze", required=False), create_hook("before-commit", required=False))

    assert people.events == ["frozen", "committed", "warning"]
    assert people.get("warning").subject == "2 warnings"


def test_two_long_functions_do_not_share_one_invocation(world: World, run: Callable[..., Result]) -> None:
    longest = {"seconds": 0.0}

    class Slow:
        def invoke(self, *_: Any, **__: Any) -> FunctionResponse:
            world.clock.sleep(40)
            return FunctionResponse(payload="{}")

    class Timed(Registry):
        def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
            began = world.clock.now()
            try:
                return super().invoke(event)
            finally:
                if event["step"].startswith("hooks-"):
                    longest["seconds"] = max(longest["seconds"], world.clock.now() - began)

    world.functions = Slow()
    hooks = [create_function_hook("before-freeze", name=name, seconds=45) for name in ("one", "two", "three")]
    result = run("cutover", *hooks, registry_class=Timed)

    assert result.status == "SUCCEEDED"
    assert 40 <= longest["seconds"] < 60


def test_a_run_without_hooks_sends_nothing_and_writes_nothing(world: World, run: Callable[..., Result]) -> None:
    assert run("cutover").status == "SUCCEEDED"
    assert list_sent(world) == []
    assert "hooks" not in world.dynamo.items["gogs"]
    assert not_finished(world) == []


def test_a_point_without_a_hook_has_no_state() -> None:
    assert build_definitions() == build_definitions(hook_points=())
    names = {name for machine in build_definitions().values() for name in machine["States"]}
    assert not [name for name in names if name.startswith("Hooks")]
    with_one = build_definitions(hook_points=["before-freeze"])
    assert {name.partition(":")[0] for name in with_one["cutover"]["States"] if name.startswith("Hooks")} == {
        "Hooks before freeze"
    }
    assert with_one["test-launch"] == build_definitions()["test-launch"]


def test_every_point_is_in_the_plan_of_each_of_its_kinds() -> None:
    forward = {
        "test-launch": (*plan.TEST_LAUNCH, *plan.TEST_LAUNCH_ROLLBACK),
        "cutover": (*plan.CUTOVER, *plan.CUTOVER_ROLLBACK),
    }
    kinds: list[Kind] = ["test-launch", "cutover"]
    for kind in kinds:
        added = [step.name for step in plan.add_hook_steps(kind, forward[kind], POINTS) if step not in forward[kind]]
        assert added == [point.step for point in POINTS.values() if kind in point.kinds]


def test_the_evidence_sorts_in_the_order_of_the_procedure() -> None:
    steps = plan.add_hook_steps("cutover", plan.CUTOVER, POINTS)
    names = [plan.format_evidence_name("cutover", step.name) for step in steps]

    assert names == sorted(names)
    assert any(name.endswith(".5-hooks-after-freeze") for name in names)


def test_a_dry_run_calls_no_hook(world: World, definitions: dict[str, Any]) -> None:
    raw = {"run_id": "dry", "kind": "cutover", "cutover_id": "m1", "dry_run": True, "target": {}}
    reported: list[str] = []
    hooks = (create_hook("before-freeze"), create_function_hook("after-freeze"))
    tools = DryTools(world, Run.parse(raw), reported.append)
    registry = Registry(replace(SETTINGS, hooks=hooks), tools, world.clock, lambda *_: None)

    assert (
        walk(definitions["cutover"], {"run": raw, "memory": {}}, registry.invoke, world.clock.sleep).status
        == "SUCCEEDED"
    )
    assert any("cutover-site hook --run dry" in line for line in reported)
    assert any(line.startswith(f"call {FUNCTION}") for line in reported)
    assert list_sent(world) == []


class CrashAfter(Registry):
    """A registry of a function whose response is lost once, in the steps of hooks."""

    lost = 0

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        state = super().invoke(event)
        if event["step"].startswith("hooks-") and not type(self).lost:
            type(self).lost = 1
            raise FunctionError("Runtime.ExitError")
        return state


@pytest.mark.parametrize("point", KINDS)
def test_a_function_that_crashes_once_in_a_step_of_hooks(
    world: World, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setattr(CrashAfter, "lost", 0)
    result = run(KINDS[point], create_hook(point), registry_class=CrashAfter)

    assert CrashAfter.lost
    assert result.status == "SUCCEEDED"
    assert len(world.runs.read().hooks) == 1


@pytest.mark.parametrize("point", KINDS)
def test_a_function_that_always_crashes_in_a_step_of_hooks(
    world: World, run: Callable[..., Result], point: str
) -> None:
    def crash(step: str) -> None:
        if step == POINTS[point].step:
            raise FunctionError("Runtime.ExitError")

    result = run(KINDS[point], create_hook(point), before=crash)

    if POINTS[point].can_fail_run:
        assert result.status == "FAILED"
        assert world.source.accepts_writes
        assert left_undone(world) == []
    else:
        assert result.status == "SUCCEEDED"
        assert not_finished(world) == []
