"""`cutover clean-up`."""

from __future__ import annotations

from dataclasses import asdict

import click

from operate.app import App
from operate.costs import list_temporary_stacks
from operate.options import command
from operate.orphaned import list_orphaned


@command("clean-up")
@click.option("--yes", is_flag=True, help="Remove what may go. Without it nothing changes.")
def clean_up(app: App, *, yes: bool) -> None:
    """List or remove what is left and billed.

    What is left was made by runs and the provider. Each line states what it is, and why it may go or stays. With --yes it removes what certainly belongs to no run.
    """
    findings = list_orphaned(app.site, app.output.print_line, remove=yes)
    stacks = list_temporary_stacks(app.site) if app.site.read_record().committed else []
    if stacks:
        app.output.print_line(
            f"still billed: the stacks of the migration, which the moved site does not need; to remove them: npx cdk destroy {' '.join(stacks)}"
        )
    app.output.finish(
        {"resources": [asdict(finding) for finding in findings], "removed": yes, "stacks_to_destroy": stacks}
    )
