"""A run that was suspended: it failed before the freeze, its way back is done, and its replica is kept for a later run.

Both objects are JSON in the run record (`checkpoint`, `suspended`). They hold names and times, never a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a run has finished whose effect can outlive it: the replica, with the files that it has copied."""

    launched_by: str
    """the run that launched the replica; the replica's tags name it"""
    cutover_id: str
    fingerprint: str
    """of the settings of the launch and of the places of the data"""
    source_server_id: str
    job_id: str
    instance_id: str
    finished: Mapping[str, float] = field(default_factory=dict)
    """by step: when it was finished (epoch seconds)"""
    taken_over_from: str = ""
    """the run from which this run has taken the replica over; empty when this run has launched it"""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the checkpoint that was written."""
        return cls(**raw)


@dataclass(frozen=True, kw_only=True)
class Suspension:
    """A suspended run."""

    run_id: str
    phase: str
    """the phase that failed, as messages name it"""
    since: float
    until: float
    """then its replica is removed, in epoch seconds"""
    checkpoint: Checkpoint

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the suspension that was written."""
        return cls(**{**raw, "checkpoint": Checkpoint.from_json(raw["checkpoint"])})

    def describe_end(self) -> str:
        """Return until when the replica is kept, as people read it: `22:30 UTC`."""
        return format_clock_time(self.until)


def format_clock_time(moment: float) -> str:
    """Return the hour and minute of a moment (epoch seconds)."""
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%H:%M UTC")
