"""Follow a run to its end: the status is drawn again in a terminal; elsewhere each change is a line."""

from __future__ import annotations

from collections.abc import Callable

from common.clock import Clock, format_iso
from common.errors import Retryable
from rich.live import Live
from rich.text import Text

from operate.output import Output
from operate.status import Status, StatusReader
from operate.status_view import build_live_view, format_phase_line

POLL_SECONDS = 2.0
Draw = Callable[[Status], None]


def watch(reader: StatusReader, clock: Clock, output: Output) -> Status:
    """Return the last status, when no run holds the site any more. A call that fails for a moment is repeated."""
    if not output.is_live:
        return _follow(reader, clock, output.print_line, _create_line_printer(output))
    with Live(console=output.console, auto_refresh=False, vertical_overflow="crop") as live:

        def report(text: str) -> None:
            live.console.print(Text(text))

        return _follow(
            reader, clock, report, lambda status: live.update(build_live_view(status, live.console), refresh=True)
        )


def _follow(reader: StatusReader, clock: Clock, report: Callable[[str], None], draw: Draw) -> Status:
    while True:
        try:
            status = reader.read()
            draw(status)
            if not status.is_running:
                return status
        except Retryable as error:
            report(f"{format_iso(clock.now())}  will look again: {error.reason}")
        clock.sleep(POLL_SECONDS)


def _create_line_printer(output: Output) -> Draw:
    printed = ""

    def draw(status: Status) -> None:
        nonlocal printed
        line = format_phase_line(status)
        if line != printed:
            printed = line
            output.print_line(f"{format_iso(status.at)}  {line}")

    return draw
