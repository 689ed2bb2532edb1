"""The search for every acknowledged write, by content."""

import threading
from typing import Any

import pytest
import requests

from rehearsal.client.ledger import Operation
from rehearsal.client.lookup import CONCURRENT_REQUESTS, look_up
from rehearsal.client.site import Account, Site


class SiteWithOneIssue(Site):
    """A site that contains issue 1 and nothing else."""

    def request(self, method: str, path: str, **_: Any) -> requests.Response:  # noqa: ARG002
        response = requests.Response()
        response.status_code = 200 if path.endswith("/issues/1") else 404
        response._content = b'{"title": "t", "body": "b"}' if response.status_code == 200 else b"[]"
        return response


@pytest.fixture
def site() -> Site:
    return SiteWithOneIssue("http://site.invalid", Account("ledger", "p", "t"))


def write(**wanted: str) -> Operation:
    return Operation(kind="issue", writes=True, sent=1.0, answered=2.0, acknowledged=True, wanted=wanted)


def test_a_write_with_the_same_content_is_found(site: Site) -> None:
    result = look_up(site, {"issue": "ledger/web"}, [write(number="1", title="t", body="b")])
    assert (result.found, result.lost) == ({"issue": 1}, [])


@pytest.mark.parametrize(
    "wanted", [{"number": "1", "title": "t", "body": "other"}, {"number": "2", "title": "t", "body": "b"}]
)
def test_a_write_that_is_missing_or_different_is_lost(site: Site, wanted: dict[str, str]) -> None:
    result = look_up(site, {"issue": "ledger/web"}, [write(**wanted)])
    assert len(result.lost) == 1
    assert "issue" in result.lost[0]


def test_a_write_without_an_acknowledgement_is_not_looked_up(site: Site) -> None:
    refused = Operation(kind="issue", writes=True, sent=1.0, answered=2.0, acknowledged=False, wanted={"number": "9"})
    assert look_up(site, {"issue": "ledger/web"}, [refused]).lost == []


def test_lookups_run_together_and_are_reported_in_the_order_of_the_ledger(site: Site) -> None:
    """Each request waits until the others are under way; one after the other would end with BrokenBarrierError."""
    under_way = threading.Barrier(CONCURRENT_REQUESTS, timeout=10.0)

    class SlowSite(SiteWithOneIssue):
        def request(self, method: str, path: str, **options: Any) -> requests.Response:
            under_way.wait()
            return super().request(method, path, **options)

    wanted = [str(number) for number in range(2, 2 + 2 * CONCURRENT_REQUESTS)]
    found = look_up(
        SlowSite(site.url, site.account),
        {"issue": "ledger/web"},
        [write(number=number, title="t", body="b") for number in wanted],
    )
    assert [text.partition("'number': '")[2].partition("'")[0] for text in found.lost] == wanted
