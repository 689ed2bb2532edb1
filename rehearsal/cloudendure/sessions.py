"""Who is logged in. Sessions live in memory and end with the process; a client has to log in again anyway."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.cloudendure.exceptions import ApiError


@dataclass(frozen=True)
class Session:
    """`prefix` is the API path it was opened on; it is worth nothing on another one. `xsrf` is None for the 2017 API."""

    id: str
    username: str
    prefix: str
    xsrf: str | None
    expires: float


class Sessions:
    """Times are of a monotonic clock in seconds, injected for the tests."""

    def __init__(self, lifetime: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}

    def open(self, username: str, prefix: str, *, xsrf: bool) -> Session:
        """Open a session."""
        token = base64.b64encode(secrets.token_bytes(16)).decode() if xsrf else None
        session = Session(secrets.token_urlsafe(32), username, prefix, token, self._clock() + self._lifetime)
        with self._lock:
            self._open[session.id] = session
        return session

    def check(self, id_: str | None, prefix: str, header: str | None) -> Session:
        """Return the session of a request. Raises ApiError 401 (none, expired, of another path) and 403 (no XSRF header)."""
        with self._lock:
            session = self._open.get(id_ or "")
            if session and session.expires <= self._clock():
                del self._open[session.id]
                raise ApiError(401, "Session expired")
        if session is None or session.prefix != prefix:
            raise ApiError(401, "Unauthorized: log in first")
        if session.xsrf is not None and not _is_match(session.xsrf, header):
            raise ApiError(403, "Forbidden: X-XSRF-TOKEN is missing or wrong")
        return session

    def close(self, id_: str) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(id_, None)

    def close_all(self) -> int:
        """Remove every session and return their number."""
        with self._lock:
            count = len(self._open)
            self._open.clear()
            return count


class FailedLogins:
    """Counts failures per user; after `allowed` within `window` seconds the user must wait."""

    def __init__(self, allowed: int, window: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowed, self._window, self._clock = allowed, window, clock
        self._lock = threading.Lock()
        self._failures: dict[str, deque[float]] = {}

    def check(self, who: str) -> None:
        """Check that there are not too many. Raises ApiError 429."""
        with self._lock:
            failures = self._failures.get(who, deque())
            while failures and failures[0] <= self._clock() - self._window:
                failures.popleft()
            if len(failures) >= self._allowed:
                raise ApiError(429, "Too many failed logins: try again later")

    def count_failure(self, who: str) -> None:
        """Count a failed login."""
        with self._lock:
            self._failures.setdefault(who, deque()).append(self._clock())

    def clear_failures(self, who: str) -> None:
        """Forget the failed logins."""
        with self._lock:
            self._failures.pop(who, None)


def format_cookie_value(xsrf: str, *, newline: bool) -> str:
    """Return the token as the cookie has it: in literal double quotes, and now and then with an escaped line end."""
    return f'"{xsrf}\\012"' if newline else f'"{xsrf}"'


def _is_match(xsrf: str, header: str | None) -> bool:
    """Return whether the header has the token. Published clients send the cookie's value as it is, or without its quotes, with its escaped line end or without."""
    given = (header or "").strip('"').removesuffix("\\012")
    return hmac.compare_digest(given.encode(), xsrf.encode())
