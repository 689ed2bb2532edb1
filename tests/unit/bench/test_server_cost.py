"""The cost of a piece of work on a database server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.bench import server_cost
from tests.bench.server_cost import Cost, create_cost_comparison, parse_cpu_seconds


def test_cpu_time_is_user_and_system_time() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    stat = f"7 (my (sql) d) S {' '.join(str(number) for number in range(4, 14))} {3 * ticks} {ticks // 2} 99 99"
    assert parse_cpu_seconds(stat) == 3.5


def test_the_cpu_time_of_this_process_is_read() -> None:
    used = os.times()
    assert parse_cpu_seconds(Path("/proc/self/stat").read_text()) == pytest.approx(used.user + used.system, abs=0.5)


def test_both_sides_costs_are_kept_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = iter([Cost(1.0, 100), Cost(2.5, 700), Cost(2.5, 700), Cost(5.5, 1900)])
    monkeypatch.setattr(server_cost, "read_cost", lambda _: next(costs))
    server: Any = None
    done: list[str] = []
    found = create_cost_comparison("the source", "a", "b", rows=600, cpu_aim="0.7")

    found.measure_ours(server, lambda: done.append("a"))()
    found.measure_theirs(server, lambda: done.append("b"))()

    assert done == ["a", "b"]
    assert (found.cpu.ours_seconds, found.cpu.theirs_seconds) == ([2500.0], [5000.0])
    assert (found.rows.ours_seconds, found.rows.theirs_seconds) == ([1.0], [2.0])
    assert "ratio: 0.50 times the CPU (aim: 0.7)" in found.cpu.format_text()
    assert "ratio: 0.50 times the reads" in found.rows.format_text()
