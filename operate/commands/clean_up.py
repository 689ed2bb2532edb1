"""`cutover clean-up`."""

from __future__ import annotations

from dataclasses import asdict

import click

from operate.app import App
from operate.options import command
from operate.orphaned import list_orphaned


@command("clean-up")
@click.option("--yes", is_flag=True, help="Remove what may go. Without it nothing changes.")
def clean_up(app: App, *, yes: bool) -> None:
    """List what runs and the provider have left and what costs money.

    Each line says what it is, and why it may go or stays. With --yes it removes what is certainly nobody's.
    """
    findings = list_orphaned(app.site, app.output.print_line, remove=yes)
    app.output.finish({"resources": [asdict(finding) for finding in findings], "removed": yes})
