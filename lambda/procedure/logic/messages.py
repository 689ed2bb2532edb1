"""The texts of the messages for people. Each states what happened, what it means for users, and what to do now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from common.clock import format_iso
from common.errors import format_sentence
from common.message import Event, Message
from common.run import Run

from procedure.logic.resume import REMOVE

STATUS = "cutover status"
ROLL_BACK = "cutover rollback"
PRICE = "cutover costs"
NOTHING_KEPT: Mapping[str, str] = MappingProxyType({})
TEST, MIGRATE = "npx cdk deploy TestLaunchStack", "npx cdk deploy MigrationStack"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What every message contains."""

    site: str
    run: Run
    now: float

    def build(
        self, event: Event, subject: str, *, happened: str, users: str, next_action: str, command: str = ""
    ) -> Message:
        """Return the message."""
        return Message(
            event=event,
            site=self.site,
            run_id=self.run.run_id,
            kind=self.run.kind,
            at=self.now,
            subject=subject,
            happened=happened,
            users=users,
            next_action=next_action,
            command=command,
        )


def build_test_passed(facts: Facts, *, image_id: str) -> Message:
    """Return the message about a test launch that has made the image."""
    return facts.build(
        "test-passed",
        "test passed",
        happened=f"A replica of the server passed the acceptance suite. Its image is {image_id or 'made'}.",
        users="they use the source as before.",
        next_action="nothing if a deploy of MigrationStack runs: it goes on by itself. Otherwise start it when you want to move the site.",
        command=MIGRATE,
    )


def build_test_failed(facts: Facts, failure: Mapping[str, str]) -> Message:
    """Return the message about a test launch that failed. `failure`: phase, machine, reason, next."""
    return facts.build(
        "test-failed",
        f"test failed in {_name_phase(failure)}",
        happened=_describe(failure),
        users="they use the source as before.",
        next_action=_advise(failure),
        command=TEST,
    )


def build_ready(facts: Facts, *, until: float, go: str, predicted_window_seconds: float | None = None) -> Message:
    """Return the message about a run that waits for a person before its window. `until` in epoch seconds; `go`: the command that lets it go on."""
    window = (
        "" if predicted_window_seconds is None else f" The window will take about {predicted_window_seconds:.0f} s."
    )
    return facts.build(
        "ready",
        "ready, waits for your go",
        happened=f"Everything is copied and compared.{window} The run waits until {format_iso(until)}, then it rolls back.",
        users="they use the source as before.",
        next_action="let the run go on, or do nothing to leave the site where it is.",
        command=go,
    )


def build_frozen(facts: Facts, *, frozen_at: float, hold_seconds: int) -> Message:
    """Return the message about writes that wait. `frozen_at` in epoch seconds."""
    return facts.build(
        "frozen",
        "writes wait, the window has begun",
        happened=f"The source holds writes since {format_iso(frozen_at)}.",
        users=f"they read as before. Writes wait, for {hold_seconds} s at most; after that they are refused until the window ends.",
        next_action="wait for the next message: committed or rolled back. The command stops the run.",
        command=ROLL_BACK,
    )


def build_committed(
    facts: Facts,
    *,
    committed_at: float,
    window_seconds: float | None,
    forwards: bool = True,
    names_elsewhere: Sequence[str] = (),
) -> Message:
    """Return the message about a site that has moved.

    `forwards`: the source sends requests to the target. `names_elsewhere`: public names that somebody must move by hand.
    """
    window = "" if window_seconds is None else f", writes waited {window_seconds:.1f} s"
    names = ", ".join(names_elsewhere)
    return facts.build(
        "committed",
        f"moved to AWS{window}",
        happened=f"The run committed at {format_iso(committed_at)}. All rows and files are on the target.",
        users="they use the target. The source forwards requests to it."
        if forwards
        else "they use the target if its name leads there. The source does not forward yet: a warning follows.",
        next_action=f"move {names} to the load balancers; the command shows the records. Leave the source running until then."
        if names
        else "nothing. Leave the source running: it forwards users who have its old address.",
        command=STATUS,
    )


def build_rolled_back(
    facts: Facts,
    failure: Mapping[str, str],
    *,
    was_frozen: bool,
    open_since: str,
    opens_by: float,
    kept: Mapping[str, str] = NOTHING_KEPT,
) -> Message:
    """Return the message about a cutover that failed.

    `open_since`: ISO time at which the run opened the source, empty if it did not. `opens_by`: epoch seconds until which the source opens
    by itself. `kept`: what the run keeps for the next one (`procedure.logic.resume.build_suspension_facts`), empty if nothing.
    """
    if not was_frozen:
        users = "they use the source as before."
    elif open_since:
        users = f"they use the source as before, and write again since {open_since}."
    else:
        users = f"they read. The run could not open the source, which opens by itself until {format_iso(opens_by)}."
    return facts.build(
        "rolled-back",
        f"rolled back, failed in {_name_phase(failure)}",
        happened=_describe(failure),
        users=users,
        next_action=f"{_advise(failure).rstrip('.')}.{_describe_kept(kept)}" if kept else _advise(failure),
        command=kept["for"] if kept else MIGRATE if open_since or not was_frozen else STATUS,
    )


def _describe_kept(kept: Mapping[str, str]) -> str:
    """Return what stays and until when, what the next run does with it, what it costs, and how to remove it."""
    what = kept["kept"] if kept["kept"].startswith("launch job") else f"replica {kept['kept']}"
    return (
        f" Kept until {kept['until']}: {what}. The command shows what the next run takes over of it, then deploys; that run compares everything again."
        f" Billed by the hour: {PRICE} shows the price. To remove it: {REMOVE}"
    )


def build_warning(facts: Facts, warnings: Sequence[str], *, committed: bool) -> Message:
    """Return the message about actions that failed without failing the run."""
    more = f" And {len(warnings) - 1} more in the evidence of the run." if len(warnings) > 1 else ""
    return facts.build(
        "warning",
        f"{len(warnings)} warnings" if len(warnings) > 1 else "warning",
        happened=f"{warnings[0].rstrip('.')}.{more}",
        users="they use the target." if committed else "they use the source.",
        next_action="do what the text asks for. The command shows the state of the run.",
        command=STATUS,
    )


def _name_phase(failure: Mapping[str, str]) -> str:
    return failure.get("phase") or "an unknown phase"


def _describe(failure: Mapping[str, str]) -> str:
    return format_sentence({key: failure.get(key, "") for key in ("phase", "machine", "reason")})


def _advise(failure: Mapping[str, str]) -> str:
    return failure.get("next") or "read the evidence of the run, correct the cause, deploy again."
