"""Read the requests that the proxy has logged: HAProxy's own formats `httplog` and `tcplog`, from the journal.

A line of the log has the address of the client and the path of the request. Neither leaves this module: a request has times and a result only.
Fields: HAProxy 2.6 configuration manual, sections 8.2.2 (TCP log format), 8.2.3 (HTTP log format), 8.4 (timing events), 8.5 (session state).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

JOURNAL = ("journalctl", "--no-pager", "--output=short-unix")
PROXY = ("--unit=haproxy.service", "--identifier=haproxy")
JOURNALD = ("--unit=systemd-journald.service",)
_ENTRY = re.compile(r"(?P<time>\d+\.\d+) \S+ [^\s\[:]+(?:\[\d+\])?: (?P<message>.*)")
_HTTP = re.compile(
    r"\S+ \[[^\]]+\] \S+ (?P<backend>[^\s/]+)/\S+ "
    r"(?P<wait>-?\d+)/-?\d+/-?\d+/-?\d+/\+?(?P<total>-?\d+) (?P<status>-?\d+) \+?\d+ \S+ \S+ (?P<state>[A-Za-z-]{4}) "
)
_TCP = re.compile(
    r"\S+ \[[^\]]+\] (?P<frontend>\S+) (?P<backend>[^\s/]+)/\S+ "
    r"(?P<wait>-?\d+)/-?\d+/\+?(?P<total>-?\d+) \+?\d+ (?P<state>[A-Za-z-]{2}) "
)
_SUPPRESSED = re.compile(r"Suppressed (\d+) messages from haproxy\.service")


@dataclass(frozen=True)
class Request:
    """One HTTP request, or one connection of another port. Times in seconds; `ended` since 1970."""

    ended: float
    seconds: float
    waited: float
    """before the proxy chose a server: until the request was there (HTTP), and in the hold"""
    status: int
    """of the HTTP response, -1 when the client left before it; 0 for a connection of another port"""
    is_aborted: bool
    """the client left before the end"""
    is_forwarded: bool
    """it was sent to the target"""
    frontend: str = ""
    """of a connection: the frontend's name; empty for HTTP"""

    @property
    def waited_from(self) -> float:
        """Return when the wait began."""
        return self.ended - self.seconds

    @property
    def waited_until(self) -> float:
        """Return when the wait ended."""
        return self.waited_from + self.waited


def list_commands(begin: float, end: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the commands that print the log of the proxy, and what the journal itself reports: of a time in seconds since 1970."""
    since, until = f"--since=@{begin:.6f}", f"--until=@{end:.6f}"
    return (*JOURNAL, *PROXY, since, until), (*JOURNAL, *JOURNALD, since, until)


def parse_requests(lines: Iterable[bytes], is_over: Callable[[], bool]) -> Iterator[Request]:
    """Yield the requests of lines of the journal. Other lines of the proxy are left out. Stop when `is_over` returns true."""
    for line in lines:
        if is_over():
            return
        if (request := parse_line(line.decode(errors="replace"))) is not None:
            yield request


def parse_line(line: str) -> Request | None:
    """Return the request of a line of the journal. None: the line is about something else."""
    entry = _ENTRY.match(line)
    if entry is None:
        return None
    message, ended = entry["message"], float(entry["time"])
    if found := _HTTP.match(message):
        status = int(found["status"])
        return Request(
            ended=ended,
            seconds=_parse_milliseconds(found["total"]),
            waited=_parse_milliseconds(found["wait"]),
            status=status,
            is_aborted=status <= 0 or found["state"].startswith("C"),
            is_forwarded=found["backend"].startswith("forward_"),
        )
    if found := _TCP.match(message):
        return Request(
            ended=ended,
            seconds=_parse_milliseconds(found["total"]),
            waited=_parse_milliseconds(found["wait"]),
            status=0,
            is_aborted=found["state"].startswith("C"),
            is_forwarded=found["backend"].startswith("forward_"),
            frontend=found["frontend"],
        )
    return None


def count_suppressed(lines: Iterable[bytes]) -> int:
    """Return how many lines of the proxy the journal has not kept, because there were too many at once (journald.conf, RateLimitBurst)."""
    found = (_SUPPRESSED.search(line.decode(errors="replace")) for line in lines)
    return sum(int(one[1]) for one in found if one)


def _parse_milliseconds(text: str) -> float:
    """Return seconds. HAProxy logs -1 for an event that did not happen."""
    return max(int(text), 0) / 1000.0
