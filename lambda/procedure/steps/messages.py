"""Send the messages for people: after which step, and each once.

Users wait between the freeze and the step that ends their wait. Nothing is sent there, except the message about the freeze, for which nobody
waits. A message that cannot be sent becomes a warning of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from common.errors import CutoverError
from common.hooks import POINTS
from common.message import Message

from procedure.context import Context
from procedure.logic import messages as texts
from procedure.logic.endpoints import list_public_names
from procedure.logic.resume import build_suspension_facts
from procedure.outcome import Done, Outcome
from procedure.plan import (
    AFTER_COMMIT,
    AWAIT_NAMES,
    CUTOVER_ROLLBACK,
    RELEASE,
    ROLLBACK_REPLICA,
    TEST_LAUNCH_ROLLBACK,
    WARN,
    WINDOW,
)

FROZEN = "frozen"
WINDOW_HOOKS = frozenset(point.step for point in POINTS.values() if point.is_in_window)
WAITING_USERS = WINDOW_HOOKS | {*(step.name for step in WINDOW), "admit", "decide-rollback", "rollback-admission"}
"""steps after which users still wait"""
ENDS_WAIT = frozenset({"forward", "rollback-source"})
"""steps after which users do not wait any more"""
IN_WINDOW = WINDOW_HOOKS | {step.name for step in WINDOW[1:-1]}
"""after the freeze, before the commit"""
SERVED_BY_TARGET = frozenset(step.name for step in (*AFTER_COMMIT[1:], AWAIT_NAMES))
SERVED_BY_SOURCE = frozenset(step.name for step in (*CUTOVER_ROLLBACK[1:], RELEASE)) | {"conclude"}
BEFORE_REPLICA = frozenset(step.name for step in CUTOVER_ROLLBACK[: CUTOVER_ROLLBACK.index(ROLLBACK_REPLICA)])
"""steps of a roll back before the run decides whether it keeps its replica"""
AFTER_FAILED_TEST = frozenset(step.name for step in (*TEST_LAUNCH_ROLLBACK, RELEASE)) | {"conclude"}
LATE = frozenset({"clean-up", "release"})
"""steps long after the freeze, before the warnings of the run are written"""


def announce(context: Context, outcome: Outcome) -> None:
    """Send what is to be sent after this invocation of a step. Never raises a CutoverError."""
    if not context.tools.people_messages.is_enabled or _do_users_wait(context, outcome):
        return
    if context.run.kind == "test-launch":
        _announce_test(context, outcome)
    else:
        _announce_cutover(context, outcome)
    if context.step.name in LATE:
        _check_background(context)
    _announce_warnings(context)


def announce_freeze(context: Context) -> None:
    """Send the message about the freeze in the background, while a step of the window waits for something else. Costs the window nothing."""
    if context.step.name not in IN_WINDOW or FROZEN in context.state.messages.done:
        return
    messages = context.tools.people_messages
    if not messages.is_enabled:
        return
    context.state.messages.done.append(FROZEN)
    message = texts.build_frozen(
        _build_facts(context),
        frozen_at=context.state.window.frozen_at,
        hold_seconds=context.limits.freeze_hold,
    )

    def work() -> None:
        with suppress(CutoverError):  # the last step reads in the record whether it was sent
            _send(context, FROZEN, message)

    messages.run_in_background(work)


def announce_ready(context: Context, *, until: float, go: str, predicted_window_seconds: float | None = None) -> None:
    """Send that the run waits for a person. For the step that waits, in each of its invocations: it is sent once.

    `until` in epoch seconds; `go`: the command that lets the run go on.
    """
    if context.tools.people_messages.is_enabled:
        message = texts.build_ready(
            _build_facts(context), until=until, go=go, predicted_window_seconds=predicted_window_seconds
        )
        _send_once(context, "ready", lambda: message)


def _do_users_wait(context: Context, outcome: Outcome) -> bool:
    step = context.step.name
    if step == "warn":  # the step that failed is over
        return context.caught.step in WAITING_USERS
    return step in WAITING_USERS or (step in ENDS_WAIT and not isinstance(outcome, Done))


def _announce_test(context: Context, outcome: Outcome) -> None:
    state, step = context.state, context.step.name
    if step == "clean-up-test" and isinstance(outcome, Done):  # the step finish writes the warnings
        _send_once(
            context,
            "test-passed",
            lambda: texts.build_test_passed(_build_facts(context), image_id=state.replica.image_id),
        )
    elif step in AFTER_FAILED_TEST and isinstance(outcome, Done):
        failure = state.rollback.failure or dict(outcome.facts if step == "conclude" else {})
        if failure:
            _send_once(context, "test-failed", lambda: texts.build_test_failed(_build_facts(context), failure))


def _announce_cutover(context: Context, outcome: Outcome) -> None:
    state, record = context.state, context.record
    step = context.caught.step if context.step.name == "warn" else context.step.name
    if record.committed and step in SERVED_BY_TARGET:
        _send_once(context, "committed", lambda: _build_committed(context, step))
    elif not record.committed and step in SERVED_BY_SOURCE and _is_known_what_stays(context, step, outcome):
        concluded = outcome.facts if isinstance(outcome, Done) and step == "conclude" else {}
        failure = state.rollback.failure or dict(concluded)
        if failure:
            _send_once(context, "rolled-back", lambda: _build_rolled_back(context, failure, outcome))


def _is_known_what_stays(context: Context, step: str, outcome: Outcome) -> bool:
    """Return whether the message about a roll back can be sent after this invocation.

    If the run may keep its replica, its users do not wait for anything: the message waits for that decision, but not for a removal.
    """
    if step == ROLLBACK_REPLICA.name and context.step is not WARN:
        return True
    may_keep = context.record.finished is not None and context.settings.resume_minutes > 0
    if may_keep and not context.record.lease_expires and not context.state.rollback.source_opened_at:
        return isinstance(outcome, Done) and step not in BEFORE_REPLICA
    return isinstance(outcome, Done)


def _build_committed(context: Context, step: str) -> Message:
    target = context.target
    return texts.build_committed(
        _build_facts(context),
        committed_at=context.record.decided_at,
        window_seconds=context.state.outputs.window_seconds,
        forwards=context.step.name != "warn" or step != "forward",
        names_elsewhere=[] if target.hosted_zone_id else [name for name, *_ in list_public_names(target)],
    )


def _build_rolled_back(context: Context, failure: dict[str, str], outcome: Outcome) -> Message:
    kept = (
        outcome.facts
        if isinstance(outcome, Done) and context.step is ROLLBACK_REPLICA and "kept" in outcome.facts
        else texts.NOTHING_KEPT
    )
    if (suspension := context.record.suspension) is not None and suspension.run_id == context.run.run_id:
        kept = build_suspension_facts(suspension)  # the step before has sent nothing
    opened = context.state.rollback.source_opened_at
    return texts.build_rolled_back(
        _build_facts(context),
        failure,
        was_frozen=bool(opened or context.record.lease_expires),
        open_since=opened,
        opens_by=context.record.source_opens_by,
        kept=kept,
    )


def _announce_warnings(context: Context) -> None:
    state = context.state
    fresh = state.warnings[state.messages.warned :]
    if fresh:
        committed = context.record.committed
        name = f"warning-{state.messages.warned + 1}"
        state.messages.warned = len(state.warnings)
        _send_once(context, name, lambda: texts.build_warning(_build_facts(context), fresh, committed=committed))


def _check_background(context: Context) -> None:
    """Warn if the message about the freeze was begun and not sent."""
    if FROZEN in context.state.messages.done and not context.record.messages.get(FROZEN):
        _warn_once(context, "the message about the freeze was not sent in time")


def _send_once(context: Context, name: str, build: Callable[[], Message]) -> None:
    """Send the message unless this run has sent it before, in this execution or in another one."""
    if name in context.state.messages.done:
        return
    context.state.messages.done.append(name)
    try:
        _send(context, name, build())
    except CutoverError as error:
        _warn_once(context, error.reason)


def _send(context: Context, name: str, message: Message) -> None:
    """Claim, send, confirm. The claim comes first: a message is lost rather than sent twice, and the record shows that it was."""
    runs, run_id = context.tools.runs, context.run.run_id
    if runs.claim_message(run_id, name):
        context.tools.people_messages.send(message)
        runs.confirm_message(run_id, name)


def _warn_once(context: Context, reason: str) -> None:
    """Warn that people miss messages, and send no message about it."""
    state = context.state
    if state.messages.has_failed:
        return
    state.messages.has_failed = True
    known = state.messages.warned == len(state.warnings)
    context.warn(f"Messages: people miss at least one: {reason}. Next: check the topic for people and its subscribers")
    if known:
        state.messages.warned = len(state.warnings)


def _build_facts(context: Context) -> texts.Facts:
    return texts.Facts(site=context.settings.site, run=context.run, now=context.clock.now())
