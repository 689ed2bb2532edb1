"""Is the targets' application the source's? They have it from the image of the test launch; what was changed on the source since would be lost."""

from __future__ import annotations

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.verification import compare_files
from procedure.state.commands import Command


def same_program(context: Context) -> list[str] | None:
    """What was compared; None while a machine works. StepFailed names what differs: the source still serves."""
    app = context.replication.source_app_instance_id
    members = context.tools.members(context.target.auto_scaling_group).members()
    serving = [member.instance_id for member in members if member.in_service]
    answers = {
        machine: context.commands.poll(Command.DIGEST_PROGRAM, machine, limit=context.limits.verify)
        for machine in (app, *serving)
    }
    source = answers.pop(app)
    if source is None or not answers:
        return None
    names: set[str] = set()
    for machine, answer in answers.items():
        if answer is None:
            return None
        compared = compare_files(source, answer)
        if compared.different:
            raise StepFailed(
                f"{context.settings.profile.title} was changed on the source after the test launch: {compared.words}",
                machine=machine,
                next_action="run `cutover-site configure` on the source if its settings or the home of its user were changed, then deploy again: a new image is made",
            )
        names |= set(compared.equal)
    return sorted(names)
