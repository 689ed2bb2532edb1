"""A failed run: its failure, the progress of its roll back, and the logs of its machines."""

from __future__ import annotations

from dataclasses import dataclass, field

from procedure.state.part import Part


@dataclass
class RollbackState(Part):
    failure: dict[str, str] = field(default_factory=dict)
    """phase, machine, reason, next (common.errors) of the first failure"""
    source_opened_at: str = ""
    replication_resumed_at: str = ""


@dataclass
class LogState(Part):
    machines: list[str] | None = None
    """whose logs are collected; None until that is known"""
    written: dict[str, str] = field(default_factory=dict)
    """machine: object of the evidence"""
    missing: dict[str, str] = field(default_factory=dict)
    """machine: why its logs are missing"""
