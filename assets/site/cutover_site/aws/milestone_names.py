"""The milestones of a run. A module of its own, because the command line of every verb knows their names, also on a machine without boto3."""

from __future__ import annotations

HELD, COPIED, ACTIVATED, ADMITTED = "held", "copied", "activated", "admitted"
MILESTONES = (HELD, COPIED, ACTIVATED, ADMITTED)
"""in their order: the source's proxy holds writes, and none is in flight; the target has all rows and files, and the digests of its rows are
taken; every target serves the copy, which equals the source; everybody may reach the targets. Only the last is after the commit"""
WAIT_SECONDS = 120.0
"""how long a command waits for a milestone when it does not say how long"""
