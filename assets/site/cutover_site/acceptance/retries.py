"""Decide which response permits a second request: a proxy or balancer without a server asks the client to retry."""

from __future__ import annotations

import requests

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_WAIT_SECONDS = 10.0


def get_retry_delay(method: str, response: requests.Response) -> float | None:
    """Return the seconds after which to send the request again. None: the response is final.

    Only a write that got 503 with Retry-After is repeated.
    """
    if method not in WRITES or response.status_code != 503:
        return None
    wait = response.headers.get("Retry-After", "")
    return min(float(wait), MAX_WAIT_SECONDS) if wait.isdigit() else None
