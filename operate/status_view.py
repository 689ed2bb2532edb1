"""Show a status to people: facts, a table of the phases, what happens next, what they may do. It fits a terminal of 60 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from operate.formatting import format_duration, list_status_rows
from operate.output import Row, build_fields, build_list
from operate.progress import ACTIVE, DONE, FAILED, Phase
from operate.status import Status

TABLE_LINES = 4
"""of a live view beside its facts and phases: an empty line, the head of the table, a phase whose name is wrapped, the cursor"""
STYLES = {DONE: "green", ACTIVE: "bold yellow", FAILED: "bold red"}


def build_view(status: Status) -> RenderableType:
    """Return everything that is known, for a terminal."""
    parts: list[RenderableType] = [build_fields(list_rows(status))]
    if status.phases:
        parts += [Text(), _build_phases(status.phases)]
    parts += [Text(), *build_list("Next", [status.next_step]), *build_list("You may", status.allowed)]
    parts += build_list("Not known", status.unknown)
    return Group(*parts)


def build_live_view(status: Status, console: Console) -> RenderableType:
    """Return the same for a terminal that is drawn again: it fits its height, with the phases around the one that runs.

    A view that is higher than the terminal would scroll with each drawing.
    """
    fixed = Group(
        build_fields(list_rows(status)),
        *build_list("Next", [status.next_step]),
        *build_list("You may", status.allowed),
        *build_list("Not known", status.unknown),
    )
    left = console.size.height - len(console.render_lines(fixed)) - TABLE_LINES
    phases = select_phases(status.phases, left)
    return Group(fixed, Text(), _build_phases(phases)) if phases else fixed


def select_phases(phases: Sequence[Phase], most: int) -> list[Phase]:
    """Return at most so many phases: the one that runs, or that ran last, with those around it."""
    reached = max((number for number, phase in enumerate(phases) if phase.state), default=0)
    first = max(0, min(reached - most // 2, len(phases) - most))
    return list(phases[first : first + most]) if most > 0 else []


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
