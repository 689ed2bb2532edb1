"""The counts of the proxies' logs: which machines count, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from procedure.state.part import Part


@dataclass
class RequestState(Part):
    began: float = 0.0
    """epoch seconds; when the first command was sent, 0 before"""
    machines: dict[str, str] | None = None
    """machine: source or target; None until that is known"""
    written: dict[str, str] = field(default_factory=dict)
    """machine: object of the evidence"""
    missing: dict[str, str] = field(default_factory=dict)
    """machine: why its counts are missing"""
    cleaned: dict[str, Any] | None = None
    """the facts of the clean-up, which ends before anything is counted; None until then"""
