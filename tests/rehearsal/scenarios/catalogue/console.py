"""The provider's console, or what it does to order, goes wrong."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


@Scenario(ends="migrated", always=True)
def console_is_out_of_order_for_a_while(stage: Stage) -> Ended:
    """The console answers 401, 409, 429 and 500, closes connections, loses answers and forgets its sessions."""
    for status in (401, 429, 500, 503):
        stage.console("http", path="/machines*", status=status)
        stage.console("http", path="/jobs*", status=status)
    stage.console("http", path="/launchMachines", method="POST", status=409)
    stage.console("close", path="/machines*")
    stage.console("lose-answer", path="/launchMachines", method="POST")
    pending = stage.begin()
    with stage.at("await-bulk"):  # signed in, between two calls
        stage.console("forget-sessions")
    return stage.end(pending)


@Scenario(ends="not migrated", says=("Launch", "403"))
def console_refuses_the_launch(stage: Stage) -> Ended:
    """The console answers 403 to the launch: its user may not."""
    stage.console("http", path="/launchMachines", method="POST", status=403, times=0)
    return stage.cutover()


@Scenario(ends="not migrated", says=("Launch", "no capacity"))
def launch_fails(stage: Stage) -> Ended:
    """The console's launch job fails."""
    stage.console("launch-fails", message="no capacity in this zone")
    return stage.cutover()


@Scenario(ends="not migrated", says=("Launch", "waiting", "not rolled back", "launch job"))
def launch_takes_an_hour(stage: Stage) -> Ended:
    """The console's launch job does not end within its time limit, nor while the run waits to remove its replica:
    the deploy says so.
    """
    stage.console("slow-job", seconds=3600)
    return stage.cutover()


@Scenario(ends="not migrated", says=("Preflight", "wait to be copied"))
def machine_lags_behind(stage: Stage) -> Ended:
    """The console no longer gets the source's blocks: its backlog grows."""
    stage.console("lag")
    stage.start_writing()
    wait("a backlog", 60, lambda: stage.backlog() > 0)
    return stage.cutover()
