"""What one run of the engine is to do: the first line that it reads. Holds the passwords, so it is never written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from rehearsal.dms.engine.databases import Server
from rehearsal.dms.mappings import Mappings
from rehearsal.dms.task_settings import Settings

Start = Literal["start-replication", "resume-processing", "reload-target"]
Migration = Literal["full-load", "cdc", "full-load-and-cdc"]


@dataclass(frozen=True)
class Job:
    task: str
    """Resource id of the task; the key of its rows in the control tables."""
    source: Server
    target: Server
    start: Start
    migration: Migration
    mappings: Mappings
    settings: Settings
    server_id: int
    """Ours among the source's replicas."""
    target_schema: str | None = None
    """All tables go into this one; None: each into the schema of its own name."""

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Job:
        return cls(
            task=str(raw["task"]),
            source=Server(**raw["source"]),
            target=Server(**raw["target"]),
            start=cast("Start", raw["start"]),
            migration=cast("Migration", raw["migration"]),
            mappings=Mappings.parse(raw["mappings"]),
            settings=raw["settings"],
            server_id=int(raw["server_id"]),
            target_schema=raw.get("target_schema"),
        )

    @property
    def control_schema(self) -> str:
        return str(self.settings["ControlTablesSettings"]["ControlSchema"]) or "awsdms_control"

    def map_name(self, name: tuple[str, str]) -> tuple[str, str]:
        return self.target_schema or name[0], name[1]

    def get_policy(self, name: str) -> str:
        return str(self.settings["ErrorBehavior"][name])
