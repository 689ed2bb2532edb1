"""Who decided what, when, and by which call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from common.clients.run_record import Record

from operate.report.runs import Run, Step, parse_time

CALLS: Mapping[str, tuple[str, str]] = {
    "lock": ("the run took the lock of the site", "DynamoDB UpdateItem: the lock is free and the site has not moved"),
    "freeze": ("writes of the source are held", "Systems Manager SendCommand: cutover-site freeze"),
    "freeze-database": ("the source's database refuses writes", "Systems Manager SendCommand: cutover-site freeze-database"),
    "stop-replication": ("the replication of rows ends", "DMS StopReplicationTask"),
    "commit": ("COMMIT: the site is on the target; the point of no return", "DynamoDB UpdateItem decision = commit: undecided, not aborted, freeze lease valid"),
    "admit": ("everybody may reach the target", "EC2 AuthorizeSecurityGroupIngress"),
    "forward": ("the source forwards to the target", "Systems Manager SendCommand: cutover-site forward"),
    "point-name": ("the public names lead to the target", "Route 53 ChangeResourceRecordSets"),
    "finalize": ("the provider's replication ends for good", "the provider's API"),
    "decide-rollback": ("ROLL BACK: this run can no longer commit", "DynamoDB UpdateItem decision = rollback: not committed"),
    "rollback-source": ("the source accepts writes again", "Systems Manager SendCommand: cutover-site thaw"),
    "release": ("the run released the lock", "DynamoDB UpdateItem: the lock is removed"),
}  # fmt: skip
"""step: what it decided, and the call that did it"""


@dataclass(frozen=True)
class Decision:
    """One decision. `when` in seconds since 1970; `who`: the function and its request."""

    when: float | None
    what: str
    who: str
    call: str


def list_decisions(run: Run, record: Record | None) -> list[Decision]:
    """Return the decisions of the run in their order. `record`: the run record, if it is of this run."""
    found = [*_list_steps(run), *_list_record(run, record)]
    return sorted(found, key=lambda one: one.when if one.when is not None else float("inf"))


def _list_steps(run: Run) -> Iterator[Decision]:
    for step in run.steps:
        if step.name in CALLS and step.is_done and not _has_decided_nothing(step):
            what, call = CALLS[step.name]
            yield Decision(_find_moment(step), what, format_caller(step.by), call)


def _has_decided_nothing(step: Step) -> bool:
    """Return whether the step decided nothing: the source was never frozen, or the run had committed before."""
    return (step.name == "rollback-source" and "open_since" not in step.facts) or (
        step.name == "decide-rollback" and step.facts.get("decision") == "commit"
    )


def _find_moment(step: Step) -> float:
    """Return the moment of the decision itself, which lies inside of its step."""
    for key in ("committed", "open_since"):
        if step.facts.get(key):
            return parse_time(step.facts[key])
    return step.began if step.name in ("lock", "freeze") else step.ended


def _list_record(run: Run, record: Record | None) -> Iterator[Decision]:
    if record is None or record.run_id != run.run_id:
        return
    if go := getattr(record, "go_by", ""):  # a release without a go has no such attribute
        taken = getattr(record, "go_state", "") == "awaited"
        what = "the go for the window was taken back" if taken else "GO: the window may begin"
        yield Decision(getattr(record, "go_at", None) or None, what, go, "DynamoDB UpdateItem go_state")
    if record.abort:
        yield Decision(None, f"the run was requested to stop: {record.abort}", "not recorded; CloudTrail names the caller of the deploy or of the command", "DynamoDB UpdateItem abort")  # fmt: skip
    if record.decision == "thaw":
        yield Decision(record.decided_at or None, "THAW: the source opened by itself when nobody renewed the freeze lease", "the dead man's switch on the source", "DynamoDB UpdateItem decision = thaw: undecided")  # fmt: skip
    if record.committed and not run.find_done("commit"):
        what, call = CALLS["commit"]
        yield Decision(record.decided_at or None, what, "not recorded: the step's evidence is missing", call)


def format_caller(by: str) -> str:
    """Return function and request of `ARN request ID`. Another form is returned as it is."""
    arn, word, request = by.partition(" request ")
    name = arn.rpartition(":function:")[2] if ":function:" in arn else arn
    return f"function {name}, request {request}" if word else by or "not recorded"
