"""Each message for people, as a mail and as the JSON for chat webhooks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from common.message import MAX_SUBJECT_CHARACTERS, Message
from common.run import Run
from procedure.logic import messages as texts

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

NOW = 1_767_261_605.5
TEST = texts.Facts(site="gogs", run=Run(run_id="first-t-1", kind="test-launch", cutover_id="first"), now=NOW)
CUTOVER = texts.Facts(site="gogs", run=Run(run_id="first-c-1", kind="cutover", cutover_id="first"), now=NOW)
FAILURE = {
    "phase": "Verify",
    "machine": "i-0a1b2c3d",
    "reason": "2 tables differ: gogs.issue, gogs.user",
    "next": "read what differs in the evidence, then deploy again",
}
KEPT = {"kept": "i-0f9e8d7c", "until": "09:00 UTC", "for": "cutover resume"}
OPENED = "2026-01-01T10:00:09.000Z"
MESSAGES = {
    "test-passed": texts.build_test_passed(TEST, image_id="ami-0a1b"),
    "test-failed": texts.build_test_failed(TEST, FAILURE),
    "ready": texts.build_ready(CUTOVER, until=NOW + 600, go="cutover go", predicted_window_seconds=4.2),
    "frozen": texts.build_frozen(CUTOVER, frozen_at=NOW - 0.4, hold_seconds=12),
    "committed": texts.build_committed(CUTOVER, committed_at=NOW, window_seconds=3.41),
    "committed-names": texts.build_committed(
        CUTOVER,
        committed_at=NOW,
        window_seconds=3.41,
        forwards=False,
        names_elsewhere=["git.example.com", "ssh.git.example.com"],
    ),
    "rolled-back": texts.build_rolled_back(CUTOVER, FAILURE, was_frozen=True, open_since=OPENED, opens_by=NOW),
    "rolled-back-before-the-freeze": texts.build_rolled_back(
        CUTOVER, {"reason": "it broke"}, was_frozen=False, open_since="", opens_by=NOW
    ),
    "rolled-back-keeps-replica": texts.build_rolled_back(
        CUTOVER, FAILURE, was_frozen=False, open_since="", opens_by=0.0, kept=KEPT
    ),
    "rolled-back-still-frozen": texts.build_rolled_back(
        CUTOVER, FAILURE, was_frozen=True, open_since="", opens_by=NOW + 500
    ),
    "warning": texts.build_warning(
        CUTOVER, ["Tidy up on i-1: the user is gone. Next: remove it", "two"], committed=True
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_mail(golden: SnapshotAssertion, name: str) -> None:
    assert MESSAGES[name].format_text() == golden


def test_the_notification_for_chat(golden: SnapshotAssertion) -> None:
    assert json.dumps(MESSAGES["committed"].build_notification(), indent=2) == golden


@pytest.mark.parametrize("name", MESSAGES)
def test_a_subject_is_one_that_sns_accepts(name: str) -> None:
    subject = MESSAGES[name].format_subject()

    assert subject.isascii()
    assert subject.isprintable()
    assert subject[0].isalnum()
    assert len(subject) <= MAX_SUBJECT_CHARACTERS < 100
    assert MESSAGES[name].format_text().splitlines()[0] == subject


def test_a_long_reason_from_a_machine_is_one_short_line() -> None:
    failure = {"phase": "Prüfung…\n\x1b[31m" + "x" * 200, "reason": "a\nb\x00c" + "y" * 5000}
    message: Message = texts.build_test_failed(TEST, failure)

    assert message.format_subject().startswith("gogs: test failed in Prufung... [31mxxx")
    assert message.format_subject().isascii()
    assert len(message.format_subject()) <= MAX_SUBJECT_CHARACTERS
    assert len(message.format_text()) < 1500
    assert "a b c" in message.format_text()
