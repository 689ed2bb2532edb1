"""A read is good only when it shows the page that was asked for."""

from pathlib import Path

import pytest
import requests

from rehearsal.client.ledger import Ledger, Operation, read
from rehearsal.client.refusals import answer
from rehearsal.client.site import Site
from rehearsal.client.web_writers import Reader


class Page(Site):
    """A site that answers every request alike."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__("http://git.example")
        self._answer = requests.Response()
        self._answer.status_code, self._answer._content = status, text.encode()

    def request(self, method: str, path: str, **options: object) -> requests.Response:  # noqa: ARG002 (the interface's)
        return self._answer


def looked(tmp_path: Path, status: int, text: str) -> Operation:
    ledger = Ledger(tmp_path / "ledger.jsonl", describe=answer)
    Reader(ledger=ledger, site=Page(status, text), repository="ann/site").turn()
    ledger.close()
    (found,) = read(tmp_path / "ledger.jsonl")
    return found


def test_the_page_of_the_repository_is_a_good_read(tmp_path: Path) -> None:
    assert looked(tmp_path, 200, '<a href="/ann/site/issues">Issues</a>').acknowledged


@pytest.mark.parametrize(("status", "text"), [(200, "<form>Sign in</form>"), (302, "/ann/site"), (503, "/ann/site")])
def test_anything_else_is_a_failed_read(tmp_path: Path, status: int, text: str) -> None:
    assert not looked(tmp_path, status, text).acknowledged
