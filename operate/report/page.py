"""Render a report as one HTML page. Jinja escapes every value; only the plots, which this package draws, are markup."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from operate.report import formatting
from operate.report.balancer import PERIOD_SECONDS
from operate.report.destination import write_both
from operate.report.model import Report, build_report
from operate.report.plots.svg import Plot
from operate.report.source import RunSource


def write_report(source: RunSource, path: Path) -> Path:
    """Write the page, and its content as JSON beside it. Return the path of the page.

    StepFailed when the evidence has no such run; nothing is written then. OSError when the files cannot be written.
    """
    report = build_report(source)
    page = render_page(report)
    write_both(path, page, report.format_json())
    return path


def render_page(report: Report) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader("operate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "seconds": formatting.format_seconds,
        "count": formatting.format_count,
        "moment": formatting.format_moment,
        "clock": formatting.format_clock,
        "svg": Markup,
    }
    style = Markup(environment.get_template("style.css").render())
    return environment.get_template("page.html.j2").render(report=report, style=style, plots=draw_plots(report))


def draw_plots(report: Report) -> Mapping[str, Plot]:
    """Return the plots that the report has numbers for, by their names in the template."""
    # Here, because the import of matplotlib takes a second, and other commands of the operator need none.
    from operate.report.plots.operations import draw_operations
    from operate.report.plots.phases import draw_phases
    from operate.report.plots.requests import draw_requests

    found: dict[str, Plot] = {}
    operations = report.client.operations if report.client else []
    if operations or report.lag:
        found["operations"] = draw_operations("operations", operations, report.lag or [], report.window)
    if operations and report.window and report.window.seconds is not None:
        found["magnified"] = draw_operations("magnified", operations, [], report.window, magnified=True)
    requests, window = report.requests, report.window
    if requests and requests.source:
        found["source"] = draw_requests("source", "the source's proxy", requests.source, window)
    if requests and requests.targets:
        found["targets"] = draw_requests(
            "targets", "the targets' proxies", requests.targets, window, beside=requests.source
        )
    if report.balancer:
        found["balancer"] = draw_requests(
            "balancer", "the load balancer", report.balancer, window, length=PERIOD_SECONDS
        )
    phases = report.phases
    length = formatting.format_seconds(report.ended - report.began)
    found["phases"] = draw_phases("phases", phases.phases, f"{len(phases.phases)} phases of the run over {length}.")
    if phases.window:
        title = f"The {len(phases.window)} steps of the window over time."
        found["window"] = draw_phases("window", phases.window, title, by_step=True)
    return found
