"""The order of the procedure, as data. The state machines are built from it (state_machines), and the evidence is numbered by it (evidence_names.py).

Verify first, freeze last: steps whose time grows with the size of the site come before `freeze`. The window grows only with what changed.
"""

from procedure.hook_steps import HOOKS
from procedure.step import Retry, Step, create_final_step, create_window_step

LOCK = Step(
    name="lock", phase="Lock", limit="command", poll_interval_seconds=0, abortable=False, undone_by=("release",)
)
PREFLIGHT = Step(
    name="preflight",
    phase="Preflight",
    limit="replication_wait",
    poll_interval_seconds=5,
    max_inline_wait_seconds=3.0,
    undone_by=(),
)
TAKE_OVER = Step(
    name="take-over",
    phase="Take over",
    limit="cleanup",
    poll_interval_seconds=3,
    max_inline_wait_seconds=10.0,
    undone_by=(),
)
"""Makes the replica of a suspended run that of this run, or removes it. After the preflight, and before anything changes at the provider.

Without a suspended run it leaves nothing. A replica that was taken over is then this run's, as if the step `launch` had launched it.
"""
LAUNCHING = (
    Step(name="prepare-launch", phase="Prepare launch", limit="command", poll_interval_seconds=0, undone_by=()),
    Step(
        name="launch",
        phase="Launch",
        limit="command",
        poll_interval_seconds=0,
        undone_by=("rollback-replica", "rollback-image"),
    ),
    Step(
        name="await-job",
        phase="Launch",
        limit="launch",
        poll_interval_seconds=5,
        waits_for_provider_events=True,
        max_inline_wait_seconds=4.0,
        undone_by=(),
    ),
)
CLEAN_UP = create_final_step("clean-up", "Clean up", "cleanup", waits_for_provider_events=True)
FINISH = create_final_step("finish", "Finish", poll_interval_seconds=0)

TEST_LAUNCH = (
    LOCK,
    PREFLIGHT,
    TAKE_OVER,
    *LAUNCHING,
    Step(name="await-report", phase="Acceptance", limit="report", poll_interval_seconds=1, undone_by=()),
    Step(
        name="await-image",
        phase="Image",
        limit="image",
        poll_interval_seconds=5,
        max_inline_wait_seconds=5.0,
        undone_by=(),
    ),
    Step(
        name="clean-up-test",
        phase="Clean up",
        limit="cleanup",
        poll_interval_seconds=3,
        waits_for_provider_events=True,
        max_inline_wait_seconds=5.0,
        undone_by=(),
    ),
    FINISH,
)
BEFORE_WINDOW = (
    LOCK,
    PREFLIGHT,
    TAKE_OVER,
    Step(
        name="accept-scratch",
        phase="Accept target on scratch copy",
        limit="accept",
        poll_interval_seconds=3,
        max_inline_wait_seconds=10.0,
        undone_by=("rollback-admission",),
    ),
    # Before the window: a provider that refuses a CUTOVER launch in another state refuses it here, while the source serves.
    Step(
        name="mark-ready-for-cutover",
        phase="Ready for cutover",
        limit="command",
        poll_interval_seconds=0,
        undone_by=(),
    ),
    *LAUNCHING,
    Step(name="await-bulk", phase="Bulk copy", limit="bulk", poll_interval_seconds=1, undone_by=()),
    Step(
        name="allow-delta",
        phase="Prepare delta",
        limit="command",
        max_inline_wait_seconds=10.0,
        undone_by=("rollback-delta",),
    ),
    Step(
        name="stand-by",
        phase="Stand by",
        limit="command",
        poll_interval_seconds=2,
        max_inline_wait_seconds=10.0,
        undone_by=(),
    ),
    # Rows first: this step starts the digests that the others need. Its name is a stored one, older than the others.
    *(
        Step(
            name=name,
            phase="Verify",
            limit="verify",
            poll_interval_seconds=5,
            max_inline_wait_seconds=10.0,
            undone_by=(),
        )
        for name in ("verify", "verify-files", "verify-program", "sync-auto-increment")
    ),
)
WINDOW = (
    create_window_step("freeze", "Freeze", "stop_writes", undone_by=("rollback-source", "rollback-targets")),
    create_window_step("freeze-database", "Freeze", "freeze", undone_by=("rollback-source",)),
    create_window_step("drain", "Drain", "drain", undone_by=("rollback-replication",)),
    create_window_step("delta", "Delta", "delta", undone_by=("rollback-targets",)),
    create_window_step("verify-changes", "Verify", "delta", undone_by=()),
    create_window_step("activate", "Activate", "activate", undone_by=("rollback-targets",)),
    create_window_step("accept-live", "Accept", "accept", undone_by=("rollback-admission",)),
    create_window_step("stop-replication", "Drain", "drain", undone_by=("rollback-replication",)),
    Step(name="commit", phase="Commit", limit="command", poll_interval_seconds=0, retry=Retry.FAST, users_wait=True),
)
AFTER_COMMIT = (
    create_final_step("admit", "Admit everyone", poll_interval_seconds=0, users_wait=True),
    # The held users wait for it, so it comes first. While the source works, the step moves the names too, which its failure must not delay.
    create_final_step("forward", "Forward", users_wait=True),
    create_final_step("point-name", "Public name", poll_interval_seconds=0),
    create_final_step("tidy", "Tidy up", "accept"),
    create_final_step("deny-delta", "Close delta"),
    # NOT REVERSIBLE, like the commit before it. Before the clean-up: a removed replica can look like a cutover that was given up.
    create_final_step("finalize", "Finalize", poll_interval_seconds=0),
    CLEAN_UP,
    FINISH,
)
AWAIT_NAMES = Step(
    name="await-names",
    phase="Public name",
    limit="public_names",
    poll_interval_seconds=15,
    retry=Retry.PERSISTENT,
    abortable=False,
)
"""for a zone that is not in Route 53. After the clean-up, because somebody needs minutes for it, and what the clean-up removes costs money"""
AWAIT_GO = Step(
    name="await-go",
    phase="Go",
    limit="go",
    poll_interval_seconds=1,
    max_inline_wait_seconds=15.0,
    max_inline_interval_seconds=1.0,
    undone_by=(),
)
"""for a run with a gate: a go by hand, a maintenance window, or a longest window. The last step before the freeze"""
CUTOVER = (*BEFORE_WINDOW, *WINDOW, *AFTER_COMMIT)

