"""A run that was suspended: it failed before the freeze, its roll back is complete, and its launch or replica is kept for a later run.

Both objects are JSON in the run record (`checkpoint`, `suspended`). They hold names and times, never a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a run has finished whose effect can outlive it: the launch, the replica, the files that it has copied."""

    launched_by: str
    """the run that launched the replica; the replica's tags name it"""
    cutover_id: str
    fingerprint: str
    """of the settings of the launch and of the places of the data"""
    source_server_id: str
    job_id: str
    instance_id: str
    """empty while the launch has not ended as far as the run knows (its step await-job is not finished)"""
    finished: Mapping[str, float] = field(default_factory=dict)
    """by step: when it was finished (epoch seconds)"""
    taken_over_from: str = ""
    """the run from which this run has taken the replica over; empty when this run has launched it"""
    taken_over: Sequence[str] = ()
    """the finished steps that are of that run; this run has finished the others itself"""

    def describe(self) -> str:
        """Return what is kept, as people read it: `replica i-1`, or `launch job 7` whose replica is not known yet."""
        return f"replica {self.instance_id}" if self.instance_id else f"launch job {self.job_id}"

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form. Without an empty `taken_over`, as earlier releases wrote it: a condition compares the text with what was read."""
        return {name: value for name, value in asdict(self).items() if name != "taken_over" or value}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the checkpoint that was written. One of an earlier release has no `taken_over`: such a run had taken over all of it."""
        of_earlier_release = list(raw["finished"]) if raw.get("taken_over_from") else []
        return cls(**{**raw, "taken_over": tuple(raw.get("taken_over", of_earlier_release))})


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
        return {**asdict(self), "checkpoint": self.checkpoint.to_json()}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the suspension that was written. What the suspended run had taken over itself does not matter any more."""
        checkpoint = replace(Checkpoint.from_json(raw["checkpoint"]), taken_over=())
        return cls(**{**raw, "checkpoint": checkpoint})

    def describe_end(self) -> str:
        """Return until when the replica is kept, as people read it: `22:30 UTC`."""
        return format_clock_time(self.until)


def format_clock_time(moment: float) -> str:
    """Return the hour and minute of a moment (epoch seconds)."""
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%H:%M UTC")
