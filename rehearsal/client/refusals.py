"""Classify how a write failed: refused by the front in its own words, by an error of the site itself, or without a response.

Only the first is the migration's, and makes clear that nothing happened. A site may return an error with no migration
near: a real Gogs returns 500 to one of two who open an issue at once. A person tries that again, and so do the writers.
Whether the first attempt was carried out nobody knows: it is looked up neither as done nor as lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import requests

from rehearsal.client.ledger import Operation

RETRY_LATER = "503 with Retry-After"
RETRY_LATER_UNTOLD = "503 with Retry-After, whose words git did not show"
"""a push that had begun: git shows what a server says to its first request only, of the next one the status"""
SSH_REFUSED = "SSH refused"
SITE_ERROR = "the site's own error 500"
CUT = "connection cut"
OTHER = "other"
CLEAR = frozenset({RETRY_LATER, RETRY_LATER_UNTOLD, SSH_REFUSED})
# What ssh says when it is turned away. It names no address (UNKNOWN port -1) where the reset came before its own banner
# was sent (measured with OpenSSH 9.2).
_TURNED_AWAY = re.compile(
    r"kex_exchange_identification:|ssh: connect to host \S+ port \d+: Connection (?:refused|reset)"
    r"|Connection (?:reset|closed) by \S+ port (?:\d+|-1)"
)
# A session that is cut may be told in the same words. At LogLevel VERBOSE ssh says when one began.
_SESSION = re.compile(r"^Authenticated to ", re.MULTILINE)
_STATUS = re.compile(r"Recv header: HTTP/\S+ 503")
_SITE_ERROR = re.compile(r"Recv header: HTTP/\S+ 500")
_CUT = re.compile(
    r"Connection (?:reset|closed)|closed by remote host|hung up unexpectedly|early EOF|Recv failure|Empty reply|unexpected disconnect"
)
_RETRY_AFTER = re.compile(r"Recv header: retry-after: \d", re.IGNORECASE)


class GitFailed(RuntimeError):
    """Git ended with an error.

    `said` are its lines and those of ssh at LogLevel VERBOSE; `trace` is its record of the HTTP headers (GIT_TRACE_CURL),
    empty over SSH.
    """

    def __init__(self, what: str, said: str, trace: str = "") -> None:
        super().__init__(f"git {what}: {' '.join(said.splitlines())[-250:]}")
        self.said, self.trace = said, trace


def answer(error: Exception) -> str:
    """Return RETRY_LATER (with words for the person), RETRY_LATER_UNTOLD, SSH_REFUSED, SITE_ERROR, CUT or OTHER."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        said = error.response
        if said.status_code == requests.codes.internal_server_error:
            return SITE_ERROR  # the front answers in the place of every 500 while the site is frozen
        clear = said.status_code == requests.codes.service_unavailable and said.headers.get("Retry-After")
        return RETRY_LATER if clear and said.text.strip() else OTHER
    if isinstance(error, GitFailed):
        if _STATUS.search(error.trace) and _RETRY_AFTER.search(error.trace) and "503" in error.said:
            return RETRY_LATER if "remote: " in error.said else RETRY_LATER_UNTOLD
        if not error.trace and _TURNED_AWAY.search(error.said) and not _SESSION.search(error.said):
            return SSH_REFUSED
        if _SITE_ERROR.search(error.trace):
            return SITE_ERROR
        return CUT if _CUT.search(error.said) else OTHER
    return CUT if isinstance(error, requests.ConnectionError) else OTHER


def count(operations: Iterable[Operation]) -> dict[str, int]:
    """Return the number of writes that were not acknowledged, by kind of refusal. Errors of the site itself are no refusals (`site_errors`)."""
    return dict(Counter(one.refusal or OTHER for one in _failed(operations) if one.refusal != SITE_ERROR))


def site_errors(operations: Iterable[Operation]) -> dict[str, int]:
    """Return the number of errors of the site itself, by the kind of write that met one."""
    return dict(Counter(one.kind for one in _failed(operations) if one.refusal == SITE_ERROR))


def unclear(operations: Iterable[Operation]) -> list[str]:
    """Return one sentence for each failed write whose sender could not know whether it had happened.

    An error of the site itself is clear when a second attempt did not meet it.
    """
    return [
        f"{one.kind} of {one.sent:.3f}: {one.reason}"
        for one in _failed(operations)
        if one.refusal not in CLEAR and (one.refusal != SITE_ERROR or one.retry)
    ]


def _failed(operations: Iterable[Operation]) -> list[Operation]:
    return [one for one in operations if one.writes and not one.acknowledged]
