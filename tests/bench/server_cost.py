"""What a piece of work costs a database server: CPU time of its process, and rows that its storage engine reads."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.rounds import Comparison, Side, time_work
from tests.rehearsal.database_servers.server import DatabaseServer


@dataclass(frozen=True)
class Cost:
    """Since the server's start."""

    cpu_seconds: float
    rows_read: int


def read_cost(server: DatabaseServer) -> Cost:
    """Return the cost of all that the server has done. CPU: user and system time of all threads, also of those that have ended."""
    assert server.process is not None
    assert server.product.root is None, "the process that was started must be the server itself"
    (reads,) = server.query(
        "SELECT SUM(variable_value) FROM information_schema.global_status WHERE variable_name LIKE 'HANDLER_READ%%'"
    )
    return Cost(parse_cpu_seconds(Path(f"/proc/{server.process.pid}/stat").read_text()), int(reads[0]))


def parse_cpu_seconds(stat: str) -> float:
    """Return user and system time from the text of /proc/PID/stat (proc(5): fields 14 and 15, in clock ticks)."""
    fields = stat.rpartition(")")[2].split()  # the name before may have spaces
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class CostComparison:
    """Both costs of two ways of one work."""

    cpu: Comparison
    rows: Comparison
    table_rows: int
    """rows of the table: the figures are for each, or for a million of them"""

    def measure_ours(self, server: DatabaseServer, work: Callable[[], object]) -> Side:
        return self._measure(server, work, self.cpu.ours_seconds, self.rows.ours_seconds)

    def measure_theirs(self, server: DatabaseServer, work: Callable[[], object]) -> Side:
        return self._measure(server, work, self.cpu.theirs_seconds, self.rows.theirs_seconds)

    def _measure(self, server: DatabaseServer, work: Callable[[], object], cpu: list[float], rows: list[float]) -> Side:
        """Return a side that returns its wall time and adds its cost, per million rows, to the comparisons."""

        def measure() -> float:
            before = read_cost(server)
            seconds = time_work(work)
            after = read_cost(server)
            cpu.append((after.cpu_seconds - before.cpu_seconds) * 1e6 / self.table_rows)
            rows.append((after.rows_read - before.rows_read) / self.table_rows)
            return seconds

        return measure


def create_cost_comparison(what: str, ours: str, theirs: str, *, rows: int, cpu_aim: str = "") -> CostComparison:
    """Return empty comparisons of the CPU seconds and of the rows read for each row of a table with so many rows."""
    return CostComparison(
        Comparison(f"{what}: CPU seconds per million rows", ours, theirs, cpu_aim, noun="CPU"),
        Comparison(f"{what}: reads per row", ours, theirs, noun="reads", figure=""),
        rows,
    )
