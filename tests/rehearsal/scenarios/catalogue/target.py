"""The target's machines lose their power or their room, and the replica of the cutover dies or does not report."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


@Scenario(ends="either", steps=("freeze", "activate", "accept-live", "commit"))
def target_dies(stage: Stage, step: str) -> Ended:
    """One of the two targets loses its power at a step of the window."""
    pending = stage.begin()
    with stage.at(step):
        stage.kill("target")
    return stage.end(pending)


@Scenario(ends="either", always=True)
def target_dies_in_the_window(stage: Stage) -> Ended:
    """One of the two targets loses its power while the source is frozen."""
    pending = stage.begin()
    with stage.at("verify-changes"):
        stage.kill("target")
    return stage.end(pending)


@Scenario(ends="migrated")
def target_dies_after_the_commit(stage: Stage) -> Ended:
    """One of the two targets loses its power right after the commit."""
    pending = stage.begin()
    with stage.at("point-name"):
        stage.kill("target")
    return stage.end(pending)


@Scenario(ends="either")
def target_database_is_full(stage: Stage) -> Ended:
    """The target's database has no room left when the source is frozen."""
    pending = stage.begin()
    with stage.at("freeze"):
        stage.fill("rds", "/var/lib/mysql")
    ended = stage.end(pending)
    stage.on("rds", "rm", "-f", "/var/lib/mysql/full")
    return ended


@Scenario(ends="either")
def disk_is_full_on_the_targets(stage: Stage) -> Ended:
    """The targets' disks fill up while the source is frozen: Gogs cannot start, or cannot write."""
    pending = stage.begin()
    with stage.at("verify-changes"):
        for machine, role in stage.machines().items():
            if role == "target":
                stage.fill(machine, "/var/lib")
    ended = stage.end(pending)
    for machine, role in stage.machines().items():
        if role == "target":
            stage.on(machine, "rm", "-f", "/var/lib/full")
    return ended


@Scenario(ends="either", steps=("await-bulk", "freeze", "verify-changes", "stop-replication"))
def replica_dies(stage: Stage, step: str) -> Ended:
    """The launched replica loses its power at a step that needs it, or needs it no more."""
    pending = stage.begin()
    with stage.at(step):
        stage.kill("replica")
    return stage.end(pending)


@Scenario(ends="not migrated", says=(" on i-",))
def replica_dies_before_the_freeze(stage: Stage) -> Ended:
    """The launched replica loses its power while everything is compared."""
    pending = stage.begin()
    with stage.at("verify"):
        stage.kill("replica")
    return stage.end(pending)


@Scenario(ends="not migrated", says=(" on i-", "deploy again"), always=True)
def replica_dies_in_the_window(stage: Stage) -> Ended:
    """The launched replica loses its power while it carries over the last changes."""
    pending = stage.begin()
    with stage.at("delta"):
        stage.kill("replica")
    return stage.end(pending)


@Scenario(ends="not migrated", says=("Bulk copy", "post-launch"))
def post_launch_dies(stage: Stage) -> Ended:
    """The script of the launched replica is killed while it brings the files: the unit that watches it reports for
    it.
    """
    stage.before_post_launch("systemctl kill --signal=KILL cutover-post-launch.service")
    return stage.cutover()


@Scenario(ends="not migrated", says=("Bulk copy", "a report of the launched machine"))
def post_launch_hangs(stage: Stage) -> Ended:
    """The script of the launched replica stops without an end: nothing is ever reported."""
    stage.before_post_launch("systemctl kill --signal=STOP cutover-post-launch.service")
    return stage.cutover()


@Scenario(ends="not migrated", says=("Bulk copy",))
def replica_never_reports(stage: Stage) -> Ended:
    """The launched replica boots, its scripts do not run."""
    stage.console("no-scripts", times=0)
    return stage.cutover()
