"""While a run waits for its go, it checks the site again and again."""

from __future__ import annotations

from common.clients.machines import CommandResult
from common.clock import format_iso

from tests.unit.procedure.gate_checks import FREEZE, read_evidence
from tests.unit.procedure.gated import MANUAL, execute_gated, give_go_when_awaited
from tests.unit.procedure.machines import APP, DATABASE, FakeMachines
from tests.unit.procedure.world import World


def test_the_checks_are_repeated_while_the_run_waits(world: World) -> None:
    def look(world: World) -> None:
        began.append(world.clock.now())
        if began[-1] > began[0] + 300:
            give_go_when_awaited(world)

    began: list[float] = []
    assert execute_gated(world, MANUAL, look=look).status == "SUCCEEDED"

    sent = [(machine, verb) for machine, verb, _ in world.sent.values()]
    for check in ((APP, "check"), (DATABASE, "check"), (APP, "digest-program"), (DATABASE, "changed-tables")):
        assert 5 <= sent.count(check) <= 9, check
    assert read_evidence(world, "15-await-go")["facts"]["checked"] >= format_iso(began[-1] - 70)


def test_a_program_that_is_changed_while_the_run_waits_fails_it(world: World) -> None:
    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited":
            world.responses["digest-program"] = lambda machine, _: CommandResult(
                ok=True, facts={"ok": True, "digests": {"opt/gogs/gogs": "new" if machine == APP else "33"}}
            )

    result = execute_gated(world, MANUAL, look=look)

    assert "was changed on the source after the test launch" in result.cause["reason"]
    assert FREEZE not in world.action_log


def test_a_source_that_has_a_problem_now_fails_the_run(world: World) -> None:
    check = FakeMachines.DATA["check"]

    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited":
            facts = {"ok": True, **check, "database": {**check["database"], "tables_without_primary_key": ["gogs.new"]}}
            world.responses["check"] = lambda *_: CommandResult(ok=True, facts=facts)

    result = execute_gated(world, MANUAL, look=look)

    assert "gogs.new" in result.cause["reason"]
    assert result.cause["machine"] == DATABASE
    assert FREEZE not in world.action_log


def test_a_target_that_falls_behind_after_the_go_is_waited_for(world: World) -> None:
    phases: list[str] = []

    def look(world: World) -> None:
        record = world.runs.read()
        if record.go_state == "awaited" and len(phases) > 100:
            world.lag_seconds = 300.0  # found by the next check
        if "300 s behind" in record.waiting_for:
            give_go_when_awaited(world)
            if record.go_state == "given":
                world.lag_seconds = 1.0
        phases.append(record.waiting_for)

    assert execute_gated(world, MANUAL, look=look).status == "SUCCEEDED"
    assert any("the target is 300 s behind, at most 60 s are accepted" in text for text in phases)


def test_a_failed_replication_fails_the_run(world: World) -> None:
    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited":
            world.task_status = "failed"

    result = execute_gated(world, MANUAL, look=look)

    assert "replication task rows has failed" in result.cause["reason"]
    assert FREEZE not in world.action_log
