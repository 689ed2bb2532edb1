"""Which answer of the site may be the effect of another request at the same moment, so that the request may be sent once more.

InnoDB ends one of two transactions that wait for each other (error 1213) or that take the same number (1062, `UQE_issue_repo_index`).
Gogs 0.14 rolls back and answers 500. It hides the cause: the API answers one fixed sentence, a page the template of status 500
(`internal/context/api.go` and `context.go`, `Error`). So a 500 is the only thing that is known of a deadlock through HTTP. A fault that
lasts answers 500 again. A proxy or load balancer that has nobody to send to says so itself: 503 with Retry-After.
"""

from __future__ import annotations

import requests

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST_WAIT_SECONDS = 10.0


def get_retry_delay(method: str, answer: requests.Response) -> float | None:
    """Return after how many seconds the request may be sent once more; None when the answer stands."""
    if method not in WRITES:
        return None
    if answer.status_code == 500:
        return 0.0
    if answer.status_code == 503 and (wait := answer.headers.get("Retry-After", "")).isdigit():
        return min(float(wait), LONGEST_WAIT_SECONDS)
    return None
