"""Every acknowledged write is asked for by content."""

from typing import Any

import pytest
import requests

from rehearsal.client.ledger import Operation
from rehearsal.client.lookup import look_up
from rehearsal.client.site import Account, Site


class SiteWithOneIssue(Site):
    """Answers as a site does that kept issue 1 and lost everything else."""

    def request(self, method: str, path: str, **_: Any) -> requests.Response:  # noqa: ARG002
        answer = requests.Response()
        answer.status_code = 200 if path.endswith("/issues/1") else 404
        answer._content = b'{"title": "t", "body": "b"}' if answer.status_code == 200 else b"[]"
        return answer


@pytest.fixture
def site() -> Site:
    return SiteWithOneIssue("http://site.invalid", Account("ledger", "p", "t"))


def write(**wanted: str) -> Operation:
    return Operation(kind="issue", writes=True, sent=1.0, answered=2.0, acknowledged=True, wanted=wanted)


def test_a_write_that_is_there_is_found(site: Site) -> None:
    result = look_up(site, {"issue": "ledger/web"}, [write(number="1", title="t", body="b")])
    assert (result.found, result.lost) == ({"issue": 1}, [])


@pytest.mark.parametrize(
    "wanted", [{"number": "1", "title": "t", "body": "other"}, {"number": "2", "title": "t", "body": "b"}]
)
def test_a_write_that_is_absent_or_differs_is_lost(site: Site, wanted: dict[str, str]) -> None:
    result = look_up(site, {"issue": "ledger/web"}, [write(**wanted)])
    assert len(result.lost) == 1
    assert "issue" in result.lost[0]


def test_what_was_never_acknowledged_is_not_asked_for(site: Site) -> None:
    refused = Operation(kind="issue", writes=True, sent=1.0, answered=2.0, acknowledged=False, wanted={"number": "9"})
    assert look_up(site, {"issue": "ledger/web"}, [refused]).lost == []
