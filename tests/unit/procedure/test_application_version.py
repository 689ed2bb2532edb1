"""The application must be the same on source and target before the freeze."""

from __future__ import annotations

from common.clients.machines import CommandResult

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import APP
from tests.unit.procedure.world import World


def test_an_application_changed_since_the_test_launch_stops_the_run_before_the_freeze(
    world: World, execute: Execute
) -> None:
    world.responses["digest-program"] = lambda instance, _options: CommandResult(
        ok=True,
        facts={"ok": True, "digests": {"opt/gogs/custom/templates": "new" if instance == APP else "old", "same": "1"}},
    )

    done = execute("cutover")

    assert done.status == "FAILED"
    assert "opt/gogs/custom/templates: new on the source, old on the target" in str(done.cause)
    assert f"freeze on {APP}" not in world.action_log


def test_a_missing_application_version_is_not_equal(world: World, execute: Execute) -> None:
    world.responses["digest-program"] = lambda instance, _options: CommandResult(
        ok=True, facts={"ok": True, "digests": {"opt/gogs/gogs": "1"} if instance == APP else {}}
    )
    assert execute("cutover").status == "FAILED"
    assert f"freeze on {APP}" not in world.action_log
