"""Compute a run's id, and format its failure for CloudFormation. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from common.errors import format_sentence
from common.run import Kind

REASON_BYTES = 900
"""CloudFormation shows 1 KB, and the framework adds the name of a log group"""
REMOVE_SERVERS = "npx cdk destroy ServersStack"
"""It also destroys the stacks that depend on it: those of the test launch and of the cutover."""
MARKS: Mapping[Kind, str] = {"test-launch": "t", "cutover": "c"}


def build_run_id(kind: Kind, cutover_id: str, identity: str) -> str:
    """Return the run's id: the same for every delivery of a request, at most 46 characters: it is an execution's name, a tag, a column of 64."""
    return f"{cutover_id}-{MARKS[kind]}-{hashlib.sha256(identity.encode()).hexdigest()[:10]}"


def is_run_of(physical_id: str, kind: Kind, cutover_id: str) -> bool:
    """Return whether the resource is a run of this kind for this cutover."""
    return physical_id.rsplit("-", 2)[:2] == [cutover_id, MARKS[kind]]


def format_reason(status: str, cause: str, *, phase: str = "", billed: str = "") -> str:
    """Return the failure in one sentence: phase, machine, what happened, what to do; then what could not be rolled back.

    `phase` is the last one of the run, for an execution that ended without a cause of its own. `billed`: the servers and load
    balancers that stay for the next run. The last sentences name what is kept and the command that removes it; they are never cut.
    """
    facts = _parse_facts(cause)
    message = facts.get("errorMessage", "")
    facts = facts if facts.get("reason") else _parse_facts(message)
    if not facts.get("reason"):
        why = message or cause or "it was stopped from outside"
        facts = {
            "reason": f"the execution ended as {status}: {why}",
            "next": "look at it in Step Functions, then deploy again",
        }
    facts["phase"] = facts.get("phase") or phase
    text = format_sentence(facts)
    if warnings := facts.get("warnings"):
        text = f"{text}. Not rolled back: {'; '.join(warnings)}"
    kept = facts.get("kept") or ""
    servers = (
        f"{billed} stay for a second try and are billed by the hour; to remove them: {REMOVE_SERVERS}" if billed else ""
    )
    rest = "".join(f". {one}" for one in (kept, servers) if one)
    return truncate(text, REASON_BYTES - len(rest.encode())) + rest


def _parse_facts(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        return {}


def truncate(text: str, longest: int = REASON_BYTES) -> str:
    """Return the text, cut to at most this many bytes with an ellipsis."""
    encoded = text.encode()
    return text if len(encoded) <= longest else encoded[: longest - 3].decode(errors="ignore") + "…"
