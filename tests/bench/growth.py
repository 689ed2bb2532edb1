"""The window over the size of the site and over the size of what changed: its cost must grow with the second alone.

One world, set back before each case. The base is the demo site. `site` adds ten times its files and rows before the run begins, `change` writes
files and rows when everything has been compared and the source is about to be frozen.
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
    """Megabytes of files (1 MB each), thousands of empty files, thousands of rows."""

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
    """by phase"""


def bench() -> str:
    """A table."""
    with open_world() as stage:
        return text(figures(stage))


def figures(stage: Stage) -> list[Figure]:
    return [_measured(stage, case) for case in CASES]


def _measured(stage: Stage, case: Case) -> Figure:
    stage.reset()
    _write(stage, case.site_mb, case.site_rows, 1)
    _touch(stage, case.site_files)
    wait_for("the rows to be replicated", SETTLE_SECONDS, lambda: _rows(stage, "rds") >= case.site_rows * 1000)
    pending = stage.start_run()
    with stage.hold_at("freeze"):
        _write(stage, case.change_mb, case.change_rows, 2)
    result = stage.wait_for_result(pending)
    assert result.succeeded, result.reason
    wait_for("writes at the target", 60, lambda: _taken(stage, result.ended_at) >= WRITES_AFTER)
    stage.stop_writing()
    steps = {one["step"]: float(one["seconds"]) for one in stage.read_steps() if "step" in one}
    gap = stage.writers.check()["write_downtime"]["seconds"]
    return Figure(case, gap, float(result.data["WindowSeconds"]), {name: steps[name] for name in PHASES})


def _write(stage: Stage, megabytes: int, thousands: int, part: int) -> None:
    """Files as attachments, rows as the activity of a user who is nobody."""
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


def _touch(stage: Stage, thousands: int) -> None:
    if thousands:
        files = f"for n in $(seq {thousands}); do mkdir -p {FILES}/many/$n; cd {FILES}/many/$n; seq 1000 | xargs touch; done"
        stage.run_on("source-app", "sh", "-c", f"{files}; chown -R git:git {FILES}; sync")


def _rows(stage: Stage, machine: str) -> int:
    return int(stage.run_on(machine, "mysql", "-N", "-e", "SELECT COUNT(*) FROM gogs.action WHERE user_id = -7"))


def _taken(stage: Stage, since: float) -> int:
    return sum(one.acknowledged and one.writes and one.sent > since for one in stage.read_operations())


def text(found: list[Figure]) -> str:
    """Seconds, and each case's window as a multiple of the first's."""
    head = f"    {'':36} {'no writes':>9} {'window':>8} {'ratio':>6}  " + "  ".join(PHASES)
    lines = [head]
    for one in found:
        phases = "  ".join(f"{one.seconds[name]:{len(name)}.2f}" for name in PHASES)
        ratio = one.window / found[0].window
        lines.append(f"    {one.case.name:36} {one.without_writes:9.2f} {one.window:8.2f} {ratio:6.2f}  {phases}")
    return "\n".join(lines)
