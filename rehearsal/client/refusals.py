"""How a write that failed was answered: refused clearly, so that a person knows it did not happen, or otherwise."""

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
_RETRY_AFTER = re.compile(r"Recv header: retry-after: \d", re.IGNORECASE)


class GitFailed(RuntimeError):
    """git ended with an error. `said` are its lines and those of ssh at LogLevel VERBOSE; `trace` is its record of the
    HTTP headers (GIT_TRACE_CURL), empty over SSH."""

    def __init__(self, what: str, said: str, trace: str = "") -> None:
        super().__init__(f"git {what}: {' '.join(said.splitlines())[-250:]}")
        self.said, self.trace = said, trace


def answer(error: Exception) -> str:
    """RETRY_LATER (with words for the person), RETRY_LATER_UNTOLD, SSH_REFUSED or OTHER."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        said = error.response
        clear = said.status_code == requests.codes.service_unavailable and said.headers.get("Retry-After")
        return RETRY_LATER if clear and said.text.strip() else OTHER
    if isinstance(error, GitFailed):
        if _STATUS.search(error.trace) and _RETRY_AFTER.search(error.trace) and "503" in error.said:
            return RETRY_LATER if "remote: " in error.said else RETRY_LATER_UNTOLD
        if not error.trace and _TURNED_AWAY.search(error.said) and not _SESSION.search(error.said):
            return SSH_REFUSED
    return OTHER


def count(operations: Iterable[Operation]) -> dict[str, int]:
    """Writes that were not acknowledged, by how they were answered."""
    return dict(Counter(one.refusal or OTHER for one in operations if one.writes and not one.acknowledged))


def unclear(operations: Iterable[Operation]) -> list[str]:
    """One sentence for each failed write whose sender could not know whether it had happened."""
    return [
        f"{one.kind} of {one.sent:.3f}: {one.reason}"
        for one in operations
        if one.writes and not one.acknowledged and one.refusal not in CLEAR
    ]
