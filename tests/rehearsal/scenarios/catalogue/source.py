"""Power losses and restarts of the source's machines, and commands that arrive too late."""

from __future__ import annotations

from common.clients.machines import PROGRAM

from rehearsal.world import enter
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(
    expected_end="either",
    steps=("drain", "accept-live", "commit"),
    client_errors="the machine with the proxy loses power",
)
def source_app_loses_its_power(stage: Stage, step: str) -> RunResult:
    """The source's application server loses power while it is frozen, and its owner starts it. It is still frozen."""
    pending = stage.start_run()
    with stage.hold_at(step):
        machine = stage.cut_power("source-app")
        stage.power_on(machine)
        assert stage.get_source_mode() == "frozen"
    return stage.wait_for_result(pending)


@Scenario(expected_end="either", client_errors="the machine with the proxy reboots")
def source_reboots_in_the_window(stage: Stage) -> RunResult:
    """The source's application server reboots while it is frozen. It is still frozen afterwards."""
    pending = stage.start_run()
    with stage.hold_at("verify-changes"):
        stage.reboot("source-app")
        assert "frozen" in stage.run_on("source-app", "cat", "/etc/haproxy/cutover/mode.map")
    return stage.wait_for_result(pending)


@Scenario(expected_end="migrated", client_errors="nothing answers reads until Gogs runs again")
def source_gogs_dies_in_the_window(stage: Stage) -> RunResult:
    """Gogs on the source is killed while the source serves only reads."""
    pending = stage.start_run()
    with stage.hold_at("drain"):
        stage.kill_unit("source-app", stage.job.site.unit)
    return stage.wait_for_result(pending)


@Scenario(expected_end="either", steps=("drain", "accept-live", "commit"), client_errors="reads need the database")
def source_database_loses_its_power(stage: Stage, step: str) -> RunResult:
    """The source's database server loses power while it is frozen, and its owner starts it. It is still read-only."""
    pending = stage.start_run()
    with stage.hold_at(step):
        machine = stage.cut_power("source-database")
        stage.power_on(machine)
    return stage.wait_for_result(pending)


@Scenario(expected_end="either", client_errors="reads need the database")
def source_database_dies_in_the_window(stage: Stage) -> RunResult:
    """The source's database server is killed right after its freeze. systemd restarts it, and it is still read-only."""
    pending = stage.start_run()
    with stage.hold_at("drain"):
        stage.kill_unit("source-database", stage.job.site.database_unit)
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", client_errors="reads need the database")
def source_database_stays_off(stage: Stage) -> RunResult:
    """The source's database server loses power while it is frozen. Its owner starts it during the roll back."""
    pending = stage.start_run()
    with stage.hold_at("drain"):
        machine = stage.cut_power("source-database")
    with stage.hold_at("rollback-source"):
        pass
    stage.power_on(machine)
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", reason_contains=("Freeze",))
def freeze_arrives_late(stage: Stage) -> RunResult:
    """Systems Manager delivers the commands to freeze the source after the roll back of their run. Both machines refuse
    and stay open.
    """
    stage.inject_fault("function-crash", step="freeze", times=0)
    result = stage.run()
    run = stage.get_run_record()["run_id"]
    for machine, verb, *options in (
        ("source-app", "freeze", "--lease", "600", "--attempt", "5"),
        (stage.job.site.database_node, "freeze-database"),
    ):
        done = enter.run(stage.settings, machine, [PROGRAM, verb, "--run", run, *options], timeout=60)
        assert done.exit_code != 0, f"{machine} was frozen for a run that has ended"
        assert "is decided: rollback" in done.stdout + done.stderr, done.stdout + done.stderr
    return result
