"""The milestones of a run. A module of its own, because the command line of every verb knows their names, also on a machine without boto3."""

from __future__ import annotations

VERIFIED, ACTIVATED, ADMITTED = "verified", "activated", "admitted"
MILESTONES = (VERIFIED, ACTIVATED, ADMITTED)
"""in their order: the copy equals the source, every target serves it, everybody may reach the targets. Only the last is after the commit"""
