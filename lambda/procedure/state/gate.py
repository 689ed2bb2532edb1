"""The wait before the freeze: what was checked again, and when."""

from __future__ import annotations

from dataclasses import dataclass, field

from procedure.state.part import Part


@dataclass
class GateState(Part):
    checking_since: float = 0.0
    """epoch seconds; when the check that runs now began, 0 between two checks"""
    checked_at: float = 0.0
    """epoch seconds; when the last finished check began, 0 before the first"""
    measured: dict[str, float] = field(default_factory=dict)
    """by command: seconds that it took in the check that runs"""
    reasons: list[str] = field(default_factory=list)
    """why the site was not ready then; these pass with time"""
    predicted_seconds: float | None = None
    """how long the window would be, by the last check"""
    prediction_facts: dict[str, float] = field(default_factory=dict)
    """the terms of the prediction (logic/prediction.py)"""
