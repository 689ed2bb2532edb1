"""The milestones of a run. A module of its own, because the command line of every verb knows their names, also on a machine without boto3."""

from __future__ import annotations

COPIED, ACTIVATED, ADMITTED = "copied", "activated", "admitted"
MILESTONES = (COPIED, ACTIVATED, ADMITTED)
"""in their order: the target has all rows and files, and the digests of its rows are
taken; every target serves the copy, which equals the source; everybody may reach the targets. Only the last is after the commit"""
