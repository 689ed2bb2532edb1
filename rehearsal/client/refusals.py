"""Classify how a write failed: with a refusal by the proxy, with an error of the site itself, or without a response.

Only the first comes from the migration, and it states that nothing was written. A site may also return an error without a
migration: a real Gogs returns 500 to one of two clients that open an issue at the same time. A person then tries again, and
so do the writers. It is unknown whether the first attempt was executed, so the search counts it neither as done nor as lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import requests

from rehearsal.client.ledger import Operation

RETRY_LATER = "503 with Retry-After"
RETRY_LATER_WITHOUT_TEXT = "503 with Retry-After, whose text git did not show"
"""a push that had begun: git shows the text of a response only for its first request, and the status of a later one"""
SSH_REFUSED = "SSH refused"
SITE_ERROR = "the site's own error 500"
CUT = "connection cut"
OTHER = "other"
CLEAR = frozenset({RETRY_LATER, RETRY_LATER_WITHOUT_TEXT, SSH_REFUSED})
# The output of ssh when its connection is refused. It names no address (UNKNOWN port -1) if the reset arrived before ssh
# had sent its banner (measured with OpenSSH 9.2).
_REFUSED = re.compile(
    r"kex_exchange_identification:|ssh: connect to host \S+ port \d+: Connection (?:refused|reset)"
    r"|Connection (?:reset|closed) by \S+ port (?:\d+|-1)"
)
# The output may be the same when a session is cut. At LogLevel VERBOSE ssh reports the begin of a session.
_SESSION = re.compile(r"^Authenticated to ", re.MULTILINE)
_STATUS = re.compile(r"Recv header: HTTP/\S+ 503")
_SITE_ERROR = re.compile(r"Recv header: HTTP/\S+ 500")
_CUT = re.compile(
    r"Connection (?:reset|closed)|closed by remote host|hung up unexpectedly|early EOF|Recv failure|Empty reply|unexpected disconnect"
)
_RETRY_AFTER = re.compile(r"Recv header: retry-after: \d", re.IGNORECASE)


class GitFailed(RuntimeError):
    """Git ended with an error.

    `output` has its lines and those of ssh at LogLevel VERBOSE. `trace` is its record of the HTTP headers (GIT_TRACE_CURL),
    which is empty over SSH.
    """

    def __init__(self, what: str, output: str, trace: str = "") -> None:
        super().__init__(f"git {what}: {' '.join(output.splitlines())[-250:]}")
        self.output, self.trace = output, trace


def classify_failure(error: Exception) -> str:
    """Return RETRY_LATER (with a text for the user), RETRY_LATER_WITHOUT_TEXT, SSH_REFUSED, SITE_ERROR, CUT or OTHER."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        response = error.response
        if response.status_code == requests.codes.internal_server_error:
            return SITE_ERROR  # the proxy replaces every 500 while the site is frozen
        clear = response.status_code == requests.codes.service_unavailable and response.headers.get("Retry-After")
        return RETRY_LATER if clear and response.text.strip() else OTHER
    if isinstance(error, GitFailed):
        if _STATUS.search(error.trace) and _RETRY_AFTER.search(error.trace) and "503" in error.output:
            return RETRY_LATER if "remote: " in error.output else RETRY_LATER_WITHOUT_TEXT
        if not error.trace and _REFUSED.search(error.output) and not _SESSION.search(error.output):
            return SSH_REFUSED
        if _SITE_ERROR.search(error.trace):
            return SITE_ERROR
        return CUT if _CUT.search(error.output) else OTHER
    return CUT if isinstance(error, requests.ConnectionError) else OTHER


def count(operations: Iterable[Operation]) -> dict[str, int]:
    """Return the number of writes that were not acknowledged, by kind of refusal. Errors of the site itself are no refusals (`site_errors`)."""
    return dict(Counter(one.refusal or OTHER for one in _list_failed(operations) if one.refusal != SITE_ERROR))


def count_site_errors(operations: Iterable[Operation]) -> dict[str, int]:
    """Return the number of errors of the site itself, by kind of write."""
    return dict(Counter(one.kind for one in _list_failed(operations) if one.refusal == SITE_ERROR))


def list_unclear(operations: Iterable[Operation]) -> list[str]:
    """Return one sentence for each failed write whose sender could not know whether it had happened.

    An error of the site itself is clear when a second attempt succeeded.
    """
    return [
        f"{one.kind} of {one.sent:.3f}: {one.reason}"
        for one in _list_failed(operations)
        if one.refusal not in CLEAR and (one.refusal != SITE_ERROR or one.retry)
    ]


def _list_failed(operations: Iterable[Operation]) -> list[Operation]:
    return [one for one in operations if one.writes and not one.acknowledged]
