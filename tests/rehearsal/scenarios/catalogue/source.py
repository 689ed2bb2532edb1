"""The source's machines lose their power, restart, or get a command too late."""

from __future__ import annotations

from common.clients.machines import PROGRAM

from rehearsal.world import enter
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


@Scenario(ends="either", steps=("drain", "accept-live", "commit"))
def source_app_loses_its_power(stage: Stage, step: str) -> Ended:
    """The source's application server loses its power while it is frozen. Somebody starts it again when the run has
    ended, if it had to.
    """
    pending = stage.begin()
    with stage.at(step):
        machine = stage.kill("source-app")
        stage.power_on(machine)
        assert stage.mode_of_source() == "frozen"
    return stage.end(pending)


@Scenario(ends="either")
def source_reboots_in_the_window(stage: Stage) -> Ended:
    """The source's application server restarts while it is frozen: it comes back frozen."""
    pending = stage.begin()
    with stage.at("verify-changes"):
        stage.reboot("source-app")
        assert "frozen" in stage.on("source-app", "cat", "/etc/haproxy/cutover/mode.map")
    return stage.end(pending)


@Scenario(ends="migrated")
def source_gogs_dies_in_the_window(stage: Stage) -> Ended:
    """Gogs on the source is killed while it serves reads only."""
    pending = stage.begin()
    with stage.at("drain"):
        stage.kill_unit("source-app", "gogs.service")
    return stage.end(pending)


@Scenario(ends="either", steps=("drain", "accept-live", "commit"))
def source_database_loses_its_power(stage: Stage, step: str) -> Ended:
    """The source's database server loses its power while it is frozen, and is started again: it comes back read-
    only.
    """
    pending = stage.begin()
    with stage.at(step):
        machine = stage.kill("source-database")
        stage.power_on(machine)
    return stage.end(pending)


@Scenario(ends="either")
def source_database_dies_in_the_window(stage: Stage) -> Ended:
    """The source's database server is killed right after it was frozen; it starts again by itself, read-only."""
    pending = stage.begin()
    with stage.at("drain"):
        stage.kill_unit("source-database", "mariadb.service")
    return stage.end(pending)


@Scenario(ends="not migrated")
def source_database_stays_off(stage: Stage) -> Ended:
    """The source's database server loses its power while it is frozen, and somebody starts it when the run is being
    rolled back.
    """
    pending = stage.begin()
    with stage.at("drain"):
        machine = stage.kill("source-database")
    with stage.at("rollback-source"):
        pass
    stage.power_on(machine)
    return stage.end(pending)


@Scenario(ends="not migrated", says=("Freeze",))
def freeze_arrives_late(stage: Stage) -> Ended:
    """Systems Manager delivers the commands to close the source when their run has been rolled back: both machines
    refuse, and stay open.
    """
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
