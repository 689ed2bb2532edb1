"""Rows, files and references that differ, and a replication that stops or lags."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.fault_injection import wait_for
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


def change_row(stage: Stage, table: str, column: str) -> None:
    """Change a row at the target alone."""
    name = f"`{stage.job.site.schema}`.`{table}`"
    stage.run_on("rds", "mysql", "-e", f"UPDATE {name} SET {column} = 'changed at the target' LIMIT 1")


@Scenario(expected_end="migrated")
def row_differs_before_the_freeze(stage: Stage) -> RunResult:
    """Another writer changes a row of the target. The full comparison finds the row, and DMS reloads the table."""
    change_row(stage, "user", "full_name")
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Verify", "issue"))
def row_differs_in_the_window(stage: Stage) -> RunResult:
    """Another writer changes a row of the target after the full comparison, in a table that users write to."""
    pending = stage.start_run()
    with stage.hold_at("freeze-database"):  # its result starts the digests of changed rows
        change_row(stage, "issue", "content")
    return stage.wait_for_result(pending)


# A file of LFS has the SHA-256 of its content as its name, wherever the site keeps it.
DAMAGE = """set -e
for kind in '[0-9a-f]{64}' '(objects/[0-9a-f]{2}/[0-9a-f]{38}|[^/]+[.]pack)'; do
  file=$(find /mnt/efs/live -type f -size +100c -regextype posix-extended -regex ".*/$kind" | sort | head -1)
  touch -r "$file" /tmp/when
  python3 - "$file" <<'BYTE'
import sys
with open(sys.argv[1], "r+b") as damaged:
    damaged.seek(50)
    byte = damaged.read(1)
    damaged.seek(50)
    damaged.write(bytes([byte[0] ^ 1]))
BYTE
  touch -r /tmp/when "$file"
  echo "$file"
done
"""


@Scenario(expected_end="migrated")
def files_are_damaged_before_the_freeze(stage: Stage) -> RunResult:
    """After the bulk copy one byte changes in an LFS object and one in a Git object on EFS. Sizes and times of the
    files stay equal.
    """
    pending = stage.start_run()
    with stage.hold_at("verify"):
        replica = next(machine for machine, role in stage.list_running_machines().items() if role == "replica")
        damaged = stage.run_on(replica, "bash", "-c", DAMAGE).split()
        assert len(damaged) == 2, damaged
    result = stage.wait_for_result(pending)
    done = [one for one in stage.read_steps() if one.get("step") == "verify-files" and one["outcome"] == "done"]
    (verified,) = [one["facts"] for one in done]
    copied = verified["files_copied_by_content"]
    assert copied["changed"] >= len(damaged), copied
    return result


# The first rsync of the delta writes this list at its end. The second compares content and would repair the branch.
DELTA_HAS_ENDED = (
    "test -s /run/cutover/changes && ! pgrep -x rsync > /dev/null && sleep 1 && ! pgrep -x rsync > /dev/null &&"
    " echo yes || true"
)
DAMAGED_BRANCH = r"""
f=$(tr '\0' '\n' < /run/cutover/changes |
  sed -n 's|^f\(.*/ledger/[^/]*[.]git/refs/heads/.*\)|/mnt/efs/live/\1|p' | head -1)
printf '%040d\n' 1 > "$f"
"""


@Scenario(expected_end="not migrated", reason_contains=("Verify", "files of refs"))
def reference_is_damaged_in_the_window(stage: Stage) -> RunResult:
    """After the delta, a branch that was pushed since the full comparison points to an object that does not exist. Only
    the target's copy of the branch is damaged.
    """
    pending = stage.start_run()
    with stage.hold_at("delta"):
        wait_for(
            "the first rsync of the delta to end",
            30,
            lambda: stage.run_on("replica", "sh", "-c", DELTA_HAS_ENDED).strip() == "yes",
        )
        stage.run_on("replica", "sh", "-c", DAMAGED_BRANCH)
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", reason_contains=("Delta on i-",))
def shared_files_cannot_be_written(stage: Stage) -> RunResult:
    """EFS refuses every write of the replica during the delta."""
    pending = stage.start_run()
    with stage.hold_at("freeze"):
        stage.run_on("replica", "mount", "-o", "remount,bind,ro", "/mnt/efs")
    return stage.wait_for_result(pending)


@Scenario(expected_end="migrated")
def evidence_cannot_be_written_in_the_window(stage: Stage) -> RunResult:
    """The evidence bucket refuses every write while the source is frozen. The run continues, and writes the evidence
    later.
    """
    pending = stage.start_run()
    with stage.hold_at("freeze", "after"):
        fault = stage.inject_fault(
            "api-error", service="s3", action="PutObject", times=0, code="ServiceUnavailable", status=503
        )
    with stage.hold_at("tidy"):
        fault.clear()
    result = stage.wait_for_result(pending)
    written = {one["step"] for one in stage.read_steps() if "step" in one}
    assert written >= {step.name for step in plan.CUTOVER}
    return result


@Scenario(expected_end="not migrated", reason_contains=("Preflight", ".issue"))
def table_cannot_be_replicated(stage: Stage) -> RunResult:
    """DMS has suspended one table with an error."""
    stage.inject_dms_fault("table-error", schema=stage.job.site.schema, table="issue", message="a value does not fit")
    return stage.run()


@Scenario(expected_end="not migrated", replication_resumes=False)
def replication_is_stopped_before_the_freeze(stage: Stage) -> RunResult:
    """Another operator stops the replication task during the full comparison."""
    pending = stage.start_run()
    with stage.hold_at("verify"):
        stage.stop_replication()
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", reason_contains=("Drain", "stopped"), replication_resumes=False)
def replication_is_stopped_in_the_window(stage: Stage) -> RunResult:
    """Another operator stops the replication task right before the freeze, so the marker never arrives. The roll back
    does not start the task.
    """
    pending = stage.start_run()
    with stage.hold_at("freeze"):
        stage.stop_replication()
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", reason_contains=("Drain", "the target's disk is full"))
def replication_fails_in_the_window(stage: Stage) -> RunResult:
    """The replication task fails right before the freeze, so the marker never arrives."""
    pending = stage.start_run()
    with stage.hold_at("freeze"):
        stage.inject_dms_fault("fail", message="the target's disk is full")
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", reason_contains=("Drain", "marker"))
def replication_lags_in_the_window(stage: Stage) -> RunResult:
    """The replication lags from the freeze on and does not catch up."""
    pending = stage.start_run()
    with stage.hold_at("freeze"):
        stage.inject_dms_fault("lag", seconds=3600.0)
    return stage.wait_for_result(pending)


@Scenario(
    expected_end="not migrated", reason_contains=("Commit", "not rolled back", "replication"), replication_resumes=False
)
def replication_cannot_be_resumed(stage: Stage) -> RunResult:
    """The run fails in the window, and DMS does not start the task again. The error of the deploy says so."""
    stage.inject_fault("function-crash", step="commit", times=0)
    stage.inject_fault(
        "api-error", service="dms", action="StartReplicationTask", times=0, code="InvalidResourceStateFault", status=400
    )
    return stage.run()