DECIDE_ROLLBACK = create_final_step("decide-rollback", "Roll back", poll_interval_seconds=0)
"""Decides against the commit. If the commit has happened, the procedure goes on instead."""
ROLLBACK_REPLICA = create_final_step("rollback-replica", "Roll back replica", "launch", waits_for_provider_events=True)
"""waits for a launch that still runs, which can take longer than a clean-up may"""
COLLECT_LOGS = create_final_step("collect-logs", "Collect logs", poll_interval_seconds=1)
"""before the replica is removed; ends after some seconds, whatever the machines do"""
TEST_LAUNCH_ROLLBACK = (
    COLLECT_LOGS,
    ROLLBACK_REPLICA,
    create_final_step("rollback-image", "Roll back image", "cleanup"),
)
# The target is closed before the source opens. Users wait for the source, so everything else is undone after that.
CUTOVER_ROLLBACK = (
    create_final_step("rollback-admission", "Roll back admission", poll_interval_seconds=0, users_wait=True),
    create_final_step("rollback-source", "Thaw source", "freeze_lease", users_wait=True),
    create_final_step("rollback-targets", "Roll back targets", "activate"),
    create_final_step("rollback-replication", "Resume replication", "drain"),
    COLLECT_LOGS,
    create_final_step("rollback-delta", "Close delta"),
    ROLLBACK_REPLICA,
)
RELEASE = create_final_step("release", "Release", poll_interval_seconds=0)
WARN = create_final_step("warn", "Warning", poll_interval_seconds=0)
CONCLUDE = create_final_step("conclude", "Failure", poll_interval_seconds=0)
WARNINGS_METRIC = "WarningsAfterCommit"
"""in the namespace Cutover: steps of a committed run that failed. The alarm counts it"""

ALL: dict[str, Step] = {
    step.name: step
    for step in (
        *TEST_LAUNCH,
        *CUTOVER,
        AWAIT_GO,
        AWAIT_NAMES,
        *HOOKS.values(),
        DECIDE_ROLLBACK,
        *TEST_LAUNCH_ROLLBACK,
        *CUTOVER_ROLLBACK,
        RELEASE,
        WARN,
        CONCLUDE,
    )
}


def list_steps_before_window(*, has_gate: bool) -> tuple[Step, ...]:
    """Return the steps before the freeze. `has_gate`: something beside a ready site must be true before the window begins (common.gate)."""
    return (*BEFORE_WINDOW, AWAIT_GO) if has_gate else BEFORE_WINDOW


def list_steps_after_commit(*, names_elsewhere: bool) -> tuple[Step, ...]:
    """Return the steps after the commit. `names_elsewhere`: somebody keeps the zone of the public names outside of Route 53."""
    *steps, finish = AFTER_COMMIT
    return (*steps, AWAIT_NAMES, finish) if names_elsewhere else AFTER_COMMIT
