"""What the acceptance suite said. Not checked is not passed."""

from collections.abc import Mapping
from typing import Any

from common.errors import StepFailed


def passed(answer: Mapping[str, Any], machine: str) -> dict[str, Any]:
    """Counts of a suite of which every check passed. StepFailed names those that did not."""
    checks = [check for check in answer.get("checks") or [] if isinstance(check, Mapping)]
    failed = [
        f"{c.get('name')}: {c.get('reason') or c.get('outcome') or 'no outcome'}"
        for c in checks
        if c.get("outcome") != "pass"
    ]
    if failed:
        raise StepFailed(
            f"acceptance failed: {'; '.join(failed)}",
            machine=machine,
            next_action="correct the target site, then deploy again",
        )
    if not checks:
        raise StepFailed("the acceptance suite ran no check: not checked is not passed", machine=machine)
    return {"checks": [{key: c.get(key) for key in ("name", "outcome", "seconds")} for c in checks]}
