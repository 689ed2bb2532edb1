"""The client's record of its operations."""

from pathlib import Path

from rehearsal.client.ledger import Ledger, read


def test_an_operation_that_raised_was_not_acknowledged(tmp_path: Path) -> None:
    # Given a ledger and a request that fails after it was marked as acknowledged
    ledger = Ledger(tmp_path / "ledger", describe=lambda _: "cut", locate=lambda host: f"address of {host}")
    with ledger.time_operation("issue", "git.example") as entry:
        entry.acknowledged = True
        raise ConnectionError("closed")
    ledger.close()
    # Then it counts as not acknowledged, with the reason
    (kept,) = read(tmp_path / "ledger")
    assert not kept.acknowledged
    assert (kept.reason, kept.refusal, kept.address) == ("ConnectionError: closed", "cut", "address of git.example")


def test_a_line_truncated_by_a_crash_is_ignored(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", describe=lambda _: "cut", locate=lambda host: f"address of {host}")
    with ledger.time_operation("push-http", "git.example") as entry:
        entry.wanted = {"commit": "abc"}
        entry.acknowledged = True
    ledger.close()
    with (tmp_path / "ledger").open("a") as file:
        file.write('{"kind": "issue", "wri')
    assert [(one.kind, one.acknowledged, one.wanted) for one in read(tmp_path / "ledger")] == [
        ("push-http", True, {"commit": "abc"})
    ]
