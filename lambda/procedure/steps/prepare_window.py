"""Prepare the machines for the window: the replica's access to the source's files, and a prefork worker on each machine."""

from __future__ import annotations

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.endpoints import list_forward_options
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command


def allow_delta(context: Context) -> Outcome:
    """Let the replica read the source's data folders, with a key of its own that allows nothing else."""
    app = context.replication.source_app_instance_id
    context.state.source.address = context.replication.source_app_address or _find_address(context, app)
    key = context.commands.poll(Command.DELTA_KEY, context.replica)
    if key is None:
        return Pending("the replica's key", machine=context.replica)
    replica = context.tools.compute.find_instance(context.replica)
    options = {"key": str(key["public_key"]), "address": replica.private_ip if replica else ""}
    result = context.commands.poll(Command.ALLOW_DELTA, app, options)
    if result is None:
        return Pending("the source to accept the replica's key", machine=app)
    return Done(result)


def _find_address(context: Context, instance_id: str) -> str:
    """Return the private address. StepFailed: EC2 knows no such instance that runs."""
    source = context.tools.compute.find_instance(instance_id)
    if source is None or not source.private_ip:
        raise StepFailed("the source's application server is not running", machine=instance_id)
    return source.private_ip


def start_prefork_workers(context: Context) -> Outcome:
    """Start the prefork worker on every machine of the window, and let the source's proxy know the target.

    With the worker, commands run without a process start of their own.
    """
    replication = context.replication
    members = context.tools.create_members(context.target.auto_scaling_group).list_members()
    machines = [
        replication.source_app_instance_id,
        replication.source_database_instance_id,
        context.replica,
        *(member.instance_id for member in members if member.in_service),
    ]
    source = {
        context.replica: {"source": context.require(context.state.source.address, "the source's private address")}
    }
    results = {machine: context.commands.poll(Command.ATTEND, machine, source.get(machine, {})) for machine in machines}
    app = replication.source_app_instance_id
    # Now, because it reloads the proxy: in the window only a worker that knows the target can hold writes for it.
    prepared = context.commands.poll(
        Command.PREPARE_FORWARD, app, {"run": context.run.run_id, **list_forward_options(context.target)}
    )
    if waiting := [machine for machine, result in results.items() if result is None]:
        return Pending("the prefork workers of the machines", machine=waiting[0])
    if prepared is None:
        return Pending("the source's proxy to learn the target's address", machine=app)
    return Done({"machines": machines, "forward": prepared})
