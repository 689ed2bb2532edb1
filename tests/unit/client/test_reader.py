"""A read succeeds only when the response is the requested page."""

from pathlib import Path

import pytest
import requests

from rehearsal.client.ledger import Ledger, Operation, read
from rehearsal.client.refusals import classify_failure
from rehearsal.client.site import Site
from rehearsal.client.web_writers import Reader


class Page(Site):
    """A site that returns the same response to every request."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__("http://git.example")
        self._response = requests.Response()
        self._response.status_code, self._response._content = status, text.encode()

    def request(self, method: str, path: str, **options: object) -> requests.Response:  # noqa: ARG002 (the interface's)
        return self._response


def perform_read(tmp_path: Path, status: int, text: str) -> Operation:
    ledger = Ledger(tmp_path / "ledger.jsonl", describe=classify_failure)
    Reader(ledger=ledger, site=Page(status, text), repository="ann/site").take_turn()
    ledger.close()
    (found,) = read(tmp_path / "ledger.jsonl")
    return found


def test_the_page_of_the_repository_is_a_successful_read(tmp_path: Path) -> None:
    assert perform_read(tmp_path, 200, '<a href="/ann/site/issues">Issues</a>').acknowledged


@pytest.mark.parametrize(("status", "text"), [(200, "<form>Sign in</form>"), (302, "/ann/site"), (503, "/ann/site")])
def test_every_other_response_is_a_failed_read(tmp_path: Path, status: int, text: str) -> None:
    assert not perform_read(tmp_path, status, text).acknowledged
