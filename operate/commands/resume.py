"""`cutover resume`."""

from __future__ import annotations

import os
import subprocess
import sys

import click
from common.errors import StepFailed
from rich.table import Table
from rich.text import Text

from operate.app import App
from operate.formatting import format_duration
from operate.options import command
from operate.suspended import DEPLOY, find_suspension, list_steps


@command("resume")
@click.option("--show", is_flag=True, help="Only show what would be taken over. Nothing changes.")
def resume(app: App, *, show: bool) -> None:
    """Pick up a suspended run.

    It shows what is taken over, then deploys. A run that failed before the freeze keeps its launch or its replica for some time. The next deploy takes it over, with or without this command: a finished launch and a finished copy of all files are not done again, a launch that still runs is waited for, an unfinished copy goes on. Everything is compared again.
    """
    now = app.clock.now()
    suspension = find_suspension(app.site.read_record(), now=now)
    steps = list_steps(suspension, now=now)
    app.output.print_line(
        f"run {suspension.run_id} failed in {suspension.phase}; its {suspension.checkpoint.describe()} is kept until {suspension.describe_end()}"
    )
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    for name in ("step", "next run", "age", "valid", "because"):
        table.add_column(name, overflow="fold")
    for one in steps:
        age = "" if one["age_seconds"] is None else format_duration(one["age_seconds"])
        valid = format_duration(one["valid_seconds"]) if one["valid_seconds"] else "-"
        use = "takes it over" if one["taken_over"] else "does it again"
        table.add_row(*(Text(text) for text in (one["step"], use, age, valid, one["reason"])))
    app.output.print(table)
    if not show:
        app.output.print_line(f"now: {DEPLOY}")
        deploy(app)
    app.output.finish({"run_id": suspension.run_id, "until": suspension.until, "steps": steps, "deployed": not show})


def deploy(app: App) -> None:
    """Do what the deploy does. StepFailed when it fails: it has printed its reason. Its output is no part of a JSON object."""
    environment = {**os.environ, "CUTOVER_CONFIG": str(app.config)}
    try:
        ended = subprocess.run(
            DEPLOY.split(), env=environment, check=False, stdout=sys.stderr if app.output.as_json else None
        )
    except FileNotFoundError:
        raise StepFailed("npx is not installed here", next_action=f"install Node.js, then: {DEPLOY}") from None
    if ended.returncode:
        raise StepFailed(
            f"the deploy failed with exit code {ended.returncode}; its last lines have the reason",
            next_action="correct it, then `cutover resume`, or look with `cutover status`",
        )
