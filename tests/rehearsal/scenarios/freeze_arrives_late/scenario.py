"""Systems Manager delivers the commands to close the source when their run has been rolled back: both machines refuse, and stay open."""

from __future__ import annotations

from common.clients.machines import PROGRAM

from rehearsal.world import enter
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="freeze", times=0)
    ended = stage.cutover()
    run = stage.record()["run_id"]
    for machine, verb, *options in (
        ("source-app", "freeze", "--lease", "600", "--drain", "5"),
        ("source-database", "freeze-database"),
    ):
        done = enter.run(stage.settings, machine, [PROGRAM, verb, "--run", run, *options], timeout=60)
        assert done.exit_code != 0, f"{machine} has closed for a run that is over"
        assert "is decided: rollback" in done.stdout + done.stderr, done.stdout + done.stderr
    return ended


SCENARIO = Scenario(ends="not migrated", act=act, says=("Freeze",))
