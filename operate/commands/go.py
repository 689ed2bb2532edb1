"""`cutover go` and `cutover hold`."""

from __future__ import annotations

from operate import go as decisions
from operate.app import App
from operate.options import command


@command("go")
def go(app: App) -> None:
    """Start the window of a waiting run.

    The run keeps who gave the go. It checks the site once more, and then holds the writes of the source. Refused while no run waits.
    """
    _report(app, decisions.give_go(app.site))


@command("hold")
def hold(app: App) -> None:
    """Take a go back, until the window begins."""
    _report(app, decisions.hold(app.site))


def _report(app: App, decided: decisions.Decided) -> None:
    app.output.print_line(decided.sentence)
    app.output.finish({"run_id": decided.run_id, "by": decided.by})
