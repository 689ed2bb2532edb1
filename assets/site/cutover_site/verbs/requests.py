"""The verb that counts what the proxy has logged around the window, for the report of the run. It runs after the window, and reads only."""

from __future__ import annotations

import argparse
import time
from typing import Any

from cutover_site.cli import Option, Verb
from cutover_site.errors import Refused
from cutover_site.machine import Machine
from cutover_site.proxy.request_counts import Span, count_requests
from cutover_site.proxy.request_log import count_suppressed, list_commands, parse_requests
from cutover_site.system.commands import iterate_lines

LONGEST_SPAN_SECONDS = 600.0
MAX_SECONDS = 8.0
"""for the read of the log; what is read by then is counted"""

Facts = dict[str, Any]


class Clock:
    """Ends a read that takes too long."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self.is_late = False

    def is_over(self) -> bool:
        """Return whether the time is up."""
        self.is_late = self.is_late or time.monotonic() > self._deadline
        return self.is_late


def count(machine: Machine, options: argparse.Namespace) -> Facts:
    """Count the requests of a time: no address, no path, no user. Raises Refused for a time that is too long or has no length."""
    machine.require_role("source-app", "target")
    span = Span(options.begin, options.end, options.frozen, options.opened)
    if not 0 < span.end - span.begin <= LONGEST_SPAN_SECONDS:
        raise Refused(
            f"requests are counted over at most {LONGEST_SPAN_SECONDS:.0f} s, not over {span.end - span.begin:.0f}",
            next_action="name a shorter time with --begin and --end",
        )
    proxy_log, journal_log = list_commands(span.begin, span.end)
    ports = {f"site_{port.name}": port.name for port in machine.layout.application.tcp}
    clock = Clock(MAX_SECONDS)
    facts = count_requests(parse_requests(iterate_lines(*proxy_log), clock.is_over), span, ports)
    incomplete = (
        [f"the log was read for {MAX_SECONDS:.0f} s; what is later in it is not counted"] if clock.is_late else []
    )
    if suppressed := count_suppressed(iterate_lines(*journal_log)):
        incomplete.append(
            f"the journal did not keep {suppressed} lines of the proxy, because there were too many at once"
        )
    return {**facts, "incomplete": incomplete}


VERBS = (
    Verb(
        "count-requests",
        "(source, target) count the requests in the proxy's log by second, without addresses and paths",
        count,
        (
            Option("begin", kind=float, required=True, help="seconds since 1970"),
            Option("end", kind=float, required=True, help="seconds since 1970, at most 600 later"),
            Option("frozen", kind=float, required=True, help="when the window began, in seconds since 1970"),
            Option("opened", kind=float, required=True, help="when writes went on, in seconds since 1970"),
        ),
    ),
)
