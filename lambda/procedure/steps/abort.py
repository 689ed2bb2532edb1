"""Notice during a long poll that the run must stop. An invocation reads the run record at its beginning, and then waits for up to 20 seconds."""

from __future__ import annotations

from common.errors import CutoverError

from procedure.context import Context


class AbortWatch:
    """Looks at the run record between the slices of one long poll."""

    def __init__(self, context: Context) -> None:
        self._context, self._requested = context, False

    def is_requested(self) -> bool:
        """Return whether somebody has requested that the run stops and the step may stop. False if the record cannot be read now."""
        context = self._context
        if not context.step.abortable:
            return False
        try:
            record = context.tools.runs.read()
        except CutoverError:  # no reason to fail: the next invocation of the step reads the record again
            return False
        self._requested = record.run_id == context.run.run_id and bool(record.abort) and not record.decision
        return self._requested

    def raise_if_requested(self) -> None:
        """Raise RunAborted when the run was found to be requested to stop, as the next invocation of the step would."""
        if self._requested:
            context = self._context
            context.tools.runs.renew_lock(
                context.run.run_id, context.step.name, seconds=context.limits.lock_lease, heed_abort=True
            )
