"""Power losses and full disks of the target's machines, and failures of the cutover's replica."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import ANY_PROVIDER, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="either", steps=("freeze", "activate", "accept-live", "commit"))
def target_dies(stage: Stage, step: str) -> RunResult:
    """One of the two targets loses power at a step of the window."""
    pending = stage.start_run()
    with stage.hold_at(step):
        stage.cut_power("target")
    return stage.wait_for_result(pending)


@Scenario(expected_end="either", always=True)
def target_dies_in_the_window(stage: Stage) -> RunResult:
    """One of the two targets loses power while the source is frozen."""
    pending = stage.start_run()
    with stage.hold_at("verify-changes"):
        stage.cut_power("target")
    return stage.wait_for_result(pending)


@Scenario(expected_end="migrated", client_errors="the machine serves users when it loses power")
def target_dies_after_the_commit(stage: Stage) -> RunResult:
    """One of the two targets loses power right after the commit."""
    pending = stage.start_run()
    with stage.hold_at("point-name"):
        stage.cut_power("target")
    return stage.wait_for_result(pending)


@Scenario(expected_end="either")
def target_database_is_full(stage: Stage) -> RunResult:
    """The disk of the target's database is full when the source freezes."""
    pending = stage.start_run()
    with stage.hold_at("freeze"):
        stage.fill_disk("rds", "/var/lib/mysql")
    result = stage.wait_for_result(pending)
    stage.run_on("rds", "rm", "-f", "/var/lib/mysql/full")
    return result


@Scenario(expected_end="either")
def disk_is_full_on_the_targets(stage: Stage) -> RunResult:
    """The disks of the targets become full while the source is frozen. Gogs cannot start, or cannot write."""
    pending = stage.start_run()
    with stage.hold_at("verify-changes"):
        for machine, role in stage.list_running_machines().items():
            if role == "target":
                stage.fill_disk(machine, "/var/lib")
    result = stage.wait_for_result(pending)
    for machine, role in stage.list_running_machines().items():
        if role == "target":
            stage.run_on(machine, "rm", "-f", "/var/lib/full")
    return result


@Scenario(
    expected_end="either", providers=ANY_PROVIDER, steps=("await-bulk", "freeze", "verify-changes", "stop-replication")
)
def replica_dies(stage: Stage, step: str) -> RunResult:
    """The launched replica loses power at a step that needs it, or at a step that no longer needs it."""
    pending = stage.start_run()
    with stage.hold_at(step):
        stage.cut_power("replica")
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", providers=ANY_PROVIDER, reason_contains=(" on i-",))
def replica_dies_before_the_freeze(stage: Stage) -> RunResult:
    """The launched replica loses power during the full comparison."""
    pending = stage.start_run()
    with stage.hold_at("verify"):
        stage.cut_power("replica")
    return stage.wait_for_result(pending)


@Scenario(
    expected_end="not migrated",
    providers=("mgn", "cloudendure"),
    reason_contains=(" on i-", "deploy again"),
    always=True,
)
def replica_dies_in_the_window(stage: Stage) -> RunResult:
    """The launched replica loses power during the delta."""
    pending = stage.start_run()
    with stage.hold_at("delta"):
        stage.cut_power("replica")
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", providers=ANY_PROVIDER, reason_contains=("Bulk copy", "post-launch"))
def post_launch_dies(stage: Stage) -> RunResult:
    """The script of the launched replica is killed during the bulk copy. The unit that monitors it reports that."""
    stage.inject_during_post_launch("systemctl kill --signal=KILL cutover-post-launch.service")
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Bulk copy", "a report of the launched machine"))
def post_launch_hangs(stage: Stage) -> RunResult:
    """The script of the launched replica hangs, so no report arrives."""
    stage.inject_during_post_launch("systemctl kill --signal=STOP cutover-post-launch.service")
    return stage.run()


@Scenario(expected_end="not migrated", providers=ANY_PROVIDER, reason_contains=("Bulk copy",))
def replica_never_reports(stage: Stage) -> RunResult:
    """The launched replica boots, but its scripts do not run."""
    stage.provider.stop_scripts()
    return stage.run()
