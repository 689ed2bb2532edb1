"""`cutover plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from common.clock import format_iso
from common.run import Kind
from rich.table import Table
from rich.text import Text

from operate.app import App
from operate.billed import Billed, add_prices, list_billed
from operate.formatting import format_duration
from operate.options import command
from operate.output import build_list
from operate.planning import LIMIT, PlannedStep, RunPlan, build_plan

if TYPE_CHECKING:
    from settings.cutover import CutoverSettings


@command("plan")
@click.option(
    "--kind",
    type=click.Choice(["cutover", "test-launch"]),
    default="cutover",
    show_default=True,
    help="The kind of run.",
)
def plan(app: App, kind: Kind) -> None:
    """Show each step of a run before it begins.

    Each has its machine, what it changes, and its expected time. The times are those of the last runs. A step that no run has done shows its limit, as "at most". It needs no MigrationStack, and changes
    nothing in AWS. `cutover dry-run` tries the steps.
    """
    prices = app.read_prices()
    found = build_plan(
        app.site,
        app.read_plan(),
        kind,
        billed=add_prices(list_billed(app.settings), prices),
        gate=_describe_gate(app.settings.cutover) if kind == "cutover" else [],
        price_notes=prices.problems,
    )
    _print_plan(app, found)
    app.output.finish(found.to_json())


def _describe_gate(settings: CutoverSettings) -> list[str]:
    gate = []
    if settings.go == "manual":
        gate.append("somebody gives the go: cutover go")
    if settings.window is not None:
        moments = [format_iso(moment.timestamp()) for moment in (settings.window.start, settings.window.until)]
        gate.append(f"the maintenance window: from {moments[0]} until {moments[1]}")
    if settings.max_window_seconds is not None:
        gate.append(f"a predicted window of {settings.max_window_seconds} s at most")
    return gate


def _print_plan(app: App, found: RunPlan) -> None:
    out = app.output
    out.print_line(f"{found.kind} of site {found.site}: {len(found.steps)} steps")
    out.print(_build_steps(found.steps))
    window = found.window_seconds
    if found.kind == "cutover":
        text = "not known before a run has measured it" if window is None else format_duration(window)
        out.print_line(f"\npredicted window (freeze to commit): {text}")
    if found.unmeasured:
        out.print_line(f"{found.unmeasured} steps were never measured: they show their limit")
    for part in (
        build_list("\nBefore the window", found.gate),
        build_list(
            "\nBilled (list prices without taxes, discounts and traffic)", [_format_billed(one) for one in found.billed]
        ),
        build_list("\nPrices", found.price_notes),
        build_list("\nNote", found.notes),
    ):
        for renderable in part:
            out.print(renderable)


def _build_steps(steps: list[PlannedStep]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("step", no_wrap=True)
    table.add_column("expected", justify="right", no_wrap=True)
    table.add_column("where, what, what it changes", overflow="fold")
    for step in steps:
        machine = f" ({step.machine})" if step.machine else ""
        changes = f"; changes: {step.changes}" if step.changes else ""
        expected = f"<={format_duration(step.seconds)}" if step.source == LIMIT else format_duration(step.seconds)
        name = ("| " if step.in_window else "") + step.step
        table.add_row(Text(name), expected, Text(f"{step.where}{machine}: {step.does}{changes}"))
    return table


def _format_billed(one: Billed) -> str:
    return f"{one.count} x {one.what} ({one.size}), {one.billed}; {one.until}; price {one.price}"
