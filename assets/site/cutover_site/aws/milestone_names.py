"""The milestones of a run. A module of its own, because the command line of every verb knows their names, also on a machine without boto3."""

from __future__ import annotations

CLOSED, COPIED, ACTIVATED, ADMITTED = "closed", "copied", "activated", "admitted"
MILESTONES = (CLOSED, COPIED, ACTIVATED, ADMITTED)
"""in their order: the application server holds writes and none is in flight; the target has all rows and files, and the digests of its rows are
taken; every target serves the copy, which equals the source; everybody may reach the targets. Only the last is after the commit"""
