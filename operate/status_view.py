"""Show a status to people: facts, a table of the phases, what happens next, what they may do. It fits a terminal of 60 columns."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from operate.formatting import format_duration, list_status_rows
from operate.output import Row, build_fields, build_list
from operate.progress import ACTIVE, DONE, FAILED, Phase
from operate.status import Status

STYLES = {DONE: "green", ACTIVE: "bold yellow", FAILED: "bold red"}


def build_view(status: Status) -> RenderableType:
    """Return everything that is known, for a terminal."""
    parts: list[RenderableType] = [build_fields(list_rows(status))]
    if status.phases:
        parts += [Text(), _build_phases(status.phases)]
    parts += [Text(), *build_list("Next", [status.next_step]), *build_list("You may", status.allowed)]
    parts += build_list("Not known", status.unknown)
    return Group(*parts)


def list_rows(status: Status) -> list[Row]:
    """Return the facts about the run, its window and its replication, each with its label."""
    record = status.record
    rows = list_status_rows(status.site, record, status.execution, status.at)
    if record.go_by and status.is_running:
        rows.append(("go", f"{record.go_state} by {record.go_by}"))
    if status.lag_seconds is not None:
        rows.append(("lag", f"rows {status.lag_seconds:.1f} s"))
    if (lag := status.server_replication.get("lag")) is not None and status.is_running:
        rows.append(("", f"server {lag} (in the preflight)"))
    if status.window_seconds is not None:
        held = "writes were held" if record.decision else "writes are held"
        rows.append(("window", f"{format_duration(status.window_seconds)} {held}"))
    return rows


def format_phase_line(status: Status) -> str:
    """Return the run in one line, for an output that is no terminal: it is printed when it changes."""
    record = status.record
    window = f", window {format_duration(status.window_seconds)}" if status.window_seconds is not None else ""
    waiting = f", waits for {record.waiting_for}" if record.waiting_for and status.is_running else ""
    decision = f", {record.decision}" if record.decision else ""
    return f"{record.phase}{decision}{window if record.decision else ''}{waiting}"


def _build_phases(phases: list[Phase]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("phase", overflow="fold")
    table.add_column("", no_wrap=True)
    for name in ("time", "expected", "limit"):
        table.add_column(name, justify="right", no_wrap=True)
    for phase in phases:
        style = STYLES.get(phase.state, "dim")
        table.add_row(
            Text(("| " if phase.in_window else "") + phase.name, style=style),
            Text(phase.state, style=style),
            "" if phase.seconds is None else format_duration(phase.seconds),
            "-" if phase.expected_seconds is None else format_duration(phase.expected_seconds),
            format_duration(phase.limit_seconds),
        )
    return table
