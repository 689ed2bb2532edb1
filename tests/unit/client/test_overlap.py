"""Detection of two sites that accepted writes at the same time."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.client.ledger import Ledger, Operation, read
from rehearsal.client.overlap import Overlap, build_identity, find_overlap
from rehearsal.client.web_writers import LfsWriter


def write(name: str, sent: float, answered: float, *, acknowledged: bool = True) -> Operation:
    return Operation("lfs", True, sent, answered, acknowledged=acknowledged, wanted={"oid": name})


def held(operation: Operation) -> bool:
    return operation.wanted["oid"].startswith("source")


def test_a_source_that_ends_before_the_target_begins_is_no_overlap() -> None:
    result = find_overlap([write("source-1", 1, 2), write("target", 7, 8), write("source-2", 2, 3)], held)
    assert (result, result.happened) == (Overlap(source=2, target=1, apart=5), False)


def test_a_held_write_is_no_overlap() -> None:
    # Given a slow write to the source, and one that was sent meanwhile and held until the target took it
    result = find_overlap([write("source", 1, 5), write("target", 4, 6)], held)
    assert (result.apart, result.happened) == (1, False)


def test_a_response_of_the_target_before_one_of_the_source_is_an_overlap() -> None:
    result = find_overlap([write("source", 1, 5), write("target", 2, 4)], held)
    assert (result.apart, result.happened) == (-1, True)


def test_a_write_to_the_source_after_one_to_the_target_is_an_overlap() -> None:
    assert find_overlap([write("source", 1, 2), write("target", 4, 5), write("source-late", 8, 9)], held).happened


def test_a_request_after_the_write_that_was_held_is_no_overlap() -> None:
    # Given an LFS object that the source has stored, whose verification was held until the target answered it
    uploaded = write("source", 1, 9)
    uploaded.written = 2
    result = find_overlap([uploaded, write("target", 4, 8)], held)
    assert (result.apart, result.happened) == (6, False)


def test_an_upload_notes_when_the_site_had_the_object(tmp_path: Path) -> None:
    class FakeSite:
        host, account = "git.example.com", SimpleNamespace(name="ledger", password="x")

        def request(self, method: str, path: str, **_: object) -> Any:
            if path.endswith("/verify"):
                time.sleep(0.01)
            return SimpleNamespace(raise_for_status=lambda: None, method=method)

    ledger = Ledger(tmp_path / "ledger.jsonl", describe=str)
    site: Any = FakeSite()
    LfsWriter(ledger=ledger, site=site, repository="ledger/lfs").take_turn()
    ledger.close()

    (operation,) = read(tmp_path / "ledger.jsonl")
    assert operation.acknowledged
    assert operation.written is not None
    assert operation.answered is not None
    assert operation.sent <= operation.written < operation.answered


def test_a_write_without_an_acknowledgement_belongs_to_neither_site() -> None:
    # Given a refused write in the window, and a write to the source
    operations = [write("source", 1, 2), write("target-refused", 1.5, 1.6, acknowledged=False), write("target", 7, 8)]
    assert find_overlap(operations, held) == Overlap(source=1, target=1, apart=6)


def test_writes_to_one_site_are_no_overlap() -> None:
    result = find_overlap([write("source", 1, 2)], held)
    assert (result, result.happened) == (Overlap(source=1, target=0, apart=None), False)


@pytest.mark.parametrize(
    ("kind", "wanted", "expected"),
    [
        ("push-ssh", {"commit": "c"}, ("commit", "ledger/ssh", "c")),
        ("issue", {"number": "1", "title": "t", "body": "b"}, ("issue", "ledger/ssh", "1", "t", "b")),
        ("comment", {"number": "1", "body": "b"}, ("comment", "ledger/ssh", "1", "b")),
        ("attachment", {"number": "1", "title": "t", "uuid": "u"}, ("attachment", "ledger/ssh", "1", "u")),
    ],
)
def test_a_write_is_identified_by_its_content(kind: str, wanted: dict[str, str], expected: tuple[str, ...]) -> None:
    assert build_identity(Operation(kind, True, 1, wanted=wanted), "ledger/ssh") == expected
