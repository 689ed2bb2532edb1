"""The command `report`: read a run, from AWS or from files, and write its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from common.clients.run_record import Record
from common.clock import Clock
from common.errors import StepFailed
from common.settings import Limits
from settings import Settings

from operate.costs import describe_price, find_price_key
from operate.prices.model import NOT_KNOWN, Prices
from operate.report.client import read_operations
from operate.report.destination import get_content_path
from operate.report.files import read_evidence
from operate.report.page import write_report
from operate.report.source import RunSource

PAGE = Path("report.html")


@dataclass(frozen=True)
class ReportOptions:
    """What the operator named. `run_id` empty: the last run. `evidence` None: AWS is read."""

    run_id: str = ""
    output: Path = PAGE
    client: Path | None = None
    evidence: Path | None = None


class Reader(Protocol):
    """Reads the evidence of a site from AWS."""

    def read(self, record: Record, *, run_id: str, now: float) -> RunSource: ...


def create_report(
    settings: Settings,
    options: ReportOptions,
    clock: Clock,
    print_line: Callable[[str], None],
    *,
    read_record: Callable[[], Record],
    create_reader: Callable[[], Reader],
    read_prices: Callable[[], Prices] = Prices,
) -> Path:
    """Write the page and print where it is. `read_record`, `create_reader` and `read_prices` are called only without `--evidence`.

    StepFailed, and nothing is written, when the run, the evidence or the client's operations cannot be read.
    """
    if options.evidence is not None:
        source = read_evidence(options.evidence, site=settings.site.name, region=settings.aws.region, now=clock.now())
    else:
        source = create_reader().read(read_record(), run_id=options.run_id, now=clock.now())
        source = _add_prices(source, settings, read_prices())
    source = replace(
        source,
        run_id=options.run_id,
        limits=Limits(**settings.limits.model_dump(exclude_none=True)),
        operations=None if options.client is None else read_operations(options.client),
    )
    try:
        path = write_report(source, options.output)
    except OSError as error:
        raise StepFailed(
            f"the report cannot be written: {error}", next_action="name another file with --output"
        ) from error
    print_line(f"report: {path} (its content as JSON: {get_content_path(path)})")
    return path


def _add_prices(source: RunSource, settings: Settings, prices: Prices) -> RunSource:
    """Return the same with the list prices of its resources, and why others are not known."""
    found = {
        one.id: describe_price(
            find_price_key(one.type, one.id),
            prices,
            storage_gib=settings.database.storage_gib,
            servers=settings.target.minimum,
        )
        for one in source.resources or []
    }
    known = {name: text for name, text in found.items() if text != NOT_KNOWN}
    return replace(source, prices=known, missing=[*source.missing, *prices.problems])
