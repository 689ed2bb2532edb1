"""Gogs says, in the body of its health page, that its database is OK."""

from __future__ import annotations

from cutover_site.acceptance.site import CheckFailed, Visit
from cutover_site.gogs.health import problem


def check(visit: Visit) -> None:
    answer = visit.request(visit.plain, "GET", "/healthcheck")
    if trouble := problem(answer.status_code, answer.text):
        raise CheckFailed(trouble)
