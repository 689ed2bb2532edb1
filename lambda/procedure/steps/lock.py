"""Begin and end a run: one run at a time per site."""

from common.clock import format_iso

from procedure.context import Context
from procedure.outcome import Done, Outcome
from procedure.steps.commit import allow_target_traffic_late


def lock(context: Context) -> Outcome:
    """Return who holds the lock since when. The registry has acquired it, because it must hold it before any step runs."""
    return Done(
        {
            "run_id": context.run.run_id,
            "cutover_id": context.run.cutover_id,
            "since": format_iso(context.record.started),
        }
    )


def finish(context: Context) -> Outcome:
    """Write the outputs of the run, then release the lock. The outputs outlive the execution's history."""
    if context.record.committed:
        allow_target_traffic_late(context)
    outputs = {
        "run_id": context.run.run_id,
        "kind": context.run.kind,
        "finished": context.format_now(),
        "warnings": context.state.warnings,
        **({"committed": format_iso(context.record.decided_at)} if context.record.committed else {}),
        **context.state.outputs.to_json(),
    }
    context.evidence.write("outputs", outputs)
    context.tools.runs.release(context.run.run_id)
    return Done(outputs)


def release(context: Context) -> Outcome:
    """Release the lock after a roll back."""
    context.tools.runs.release(context.run.run_id)
    return Done()
