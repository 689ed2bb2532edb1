"""Check that source and targets have the same application: a change on the source after the test launch's image would be lost."""

from __future__ import annotations

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.verification import compare_files
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command


def send_program_digests(context: Context) -> None:
    """Start the digest of the program on the source and on every serving target."""
    for machine in _list_machines(context):
        context.commands.send_once(Command.DIGEST_PROGRAM, machine, limit=context.limits.verify)


def verify_program(context: Context) -> Outcome:
    """Compare the program of the source with that of each serving target. StepFailed names what differs: the source still serves."""
    digests = {
        machine: context.commands.poll(Command.DIGEST_PROGRAM, machine, limit=context.limits.verify)
        for machine in _list_machines(context)
    }
    source = digests.pop(context.replication.source_app_instance_id)
    found = {machine: digest for machine, digest in digests.items() if digest is not None}
    if source is None or not found or len(found) < len(digests):
        return Pending("the digests of the program of source and targets")
    names: set[str] = set()
    for machine, digest in found.items():
        compared = compare_files(source, digest)
        if compared.different:
            raise StepFailed(
                f"{context.settings.profile.title} was changed on the source after the test launch: {compared.summary}",
                machine=machine,
                next_action="run `cutover-site configure` on the source if its settings or the home of its user were changed, then deploy again: a new image is made",
            )
        names |= set(compared.equal)
    return Done({"program_equal": sorted(names)})


def _list_machines(context: Context) -> list[str]:
    """Return the source's application server and the targets in service."""
    members = context.tools.create_members(context.target.auto_scaling_group).list_members()
    serving = [member.instance_id for member in members if member.in_service]
    return [context.replication.source_app_instance_id, *serving]
