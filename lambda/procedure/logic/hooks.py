"""What a hook gets, and what its result means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.hooks import Hook
from common.run import Run

PASSED, FAILED, TIMED_OUT = "passed", "failed", "timed-out"
MAX_LINE_CHARACTERS = 200
GRACE_SECONDS, GRACE_SECONDS_IN_WINDOW = 20, 2
"""after its time limit: the way of the command and of its result"""
INPUT_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class HookResult:
    """How a hook ended."""

    outcome: str
    seconds: float
    line: str = ""
    """the last line of its output, cleaned"""
    lines: tuple[str, ...] = ()
    exit_code: int | None = None

    def describe(self, hook: Hook) -> str:
        """Return why the hook failed."""
        if self.outcome == TIMED_OUT:
            how = f"did not end within {hook.seconds} s"
        elif self.exit_code is not None:
            how = f"ended with {self.exit_code}"
        else:
            how = "failed"
        return f"hook {hook.name} {how}: {self.line}" if self.line else f"hook {hook.name} {how}"


def build_input(hook: Hook, run: Run, *, site: str, addresses: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON that the hook reads. It contains no secret. Addresses that are not known yet are left out."""
    return {
        "version": INPUT_VERSION,
        "site": site,
        "run": run.run_id,
        "kind": run.kind,
        "point": hook.point,
        "hook": hook.name,
        "addresses": {name: value for name, value in addresses.items() if value},
    }


def parse_machine_result(facts: Mapping[str, Any]) -> HookResult:
    """Return the result of the tool's verb `hook`."""
    lines = tuple(clean_line(str(line)) for line in facts.get("lines", ()))
    outcome = str(facts.get("outcome", FAILED))
    code = facts.get("exit_code")
    return HookResult(
        outcome=outcome if outcome in (PASSED, TIMED_OUT) else FAILED,
        seconds=float(facts.get("seconds", 0.0)),
        line=lines[-1] if lines else "",
        lines=lines,
        exit_code=code if isinstance(code, int) else None,
    )


def parse_function_result(payload: str, error: str, *, seconds: float) -> HookResult:
    """Return the result of a function.

    It failed if it raised an error, or returned an object whose `ok` is false. `message` of the object is the line of output.
    """
    try:
        body = json.loads(payload)
    except ValueError:
        body = payload
    has_failed = bool(error)
    line = ""
    if isinstance(body, dict):
        has_failed = has_failed or body.get("ok") is False
        line = clean_line(str(body.get("errorMessage" if error else "message") or ""))
    return HookResult(
        outcome=FAILED if has_failed else PASSED, seconds=seconds, line=line, lines=(line,) if line else ()
    )


def build_record_entry(hook: Hook, machine: str, result: HookResult) -> dict[str, Any]:
    """Return the entry of the run record."""
    return {
        "name": hook.name,
        "point": hook.point,
        "machine": machine or hook.function,
        "seconds": round(result.seconds, 3),
        "outcome": result.outcome,
        "required": hook.required,
        "line": result.line,
    }


def parse_record_entry(entry: Mapping[str, Any]) -> HookResult:
    """Return the result in an entry of the run record."""
    return HookResult(outcome=str(entry["outcome"]), seconds=float(entry["seconds"]), line=str(entry.get("line", "")))


def clean_line(text: str) -> str:
    """Return the text in one line without control characters, of a limited length."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= MAX_LINE_CHARACTERS else line[: MAX_LINE_CHARACTERS - 1] + "…"
