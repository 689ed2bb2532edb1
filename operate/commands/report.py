"""`cutover report`."""

from __future__ import annotations

from pathlib import Path

import click

from operate.app import App
from operate.options import command
from operate.report.aws import AwsReader
from operate.report.command import PAGE, ReportOptions, create_report
from operate.report.destination import find_problem, get_content_path


@command("report")
@click.option("--run", default="", help="The run; by default the one that holds the site, or held it last.")
@click.option("--output", type=click.Path(path_type=Path), default=PAGE, show_default=True, help="The page.")
@click.option(
    "--client",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Operations of a load client, JSON Lines (docs/report.md).",
)
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, exists=True),
    help="A copy of the evidence bucket or an evidence file; AWS is not read then.",
)
def report(app: App, run: str, output: Path, client: Path | None, evidence: Path | None) -> None:
    """Write one HTML page about a run.

    Its content is beside it, as JSON.
    """
    if problem := find_problem(output, [path for path in (app.config, evidence, client) if path]):
        raise click.BadParameter(problem, param_hint="'--output'")
    path = create_report(
        app.settings,
        ReportOptions(run, output, client, evidence),
        app.clock,
        app.output.print_line,
        read_record=lambda: app.site.read_record(),
        create_reader=lambda: AwsReader(app.site.name, app.site.region, app.site.get_client),
        read_prices=app.read_prices,
    )
    app.output.finish({"page": str(path), "content": str(get_content_path(path))})
