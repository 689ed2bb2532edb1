"""The window: from the freeze to the commit."""

from __future__ import annotations

from dataclasses import dataclass

from procedure.state.part import Part


@dataclass
class WindowState(Part):
    frozen_at: float = 0.0
    """epoch seconds; 0 until the freeze is sent"""
    task_checked_at: float = 0.0
    """epoch seconds; when the replication task was last checked during the wait for the marker"""
