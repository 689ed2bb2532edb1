"""`cutover status`."""

from __future__ import annotations

import click

from operate.app import App
from operate.options import command
from operate.status import Status, StatusReader
from operate.status_view import build_view
from operate.watch import watch as follow


@command("status")
@click.option("--watch", is_flag=True, help="Show it live, until the run ends. Exit code 1 when it has rolled back.")
def status(app: App, *, watch: bool) -> int:
    """Show the run, and what you may do now.

    It shows which side serves, and what happens next. The phases have the time that they took, the time that the last run needed, and their limit. Those of the window begin with a bar.
    """
    reader = StatusReader(app.site, app.read_plan(), app.clock)
    found = follow(reader, app.clock, app.output) if watch else reader.read()
    app.output.print(build_view(found))  # after a watch too: the live view has the phases that fit alone
    app.output.finish(found.to_json(), ok=_is_ok(found, watched=watch))
    return 0 if _is_ok(found, watched=watch) else 1


def _is_ok(found: Status, *, watched: bool) -> bool:
    """Return whether a watched run has ended well. A look alone is always done."""
    return found.is_good or not watched
