"""Events of a binary log that the engine does not parse: it may skip some; the others stop the task."""

import pytest

from rehearsal.dms.engine.events import find_rejection_reason


@pytest.mark.parametrize("number", [15, 27, 29, 33, 34, 35, 41, 42, 160, 161, 163])
def test_an_event_without_rows_is_skipped(number: int) -> None:
    assert find_rejection_reason(number, 0) == ""


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (40, "binlog_transaction_compression"),
        (165, "log_bin_compress"),
        (166, "log_bin_compress"),
        (171, "log_bin_compress"),
        (18, "binlog_format must be ROW"),
        (26, "events were lost"),
        (99, "unknown type 99"),
    ],
)
def test_an_event_that_may_contain_rows_stops_the_task(number: int, reason: str) -> None:
    assert reason in find_rejection_reason(number, 0)


def test_an_unknown_event_with_the_ignorable_flag_is_skipped() -> None:
    assert find_rejection_reason(99, 0x80) == ""
