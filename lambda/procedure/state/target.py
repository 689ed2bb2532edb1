"""The target site: who tests it, who may reach it, and what its public names led to before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from procedure.state.part import Part


@dataclass
class TargetState(Part):
    tester: str = ""
    """the instance that runs the acceptance suite"""
    tester_addresses: list[str] = field(default_factory=list)
    """CIDRs that were admitted for it; empty until they are"""
    activated_at: str = ""
    opened_at: str = ""
    """when everyone was admitted"""
    previous_record_sets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """by public name, as Route 53 gives them"""
