"""`cutover rollback`."""

from __future__ import annotations

from operate.app import App
from operate.options import command, seconds_option
from operate.rollback import LONGEST_SECONDS, roll_back


@command("rollback")
@seconds_option(LONGEST_SECONDS, "How long to wait at most.")
def rollback(app: App, seconds: int) -> None:
    """Stop the run; the source serves again.

    Refused after the commit. Harmless to repeat and to interrupt: the roll back goes on by itself.
    """
    roll_back(app.site, app.clock, app.output.print_line, seconds=seconds)
    app.output.finish({"serves": "source"})
