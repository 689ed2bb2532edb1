"""Find the expected report among the messages of the queue, and evaluate it."""

from collections.abc import Collection, Mapping
from typing import Any

from common.acceptance import find_problems, has_passed, list_retried, list_unchecked
from common.errors import StepFailed
from common.run import Run


def is_ours(body: Mapping[str, Any], run: Run) -> bool:
    """Return whether the report is of this run and of its kind of launch. `accept` checks the instance."""
    return body.get("run_id") == run.run_id and body.get("launch") == run.launch


def accept(body: Mapping[str, Any], instance_id: str, required: Collection[str]) -> Mapping[str, Any]:
    """Check the report of the replica `instance_id`, and return its facts. Raises StepFailed when the report is not one of a passed launch."""
    reporter = str(body.get("instance_id", ""))
    if reporter != instance_id:
        raise StepFailed(
            f"the report came from {reporter or 'nobody'}, but the provider launched {instance_id}",
            machine=instance_id,
            next_action="look for a second launch of the source server at the provider",
        )
    checks = [check for check in body.get("checks") or [] if isinstance(check, Mapping)]
    failed = find_problems(checks, required)
    if body.get("outcome") != "pass" or failed:
        raise StepFailed(
            "; ".join(failed) or str(body.get("reason") or "the report has the outcome fail without a reason"),
            machine=instance_id,
            next_action="correct the cause, then deploy again",
        )
    if not has_passed(checks, required):
        raise StepFailed("the report names no check that passed: not checked is not passed", machine=instance_id)
    return {
        "checks": len(checks),
        "seconds": round(sum(float(c.get("seconds") or 0) for c in checks), 3),
        "not_checked": list_unchecked(checks),
        "retried": list_retried(checks),
    }
