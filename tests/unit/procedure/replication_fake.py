# ruff: noqa: ARG002  (the fakes have the clients' signatures)
"""The replication of the world's database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from common.clients.dms import TableState, Task

from tests.unit.procedure.machines import TABLES


@dataclass
class FakeReplication:
    """Has the methods of common.clients.dms.DatabaseReplication, as a part of the world."""

    task_status: str = "running"
    loads: int = 1
    """how often tables were loaded"""
    lag_seconds: float | None = 0.4
    replicated: tuple[str, ...] = tuple(TABLES)
    """tables of the schema `gogs`"""

    def note(self, line: str) -> None:
        raise NotImplementedError

    def read_task(self) -> Task:
        status, self.task_status = self.task_status, "stopped" if self.task_status == "stopping" else self.task_status
        return Task(
            arn="arn:task", name="rows", status=status, percent=100, stop_reason="", failure="", started_before=True
        )

    def list_tables(self) -> list[TableState]:
        names = [("gogs", name) for name in self.replicated] + [("cutover", "marker")]
        return [
            TableState(schema=s, table=t, state="Table completed", full_load_rows=3,
                       validation="Validated", failed_records=0, loaded_at=float(self.loads))
            for s, t in names
        ]  # fmt: skip

    def read_lag(self, task: Task, *, now: float) -> float | None:
        return self.lag_seconds

    def reload(self, tables: Iterable[tuple[str, str]]) -> None:
        self.loads += 1
        self.note(f"dms reload {', '.join('.'.join(name) for name in tables)}")

    def start(self, how: str) -> None:
        self.task_status = "running"
        self.note(f"dms {how}")

    def stop(self) -> None:
        self.task_status = "stopping"
        self.note("dms stop")
