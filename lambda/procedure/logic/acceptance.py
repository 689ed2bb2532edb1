"""Evaluate the result of the acceptance suite. Not checked is not passed."""

from collections.abc import Collection, Mapping
from typing import Any

from common.acceptance import find_problems, has_passed, list_retried, list_unchecked
from common.errors import StepFailed


def require_passed(result: Mapping[str, Any], machine: str, required: Collection[str]) -> dict[str, Any]:
    """Return the checks of a passed suite, the checks that the site's settings rule out, and the requests that were sent twice.

    Raises StepFailed naming the checks that failed.
    """
    checks = [check for check in result.get("checks") or [] if isinstance(check, Mapping)]
    if problems := find_problems(checks, required):
        raise StepFailed(
            f"acceptance failed: {'; '.join(problems)}",
            machine=machine,
            next_action="correct the target site, then deploy again",
        )
    if not has_passed(checks, required):
        raise StepFailed("the acceptance suite ran no check: not checked is not passed", machine=machine)
    return {
        "checks": [{key: c.get(key) for key in ("name", "outcome", "seconds")} for c in checks],
        "not_checked": list_unchecked(checks),
        "retried": list_retried(checks),
    }
