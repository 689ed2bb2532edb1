"""`cutover check`."""

from __future__ import annotations

from collections import Counter

import click
from settings.errors import SettingsError

from operate.app import App
from operate.check import AREAS, run_checks
from operate.checks.finding import Finding, found_ok, found_problem
from operate.checks.placeholders import find_placeholders
from operate.checks.schedule import find_past_window
from operate.options import command


@command("check")
@click.option("--skip", multiple=True, type=click.Choice(AREAS), help="Leave an area out; may be given several times.")
def check(app: App, skip: tuple[str, ...]) -> int:
    """List all that a migration lacks.

    Settings, account, quotas, what the region offers, permissions, replication and source are checked at once. Each line states how to get what is missing. Exit code 0 only when every check was made and found nothing.
    """
    try:
        limits = app.read_plan().limits
    except SettingsError as error:
        found = [found_problem("settings", fault, "correct this line of the file") for fault in error.faults]
    else:
        wrong = [*find_placeholders(app.settings), *find_past_window(app.settings, now=app.clock.now())]
        found = wrong or [found_ok("settings", f"{app.config} is complete")]
        found += run_checks(app.site, app.settings, app.clock, limits, skip=skip)
    return _report(app, found, skip)


def _report(app: App, found: list[Finding], skip: tuple[str, ...]) -> int:
    for finding in found:
        app.output.print_line(finding.format())
    states = Counter(finding.state for finding in found)
    good = set(states) <= {"ok"}
    left_out = f"; left out: {', '.join(skip)}" if skip else ""
    app.output.print_line(
        f"{states['ok']} ok, {states['problem']} to correct, {states['unchecked']} not checked{left_out}"
    )
    app.output.finish({"findings": [finding.to_json() for finding in found], "skipped": list(skip)}, ok=good)
    return 0 if good else 1
