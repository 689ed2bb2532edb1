"""Decide what a run may take over of a suspended one, and how a suspended run is described. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import takewhile
from typing import Any

from common.run import Run
from common.settings import Settings
from common.site_parameters import Replication
from common.suspension import Suspension

from procedure.validities import LAUNCHED, TAKEN_OVER, VALIDITIES

RESUME = "cutover resume"
REMOVE = "cutover clean-up --yes"


def compute_fingerprint(settings: Settings, replication: Replication) -> str:
    """Return a digest of all settings on which a replica and its copied files depend: where it was launched, from what, and where it copies to."""
    parts = {
        "site": settings.site,
        "application": settings.application,
        "schema": settings.schema,
        "provider": [settings.provider.kind, settings.provider.source_server_name, dict(settings.provider.own)],
        "launch": asdict(settings.launch_settings),
        "replication": asdict(replication),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def find_rejection_reason(
    suspension: Suspension, run: Run, *, fingerprint: str, source_server_id: str, now: float
) -> str:
    """Return why the run may not take the replica over, empty when the record does not show a reason."""
    checkpoint = suspension.checkpoint
    if run.kind != "cutover":
        return "a test launch needs a replica of its own"
    if now >= suspension.until:
        return f"it was kept until {suspension.describe_end()}"
    if checkpoint.cutover_id != run.cutover_id:
        return f"it belongs to cutover_id {checkpoint.cutover_id}"
    if checkpoint.source_server_id != source_server_id:
        return "it is a replica of another source server"
    if checkpoint.fingerprint != fingerprint:
        return "the settings or the places of the data have changed since its launch"
    return find_invalid_step(checkpoint.finished, now=now)


def list_valid_steps(finished: Mapping[str, float], *, now: float) -> list[str]:
    """Return the steps that a run can take over: those from the first one on that are finished and not too old."""
    return list(takewhile(lambda step: not find_invalid_step(finished, now=now, steps=[step]), TAKEN_OVER))


def find_invalid_step(finished: Mapping[str, float], *, now: float, steps: Iterable[str] = LAUNCHED) -> str:
    """Return which of these steps is not finished or too old, empty when all are valid."""
    for step in steps:
        if step not in finished:
            return f"its step {step} was not finished"
        if now - finished[step] > VALIDITIES[step].seconds:
            return f"its step {step} is older than {VALIDITIES[step].seconds // 3600} hours"
    return ""


def format_kept(suspension: Suspension) -> str:
    """Return the sentence of a failed deploy about what stays."""
    return (
        f"The {suspension.checkpoint.describe()} is kept until {suspension.describe_end()} for `{RESUME}` or the next deploy, and billed by the hour; "
        f"to remove it: {REMOVE}"
    )


def build_suspension_facts(suspension: Suspension) -> dict[str, Any]:
    """Return the facts for the evidence of the run that was suspended."""
    kept = suspension.checkpoint.instance_id or suspension.checkpoint.describe()
    return {"kept": kept, "until": suspension.describe_end(), "for": RESUME}
