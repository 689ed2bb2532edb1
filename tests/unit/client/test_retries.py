"""The client retries a write once after an error of the site; the ledger has both attempts."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from rehearsal.client.ledger import Ledger, Operation, read
from rehearsal.client.lookup import look_up
from rehearsal.client.refusals import OTHER, RETRY_LATER, SITE_ERROR, classify_failure
from rehearsal.client.retries import write
from rehearsal.client.site import Site


def http(status: int) -> requests.HTTPError:
    response = requests.Response()
    response.status_code, response._content = status, b"text"
    response.headers["Retry-After"] = "30"
    return requests.HTTPError("no", response=response)


@pytest.mark.parametrize(
    ("results", "refusals"),
    [
        ([None], [None]),
        ([http(500), None], [SITE_ERROR, None]),
        ([http(500), http(500), None], [SITE_ERROR, SITE_ERROR]),
        ([http(500), http(503)], [SITE_ERROR, RETRY_LATER]),
        ([http(503), None], [RETRY_LATER]),
        ([http(422), None], [OTHER]),
    ],
)
def test_only_a_site_error_is_retried_and_only_once(
    tmp_path: Path, results: list[Exception | None], refusals: list[str | None]
) -> None:
    ledger, remaining = Ledger(tmp_path / "ledger", describe=classify_failure), iter(results)

    def act(operation: Operation) -> None:
        operation.wanted["number"] = "7"
        if error := next(remaining):
            raise error

    last = write(ledger, "issue", "site", {"title": "T"}, act)
    ledger.close()
    kept = read(tmp_path / "ledger")
    assert [one.refusal for one in kept] == refusals
    assert [one.retry for one in kept] == [False, True][: len(refusals)]
    assert last.acknowledged is (refusals[-1] is None)


def test_a_write_that_ended_in_a_site_error_is_not_looked_up() -> None:
    """The site may contain it once, twice or not at all. None of these is a loss."""
    operations = [Operation("issue", True, 1.0, refusal=SITE_ERROR, wanted={"title": "T", "body": "B"})]
    result = look_up(Site("http://nowhere.invalid"), {"issue": "a/b"}, operations)
    assert (dict(result.found), result.lost) == ({}, [])
