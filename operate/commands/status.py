"""`cutover status`."""

from __future__ import annotations

from common.errors import StepFailed

from operate import formatting
from operate.app import App
from operate.options import command


@command("status")
def status(app: App) -> None:
    """Show who holds the site and which side serves."""
    site = app.site
    record = site.read_record()
    try:
        found = site.find_execution(record.run_id) if record.run_id else None
        execution = found[1].status if found else "there is none (any more)"
    except StepFailed as failed:
        execution = f"not known: {failed.reason}"
    for line in formatting.format_status(site.name, record, execution, app.clock.now()):
        app.output.print_line(line)
    app.output.finish({"site": site.name})
