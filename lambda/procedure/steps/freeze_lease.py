"""Keep the source frozen: each step of the window renews the freeze lease when less than half of it is left."""

from __future__ import annotations

from dataclasses import replace

from common.errors import LeaseLost

from procedure.context import Context
from procedure.logic import lease
from procedure.state.commands import Command


def renew_lease_if_due(context: Context) -> None:
    """Renew the freeze lease when it is due. The result is read by a later call. LeaseLost when the lease has expired."""
    seconds, now = context.limits.freeze_lease, context.clock.now()
    expiry = context.record.lease_expires
    if lease.is_lost(now, expiry):
        raise LeaseLost("the freeze lease expired: the source accepts writes again", machine=context.replication.source_app_instance_id,
                        next_action="find what took so long in the run's evidence, then deploy again")  # fmt: skip
    if not lease.is_renewal_due(now, expiry, seconds):
        return
    app, commands = context.replication.source_app_instance_id, context.commands
    if commands.poll(Command.RENEW, app, {"run": context.run.run_id, "lease": seconds}) is not None:
        expires = lease.compute_lease_end(commands.get_sent_at(Command.RENEW, app), seconds)
        context.tools.runs.write_freeze_lease(context.run.run_id, expires=expires)
        context.record = replace(context.record, lease_expires=expires)
        commands.reset(Command.RENEW)
