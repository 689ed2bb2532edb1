"""Wait for the bulk copy of the replica. A replica that was taken over before it had copied everything is asked to go on first."""

from __future__ import annotations

from common.errors import RetryableCommandError, StepFailed
from common.suspension import Checkpoint

from procedure.context import Context
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.launch import await_report

PREPARE = "the replica to go on with the bulk copy for this run"


def await_bulk(context: Context) -> Outcome:
    """Wait for the report of the replica, which it sends when it has copied all files."""
    checkpoint, waiting = context.record.finished, None
    if checkpoint is not None and checkpoint.taken_over_from and not context.state.replica.goes_on:
        waiting = _let_replica_go_on(context, checkpoint)
        context.state.replica.goes_on = waiting is None
    outcome = await_report(context)  # a long poll, also while the replica does not respond yet
    return outcome if waiting is None or isinstance(outcome, Done) else waiting


def _let_replica_go_on(context: Context, checkpoint: Checkpoint) -> Pending | None:
    """Let the replica copy and report for this run. Return None when it does.

    It was launched for another run, whose id it has in its tags: for that run it neither copies nor reports any more. A report that it has sent
    for that run was ignored. The record expects the report before the command is sent.
    """
    replica = context.replica
    if not context.record.expected_report_until:
        until = context.clock.now() + context.limits.bulk
        context.tools.runs.update_facts(context.run.run_id, expected_report_until=until)
    options = {"run": context.run.run_id, "launched-by": checkpoint.launched_by}
    try:
        result = context.commands.poll(Command.CONTINUE_LAUNCH, replica, options)
    except RetryableCommandError as unreachable:  # it may be booting
        context.commands.reset(Command.CONTINUE_LAUNCH)
        return Pending(f"{PREPARE}: {unreachable.reason}", machine=replica, next_action=unreachable.next_action)
    except StepFailed as refused:
        raise StepFailed(
            f"the replica does not go on for this run: {refused.reason}",
            machine=replica,
            next_action=refused.next_action
            or "deploy again: this run removes the replica, and the next one launches another",
        ) from refused
    return Pending(PREPARE, machine=replica) if result is None else None
