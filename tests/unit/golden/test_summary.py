"""The summary at the end of `make rehearse`."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from rehearsal.client.overlap import Overlap
from rehearsal.job.comparison import Comparison
from rehearsal.job.evidence import Evidence
from rehearsal.job.goals import build_maximum_goal, build_minimum_goal
from rehearsal.job.progress import Phase
from rehearsal.job.secrecy import Secrecy
from rehearsal.job.summary import show

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

LEDGER: dict[str, Any] = {
    "acknowledged_writes": 231,
    "found": {"issue": 120, "push": 111},
    "lost": [],
    "pace": {"writes_per_second": 6.6, "pushes_per_second": 1.6, "enough": True},
    "refused": {"503 with Retry-After": 4},
    "site_errors": {"issue": 3, "attachment": 1},
    "unclear": [],
    "write_downtime": {"seconds": 4.5, "began": 1767261605.0},
    "pause": {"failed_operations": 0, "held_writes": 14, "longest_write_seconds": 4.7, "window_seconds": 4.5},
    "read_downtime": {"failed": 0, "total": 0.0, "longest": 0.0, "lasting": False},
    "longest_read_pause": {"seconds": 0.6, "began": 1.0},
}
LEFT_OUT = {"not_checked": ["attachment: the site takes none"], "retried": ["issue: POST /x: answered 500"]}
PHASES = [Phase("set up the source site", 61.2), Phase("migrate", 214.8)]


def step(
    name: str, phase: str, second: float, seconds: float, outcome: str = "done", /, **facts: Any
) -> dict[str, Any]:
    times = {"began": f"2026-01-01T10:00:{second:06.3f}Z", "ended": f"2026-01-01T10:00:{second + seconds:06.3f}Z"}
    return {"step": name, "phase": phase, "outcome": outcome, "seconds": seconds, "facts": facts, **times}


MIGRATED = Evidence(
    outcome="migrated",
    provider="AWS MGN",
    database={"product": "MySQL", "version": "9.7.4", "why": ""},
    site_url="http://git.cutover.example/",
    served_by="10.0.1.20",
    content={"repositories": 24, "users": 9},
    ledger=LEDGER,
    overlap=Overlap(source=210, target=21, apart=4.51),
    comparison=Comparison(tables=31, rows=4012, repositories=24, refs=93, objects=812, files={"LFS objects": 7}, owned=611),
    secrecy=Secrecy(secrets=["a", "b"], seconds=8.4),
    phases=PHASES,
    steps=[step("freeze", "Freeze", 5.5, 2.0), step("accept-live", "Accept", 7.5, 1.5, **LEFT_OUT)],
    goals=[build_maximum_goal("window", 4.5, 2, "s"), build_maximum_goal("failed reads", 0, 0, ""), build_minimum_goal("writes tried", 6.6, 5, "a second")],
)  # fmt: skip
WEAK = {
    **LEDGER,
    "lost": ["issue 3"],
    "pace": {"writes_per_second": 3.0, "pushes_per_second": 0.1, "enough": False},
    "unclear": ["lfs of 3.000: cut"],
    "site_errors": {},
    "write_downtime": None,
    "pause": {"failed_operations": 5, "held_writes": 0, "longest_write_seconds": None, "window_seconds": None},
    "read_downtime": {"failed": 3, "total": 2.0, "longest": 2.0, "lasting": True},
}
FAILED = Evidence(
    outcome="not migrated",
    reason="MigrationStack: Verify on i-1: rows differ in issue. Next: deploy again",
    database={"product": "MariaDB", "version": "10.11.14-MariaDB", "why": "mysql of Debian sid is not available: no network"},
    ledger=WEAK,
    overlap=Overlap(source=3, target=2, apart=-1.5),
    comparison=Comparison(tables=31, rows=4012, files={"LFS objects": 7}, findings=[f"row {number} of table issue differs" for number in range(7)]),
    secrecy=Secrecy(unsearched=["S3: denied"]),
    phases=PHASES[:1],
    steps=[step("verify-changes", "Verify", 5.5, 2.0, "failed", machine="i-1", reason="rows differ in issue")],
    goals=[build_maximum_goal("window", None, 2, "s"), build_maximum_goal("failed reads", 3, 0, ""), build_minimum_goal("writes tried", 3, 5, "a second")],
    missing=["what the client saw: no client had begun to write"],
)  # fmt: skip
UNMEASURED = Evidence(
    ledger={
        **LEDGER,
        "pace": None,
        "write_downtime": None,
        "pause": {**LEDGER["pause"], "longest_write_seconds": None, "window_seconds": None},
        "read_downtime": None,
        "longest_read_pause": None,
    },
    overlap=Overlap(5, 0, None),
)


@pytest.mark.parametrize("evidence", [MIGRATED, FAILED, UNMEASURED], ids=["migrated", "failed", "not-measured"])
def test_summary(evidence: Evidence, golden: SnapshotAssertion) -> None:
    console = Console(file=io.StringIO(), width=150)
    show(evidence, console)

    written = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "\n".join(line.rstrip() for line in written.splitlines()) == golden
