"""Translate what Step Functions caught to facts: the JSON of our errors, or the best description of any other error."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from procedure.plan import ALL

if TYPE_CHECKING:
    from common.clients.run_record import Record

READ_THE_LOG = "read the procedure function's log"
"""the advice when the error has none"""
CAUSE_BYTES = 900
"""a CloudFormation reason holds 1 KB, and the custom resource adds words"""


def parse_caught_error(error: Mapping[str, Any], *, phase: str = "") -> dict[str, str]:
    """Return the facts of an error as a Catch writes it: Error, and mostly Cause with Lambda's errorMessage; or as `Caught`, beside `Of`, the step.

    `phase` is used when the error has none.
    """
    if step := ALL.get(str(error.get("Of", ""))):
        phase = step.phase
    error = error.get("Caught", error)
    name, cause = str(error.get("Error", "")), error.get("Cause", "")
    try:
        payload = json.loads(cause)
    except (ValueError, TypeError):
        payload = None
    message = str(payload.get("errorMessage", "")) if isinstance(payload, dict) else str(cause)
    try:
        facts = json.loads(message)
    except ValueError:
        facts = None
    if isinstance(facts, dict) and "reason" in facts:
        known = {key: str(facts.get(key) or "") for key in ("phase", "machine", "reason", "next")}
        return {**known, "phase": known["phase"] or phase}
    if name in ("States.Timeout", "Sandbox.Timedout") or "timed out" in message.lower():
        reason = f"a step did not answer in time ({name})"
    else:
        reason = f"{name or 'unknown error'}: {message or 'no message'}"
    return {"phase": phase, "machine": "", "reason": reason, "next": READ_THE_LOG}


def add_failed_step(error: Mapping[str, Any], record: Record) -> Mapping[str, Any]:
    """Return the error with the step that failed. An execution that was ended from outside caught nothing: the record has its step."""
    return error if "Of" in error else {"Of": record.phase, "Caught": error}


def format_cause(facts: Mapping[str, str], warnings: Sequence[str]) -> str:
    """Return the cause as JSON of at most CAUSE_BYTES bytes: the reason is cut, never phase, machine, where the machine's logs are, or what is kept."""
    body: dict[str, Any] = {key: facts.get(key, "") for key in ("phase", "machine", "reason", "next")}
    body["next"] = body["next"] or "read the run's evidence, correct the cause, deploy again"
    for key in ("logs", "kept"):
        if facts.get(key):
            body[key] = facts[key]
    if warnings:
        body["warnings"] = list(warnings)
    while len(text := json.dumps(body, ensure_ascii=False).encode()) > CAUSE_BYTES:
        if body.get("warnings"):
            body["warnings"] = body["warnings"][:-1]
            continue
        longest = max(("reason", "next"), key=lambda key: len(body[key]))
        body[longest] = body[longest][: max(0, len(body[longest]) - 50 - 1)].rstrip("…") + "…"
    return text.decode()
