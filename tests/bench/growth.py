"""The window for several sizes of the site and of the changes. Its cost must grow only with the changes.

One world is reset before each case. The base is the demo site. `site_…` adds files and rows before the run starts,
up to ten times the site's. `change_…` writes files and rows after the full comparison, right before the freeze.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.rehearsal.scenarios.fault_injection import wait_for
from tests.rehearsal.scenarios.outcome import WRITES_AFTER
from tests.rehearsal.scenarios.stage import Stage
from tests.rehearsal.scenarios.worlds import open_world

PHASES = ("freeze", "freeze-database", "drain", "delta", "verify-changes", "activate", "accept-live")
FILES = "/srv/gogs/data/attachments/bench"
SETTLE_SECONDS = 600


@dataclass(frozen=True)
class Case:
    """Megabytes of files (1 MB each), thousands of empty files, and thousands of rows."""

    name: str
    site_mb: int = 0
    site_files: int = 0
    site_rows: int = 0
    change_mb: int = 0
    change_rows: int = 0


CASES = (
    Case("demo site (1x)"),
    Case("ten times the site (10x)", site_mb=600, site_rows=30),
    Case("1x, 100,000 files more", site_files=100),
    Case("1x, a million rows more", site_rows=1000),
    Case("1x, 20 MB and 5,000 rows changed", change_mb=20, change_rows=5),
    Case("1x, 200 MB and 50,000 rows changed", change_mb=200, change_rows=50),
)


@dataclass(frozen=True)
class Figure:
    case: Case
    without_writes: float
    window: float
    seconds: dict[str, float]
    """by step"""


def run_benchmark() -> str:
    """Return a table."""
    with open_world() as stage:
        return format_text(measure_all(stage))


def measure_all(stage: Stage) -> list[Figure]:
    return [_measure(stage, case) for case in CASES]


def _measure(stage: Stage, case: Case) -> Figure:
    stage.reset()
    _write_content(stage, case.site_mb, case.site_rows, 1)
    _create_empty_files(stage, case.site_files)
    wait_for("the replication of the rows", SETTLE_SECONDS, lambda: _count_rows(stage, "rds") >= case.site_rows * 1000)
    pending = stage.start_run()
    with stage.hold_at("freeze"):
        _write_content(stage, case.change_mb, case.change_rows, 2)
    result = stage.wait_for_result(pending)
    assert result.succeeded, result.reason
    wait_for("writes on the target", 60, lambda: _count_acknowledged(stage, result.ended_at) >= WRITES_AFTER)
    stage.stop_writing()
    steps = {one["step"]: float(one["seconds"]) for one in stage.read_steps() if "step" in one}
    gap = stage.writers.check()["write_downtime"]["seconds"]
    return Figure(case, gap, float(result.data["WindowSeconds"]), {name: steps[name] for name in PHASES})


def _write_content(stage: Stage, megabytes: int, thousands: int, part: int) -> None:
    """Write files as attachments, and rows as the activity of a user that does not exist."""
    if megabytes:
        folder = f"{FILES}/{part}"
        files = f"for n in $(seq {megabytes}); do head -c 1000000 /dev/urandom > {folder}/$n; done"
        stage.run_on("source-app", "sh", "-c", f"mkdir -p {folder}; {files}; chown -R git:git {FILES}; sync")
    if thousands:
        rows = (
            "INSERT INTO gogs.action (user_id, op_type, content, is_private)"
            f" SELECT -7, 5, REPEAT('x', 200), 0 FROM seq_1_to_{thousands * 1000}"
        )
        stage.run_on("source-database", "mysql", "gogs", "-e", rows)


def _create_empty_files(stage: Stage, thousands: int) -> None:
    if thousands:
        files = f"for n in $(seq {thousands}); do mkdir -p {FILES}/many/$n; cd {FILES}/many/$n; seq 1000 | xargs touch; done"
        stage.run_on("source-app", "sh", "-c", f"{files}; chown -R git:git {FILES}; sync")


def _count_rows(stage: Stage, machine: str) -> int:
    return int(stage.run_on(machine, "mysql", "-N", "-e", "SELECT COUNT(*) FROM gogs.action WHERE user_id = -7"))


def _count_acknowledged(stage: Stage, since: float) -> int:
    return sum(one.acknowledged and one.writes and one.sent > since for one in stage.read_operations())


def format_text(found: list[Figure]) -> str:
    """Return a table of seconds, with the window of each case as a multiple of the first case's."""
    head = f"    {'':36} {'no writes':>9} {'window':>8} {'ratio':>6}  " + "  ".join(PHASES)
    lines = [head]
    for one in found:
        phases = "  ".join(f"{one.seconds[name]:{len(name)}.2f}" for name in PHASES)
        ratio = one.window / found[0].window
        lines.append(f"    {one.case.name:36} {one.without_writes:9.2f} {one.window:8.2f} {ratio:6.2f}  {phases}")
    return "\n".join(lines)
