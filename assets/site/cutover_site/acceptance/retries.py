"""Which response may be sent once more. The site itself asks for it: a proxy or load balancer that has no server at the moment."""

from __future__ import annotations

import requests

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_WAIT_SECONDS = 10.0


def get_retry_delay(method: str, response: requests.Response) -> float | None:
    """Return the seconds after which the request of this response is sent once more: 503 with Retry-After. None: the response counts."""
    if method not in WRITES or response.status_code != 503:
        return None
    wait = response.headers.get("Retry-After", "")
    return min(float(wait), MAX_WAIT_SECONDS) if wait.isdigit() else None
