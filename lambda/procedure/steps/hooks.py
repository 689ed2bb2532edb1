"""Run the hooks of the site's owner at one point of the run, one after the other."""

from __future__ import annotations

import json

from common.errors import RetryableCommandError, RetryableServiceError, StepFailed
from common.hooks import POINTS, Hook

from procedure.context import Context
from procedure.logic.hooks import (
    FAILED,
    GRACE_SECONDS,
    GRACE_SECONDS_IN_WINDOW,
    PASSED,
    TIMED_OUT,
    HookResult,
    build_input,
    build_record_entry,
    clean_line,
    parse_function_result,
    parse_machine_result,
    parse_record_entry,
)
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.acceptance import select_tester
from procedure.steps.freeze_lease import renew_lease_if_due

MAX_SECONDS_BEFORE_FUNCTION = 5
"""of one call: a function that takes long is then called in the next invocation, which has its time for it"""
TOOL_MARGIN_SECONDS = 15
"""by which Systems Manager waits longer for the tool than the tool waits for the hook"""


def run_hooks(context: Context) -> Outcome:
    """Run the hooks of this step's point. A required one that fails fails the run; the failure of another one is a warning."""
    point = next(point for point in POINTS.values() if point.step == context.step.name)
    if point.is_in_window:
        renew_lease_if_due(context)
    if point.name == "on-rollback" and context.run.kind == "cutover" and context.record.lease_expires:
        context.warn("Hooks on rollback: not run, because the source is not known to serve again")
        return Done({"hooks": "not run: the source is not known to serve again"})
    started = context.clock.now()
    for hook in (hook for hook in context.settings.hooks if hook.point == point.name):
        if hook.function and context.clock.now() - started > MAX_SECONDS_BEFORE_FUNCTION:
            return Pending(f"hook {hook.name} to begin")
        if (pending := _run_hook(context, hook)) is not None:
            return pending
    return Done({"hooks": [one for one in context.record.hooks if one.get("point") == point.name]})


def _run_hook(context: Context, hook: Hook) -> Pending | None:
    """Run one hook, unless this run has its result. Return None when it has ended. Raises StepFailed when it is required and has failed."""
    for entry in context.record.hooks:
        if entry["name"] == hook.name:
            _evaluate(context, hook, str(entry["machine"]), parse_record_entry(entry))
            return None
    machine = ""
    try:
        machine = _find_machine(context, hook)
        result = _invoke_function(context, hook) if hook.function else _poll_machine(context, hook, machine)
    except RetryableCommandError as error:
        if hook.required:
            raise
        result = HookResult(outcome=FAILED, seconds=0.0, line=error.reason)
    except StepFailed as error:
        result = HookResult(outcome=FAILED, seconds=0.0, line=error.reason)
    if result is None:
        return Pending(f"hook {hook.name} to end", machine=machine)
    _record(context, hook, machine, result)
    _evaluate(context, hook, machine or hook.function, result)
    return None


def _evaluate(context: Context, hook: Hook, machine: str, result: HookResult) -> None:
    """Raise StepFailed if a required hook has failed, warn if another one has."""
    if result.outcome == PASSED:
        return
    failure = StepFailed(
        result.describe(hook),
        machine=machine,
        phase=context.step.phase,
        next_action="correct what the hook reports, then deploy again",
    )
    if hook.required:
        raise failure
    context.warn(failure.to_sentence())


def _find_machine(context: Context, hook: Hook) -> str:
    """Return the instance id of the hook's machine; empty for a function. Raises StepFailed when there is none."""
    match hook.machine:
        case "source-app":
            return context.replication.source_app_instance_id
        case "source-database":
            return context.replication.source_database_instance_id
        case "replica":
            return context.replica
        case "target":
            if tester := select_tester(context):
                return tester
            raise StepFailed("no instance of the target is in service")
    return ""


def _poll_machine(context: Context, hook: Hook, machine: str) -> HookResult | None:
    """Return the result, None while the hook runs. It is sent once. Without a result in time it counts as not ended."""
    now = context.clock.now()
    began = context.state.hooks.began.setdefault(hook.name, now)
    facts = context.commands.poll(
        Command.HOOK,
        machine,
        {
            "run": context.run.run_id,
            "point": hook.point,
            "name": hook.name,
            "command": hook.command,
            "user": hook.user,
            "seconds": hook.seconds,
            "input": json.dumps(_build_input(context, hook)),
        },
        limit=hook.seconds + TOOL_MARGIN_SECONDS,
        part=hook.name,
    )
    if facts is not None:
        return parse_machine_result(facts)
    grace = GRACE_SECONDS_IN_WINDOW if POINTS[hook.point].is_in_window else GRACE_SECONDS
    if now - began > hook.seconds + grace:
        return HookResult(outcome=TIMED_OUT, seconds=now - began, line="the machine has returned no result")
    return None


def _invoke_function(context: Context, hook: Hook) -> HookResult:
    """Return the result. RetryableServiceError when a required function cannot be called now."""
    began = context.clock.now()
    try:
        response = context.tools.functions.invoke(hook.function, _build_input(context, hook), seconds=hook.seconds)
    except RetryableServiceError as error:
        if hook.required:
            raise
        return HookResult(outcome=FAILED, seconds=context.clock.now() - began, line=clean_line(error.reason))
    seconds = context.clock.now() - began
    if response is None:
        return HookResult(outcome=TIMED_OUT, seconds=seconds)
    return parse_function_result(response.payload, response.error, seconds=seconds)


def _build_input(context: Context, hook: Hook) -> dict[str, object]:
    target = context.target
    addresses = {
        "site_url": target.site_url,
        "load_balancer": target.load_balancer_dns,
        "source": context.state.source.address,
        "database": context.replication.database_endpoint,
    }
    return build_input(hook, context.run, site=context.settings.site, addresses=addresses)


def _record(context: Context, hook: Hook, machine: str, result: HookResult) -> None:
    """Write the result into the run record, before it can fail the run. The registry writes the lines with the evidence of the step."""
    entry = build_record_entry(hook, machine, result)
    context.record = context.tools.runs.update_facts(context.run.run_id, hooks=[*context.record.hooks, entry])
    output = {**entry, "exit_code": result.exit_code, "lines": list(result.lines)}
    context.state.unwritten_evidence[f"hook-{hook.name}"] = output
