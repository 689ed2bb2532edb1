"""Commands on machines that steps send and poll: each has a key, because more than one may use the same verb."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from procedure.state.part import Part


class Command(StrEnum):
    """Key of a command in the state. `verb` is the verb of the tool, by default the key itself."""

    verb: str

    def __new__(cls, key: str, verb: str = "") -> Command:
        command = str.__new__(cls, key)
        command._value_ = key
        command.verb = verb or key
        return command

    CHECK = "check"
    DELTA_KEY = "delta-key"
    ALLOW_DELTA = "allow-delta"
    DENY_DELTA = "deny-delta"
    ATTEND = "attend"
    COLLECT_LOGS = "collect-logs"
    COUNT_REQUESTS = "count-requests"
    CONTINUE_LAUNCH = "continue-launch"
    CHECK_CONTINUATION = "check-continuation", "continue-launch"

    READ_LOG_POSITION = "read-log-position", "changed-tables"
    DIGEST_SOURCE_ROWS = "digest-source-rows", "digest-database"
    DIGEST_TARGET_ROWS = "digest-target-rows", "digest-database"
    READ_TABLE_DIGESTS = "table-digests"
    FIND_DIVERGENT_ROWS = "find-divergent-rows", "stuck-rows"
    SYNC_AUTO_INCREMENT = "sync-auto-increment", "carry-counters"
    DIGEST_SOURCE_FILES = "digest-source-files", "digest-files"
    DIGEST_TARGET_FILES = "digest-target-files", "digest-files"
    COPY_BY_CONTENT = "copy-by-content", "delta"
    COPY_BY_CONTENT_AGAIN = "copy-by-content-again", "delta"
    COMPARE_FILES = "compare-files"
    COMPARE_FILES_AGAIN = "compare-files-again", "compare-files"
    DIGEST_PROGRAM = "digest-program"
    MEASURE_LOG = "measure-log", "changed-tables"
    MEASURE_CHANGED_FILES = "measure-changed-files", "digest-files"

    FREEZE = "freeze"
    RENEW = "renew"
    THAW = "thaw"
    FREEZE_DATABASE = "freeze-database"
    WAIT_MARKER = "wait-marker"
    DELTA = "delta"
    DIGEST_CHANGED_SOURCE_ROWS = "digest-changed-source-rows", "digest-database"
    DIGEST_CHANGED_TARGET_ROWS = "digest-changed-target-rows", "digest-database"
    DIGEST_CHANGED_SOURCE_FILES = "digest-changed-source-files", "digest-files"
    DIGEST_CHANGED_TARGET_FILES = "digest-changed-target-files", "digest-files"
    PROVE_FROZEN = "prove-frozen"
    PROVE_FROZEN_BEFORE_COMMIT = "prove-frozen-before-commit", "prove-frozen"

    SERVE_SCRATCH = "serve-scratch", "activate"
    STAGE = "stage"
    SERVE_LIVE = "serve-live", "activate"
    RETURN_TO_SCRATCH = "return-to-scratch", "activate"
    ACCEPT_SCRATCH = "accept-scratch", "accept"
    ACCEPT_LIVE = "accept-live", "accept"
    TIDY = "tidy"
    PREPARE_FORWARD = "prepare-forward"
    FORWARD = "forward"
    HOOK = "hook"


@dataclass
class Call(Part):
    """One command on one machine. It stays known when its step is repeated, so that it is polled and not sent again."""

    sent_at: float = 0.0
    """epoch seconds; of the last delivery"""
    tries: int = 1
    """how often it was sent because it had not reached its machine"""
    seconds: float | None = None
    """that it took on its machine; None until it has ended, or when Systems Manager has not measured it"""
    command_id: str = ""
    """id of Systems Manager; empty until it is sent"""


Calls = dict[Command, dict[str, Call]]
"""by command and instance; `instance/part` where one machine gets several of a command"""
