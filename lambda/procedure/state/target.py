"""The target site: its acceptance client, its traffic, and the previous record sets of its names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from procedure.state.part import Part


@dataclass
class TargetState(Part):
    tester: str = ""
    """the instance that runs the acceptance suite"""
    tester_addresses: list[str] = field(default_factory=list)
    """CIDRs that were allowed for it; empty until then"""
    accepting_at: str = ""
    """when the live acceptance was permitted"""
    activated_at: str = ""
    opened_at: str = ""
    """when target traffic was allowed for everyone"""
    names_tried_at: str = ""
    """when the step forward moved the public names, while the source worked"""
    previous_record_sets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """by public name, as Route 53 gives them"""
