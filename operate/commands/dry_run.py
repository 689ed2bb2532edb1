"""`cutover dry-run`."""

from __future__ import annotations

import click
from common.run import Kind

from operate.app import App
from operate.dry_run import run_dry_run
from operate.options import command, seconds_option
from operate.rollback import LONGEST_SECONDS


@command("dry-run")
@click.option(
    "--kind", type=click.Choice(["test-launch", "cutover"]), help="The kind of run; by default that of the last run."
)
@seconds_option(LONGEST_SECONDS, "How long to wait at most.")
def dry_run(app: App, kind: Kind | None, seconds: int) -> None:
    """Run every step without a change.

    It needs the deployed state machine. It reads the real services, and only logs what it would change.
    """
    run_dry_run(
        app.site, app.clock, app.output.print_line, cutover_id=app.settings.cutover_id, kind=kind, seconds=seconds
    )
    app.output.finish({})
