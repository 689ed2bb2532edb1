"""What happens next in a run, and what the operator may do now. Pure."""

from __future__ import annotations

from common.clients.run_record import Record

from operate.progress import IN_WINDOW, get_kind, is_abandoned, is_rolling_back

NEXT = {
    "lock": "checks of both replications, of the source's machines and of the permissions",
    "preflight": "the launch of a replica, as soon as both replications have caught up",
    "accept-scratch": "the launch of the replica that copies the files",
    "await-job": "the replica starts and reports",
    "await-report": "an image of the replica that has passed",
    "await-image": "the removal of the replica; then the target site is built",
    "await-bulk": "the comparison of every row and every file, while the source serves",
}
"""by step; of the other steps the part of the run is enough"""


def describe_next(record: Record, *, has_gate: bool, now: float) -> str:
    """Return what happens next, in one sentence."""
    if not record.lock_expires:
        return _describe_end(record)
    if is_abandoned(record, now=now):
        return "nothing: the run does not go on by itself, because nobody has renewed its lock"
    if is_rolling_back(record):
        return "the run rolls back: the source opens first, then what the run has made is removed"
    if record.abort:
        return "the run rolls back at its next step"
    if record.committed:
        return "everybody is let in, the source forwards, the public names move, the replica is removed"
    if record.phase == "await-go":
        return _describe_go(record)
    if record.phase in IN_WINDOW:
        return "the rest of the window: last rows and files, comparison, acceptance, commit. A failure rolls back"
    if record.phase in NEXT:
        return NEXT[record.phase]
    if get_kind(record) == "test-launch":
        return "the end of the test launch"
    return "the wait before the window" if has_gate else "the window: writes are held until the commit"


def list_allowed(record: Record, *, now: float) -> list[str]:
    """Return the commands that make sense now, each with what it does."""
    if is_abandoned(record, now=now) and not record.committed:
        return ["cutover rollback: take the run up, and end it; the source serves"]
    if not record.run_id:
        return ["npx cdk deploy MigrationStack: test, copy, compare and move the site"]
    if record.committed:
        return ["nothing stops this run any more: the site has moved", "cutover clean-up: what is left and costs money"]
    if not record.lock_expires and record.suspended:
        return [
            "cutover resume: show what the next run takes over, then deploy",
            "cutover rollback: remove what is kept",
        ]
    if not record.lock_expires:
        return ["npx cdk deploy MigrationStack: try again", "cutover clean-up: what is left and costs money"]
    if is_rolling_back(record) or record.abort:
        return ["cutover rollback: wait until the source serves"]
    allowed = ["cutover rollback: end the run; the source serves"]
    if record.go_state == "awaited":
        allowed.insert(0, "cutover go: start the window")
    if record.go_state == "given":
        allowed.insert(0, "cutover hold: take the go back, until the window begins")
    return allowed


def _describe_go(record: Record) -> str:
    if record.go_state == "awaited":
        return "nothing, until somebody gives the go"
    return "the window, as soon as the site is ready and its maintenance window has begun"


def _describe_end(record: Record) -> str:
    if not record.run_id:
        return "nothing: no run has begun"
    if record.committed or (get_kind(record) == "test-launch" and not record.decision):
        return "nothing: the run is over"
    if suspension := record.suspension:
        return f"the {suspension.checkpoint.describe()} is removed at {suspension.describe_end()}, unless a run takes it over; the source serves"
    return "nothing: the run has rolled back"
