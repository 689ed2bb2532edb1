"""The numbers of the verdict, as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from operate.report.client import Summary
from operate.report.formatting import NOT_KNOWN, format_count, format_seconds
from operate.report.sections.compared import Compared
from operate.report.sections.requests import Requests
from operate.report.sections.window import Window
from operate.report.source import Independent, RunSource


@dataclass(frozen=True)
class Figure:
    """One number of the verdict, as text. `tone`: good, bad or neutral."""

    name: str
    value: str
    note: str = ""
    tone: str = "neutral"


def list_figures(
    source: RunSource,
    window: Window | None,
    client: Summary | None,
    requests: Requests | None,
    compared: Compared,
    warnings: int,
) -> Iterator[Figure]:
    """Yield the figures in the order of the page. A number that nobody measured is shown as not known."""
    if window:
        yield Figure("window", format_seconds(window.seconds), "freeze to commit" if window.committed else "freeze to open source")  # fmt: skip
    else:
        yield Figure("window", "none", "the source was not frozen", "good")
    if client is None and requests and requests.periods:
        total = requests.total
        yield Figure("errors (5xx)", format_count(total.server_errors), f"of {total.requests:,} requests at the proxies", "bad" if total.server_errors else "good")  # fmt: skip
        yield Figure("held requests", format_count(total.held), "waited, then went on")
        yield Figure("longest request", format_seconds(total.longest), "as the proxies logged it")
    elif client is None:
        yield Figure("failed operations", NOT_KNOWN, "nobody measured them")
        yield Figure("longest write", NOT_KNOWN, "nobody measured it")
    else:
        yield Figure("failed operations", format_count(client.failed), f"of {client.operations:,}", "bad" if client.failed else "good")  # fmt: skip
        yield Figure("held writes", format_count(client.held), "waited, then went on")
        yield Figure("longest write", format_seconds(client.longest), f"median of all {format_seconds(client.median)}")
    yield Figure("rows compared", format_count(compared.rows), f"in {format_count(compared.table_count)} tables")
    yield from _list_independent(source.independent)
    yield Figure("warnings", format_count(warnings), "what to do: below" if warnings else "", "warning" if warnings else "good")  # fmt: skip


def _list_independent(independent: Independent) -> Iterator[Figure]:
    if independent.checks:
        failed = sum(not one.passed for one in independent.checks)
        yield Figure("independent checks", f"{len(independent.checks) - failed} of {len(independent.checks)}", "passed", "bad" if failed else "good")  # fmt: skip
