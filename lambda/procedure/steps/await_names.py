"""Wait until somebody has moved the public names, in a zone that is not in Route 53.

The source forwards its users to the target until then, so nobody notices how long it takes. When the time is over the run ends with a
warning that states what to change.
"""

from __future__ import annotations

from procedure.context import Context
from procedure.logic.endpoints import list_public_names
from procedure.logic.names import describe_change, has_moved
from procedure.outcome import Done, Outcome, Pending

UNTIL_THEN = "the source forwards to the target until then: keep its server until the names have moved"


def await_names(context: Context) -> Outcome:
    """Wait until each public name leads to its load balancer. The run record has what to change (`cutover status`)."""
    names = [(name, balancer) for name, balancer, _ in list_public_names(context.target)]
    now = {name: context.tools.resolve(name) for name, _ in names}
    left = "; ".join(
        describe_change(name, balancer, now[name])
        for name, balancer in names
        if not has_moved(now[name], context.tools.resolve(balancer))
    )
    if left != context.record.waiting_for:
        context.tools.runs.update_facts(context.run.run_id, waiting_for=left)
    if left and context.time_left > 0:
        return Pending(left, next_action=UNTIL_THEN)
    if left:
        context.warn(f"the deploy gives up soon, and the run was still waiting for {left}. Next: {UNTIL_THEN}")
    return Done({"names": {name: sorted(found) for name, found in now.items()}})
