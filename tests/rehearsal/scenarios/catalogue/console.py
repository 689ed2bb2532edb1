"""Faults of the provider's console and of its jobs."""

from __future__ import annotations

from tests.rehearsal.scenarios.fault_injection import wait_for
from tests.rehearsal.scenarios.scenario import ANY_PROVIDER, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="migrated")
def console_is_out_of_order_for_a_while(stage: Stage) -> RunResult:
    """The console returns 401, 409, 429 and 500, closes connections, loses responses and loses its sessions."""
    for status in (401, 429, 500, 503):
        stage.inject_console_fault("http", path="/machines*", status=status)
        stage.inject_console_fault("http", path="/jobs*", status=status)
    stage.inject_console_fault("http", path="/launchMachines", method="POST", status=409)
    stage.inject_console_fault("close", path="/machines*")
    stage.inject_console_fault("lose-response", path="/launchMachines", method="POST")
    pending = stage.start_run()
    with stage.hold_at("await-bulk"):  # the session exists, and no call is running
        stage.inject_console_fault("forget-sessions")
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", reason_contains=("Launch", "403"))
def console_refuses_the_launch(stage: Stage) -> RunResult:
    """The console returns 403 to the launch, because its user has no permission."""
    stage.inject_console_fault("http", path="/launchMachines", method="POST", status=403, times=0)
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Launch", "no capacity"))
def launch_fails(stage: Stage) -> RunResult:
    """The console's launch job fails."""
    stage.inject_console_fault("launch-fails", message="no capacity in this zone")
    return stage.run()


@Scenario(
    expected_end="not migrated",
    providers=ANY_PROVIDER,
    reason_contains=("Launch", "waiting", "not rolled back", "launch job"),
    orphaned_resources=("launch job",),
)
def launch_takes_an_hour(stage: Stage) -> RunResult:
    """The provider's launch job does not end within its limit, nor while the run waits to remove its replica. The error
    of the deploy names the launch job.
    """
    stage.provider.slow_down_launches(3600)
    return stage.run()


@Scenario(expected_end="not migrated", providers=ANY_PROVIDER, reason_contains=("Preflight", "wait to be copied"))
def machine_lags_behind(stage: Stage) -> RunResult:
    """The provider receives no blocks of the source, so its backlog grows."""
    stage.provider.stop_copying()
    stage.start_writing()
    wait_for("the backlog", 60, lambda: stage.provider.get_backlog_bytes() > 0)
    return stage.run()
