"""What a migration is for the users of the site: operations that failed, the longest write, and which writes waited for the end of the window."""

import pytest

from rehearsal.client.downtime import Gap, find_longest_gap
from rehearsal.client.ledger import Operation
from rehearsal.client.pause import Pause, is_held, measure_pause
from rehearsal.client.refusals import CUT, RETRY_LATER, SITE_ERROR


def make_write(sent: float, answered: float | None, refusal: str = "") -> Operation:
    return Operation(
        kind="issue", writes=True, sent=sent, answered=answered, acknowledged=not refusal, refusal=refusal or None
    )


def make_read(sent: float, *, good: bool = True) -> Operation:
    return Operation(kind="read", writes=False, sent=sent, answered=sent + 0.1, acknowledged=good)


def measure(*operations: Operation) -> Pause:
    return measure_pause(operations, find_longest_gap(operations, writes=True))


def test_writes_that_wait_for_the_end_of_the_window_are_held() -> None:
    # Given a write before, two that wait until 14.0 and are answered then, and one that is sent later
    writes = [make_write(10, 10.5), make_write(11, 14), make_write(12, 14.2), make_write(14.1, 14.3)]
    # Then the window lasts from the last response of before to the first of after
    assert measure(*writes) == Pause(failed_operations=0, longest_write_seconds=3, window_seconds=3.5)
    assert [is_held(one, Gap(seconds=3.5, began=10.5)) for one in writes] == [False, True, True, False]


@pytest.mark.parametrize("refusal", [RETRY_LATER, CUT])
def test_a_write_that_is_refused_or_cut_is_a_failed_operation(refusal: str) -> None:
    pause = measure(make_write(10, 10.5), make_write(11, 11.1, refusal), make_write(14, 14.5))
    assert pause.failed_operations == 1
    assert not is_held(make_write(11, 14.1, refusal), Gap(seconds=4, began=10.5))


def test_a_failed_read_is_a_failed_operation() -> None:
    assert measure(make_write(1, 2), make_write(3, 4), make_read(2, good=False), make_read(3)).failed_operations == 1


def test_an_error_of_the_site_itself_is_not_the_migrations() -> None:
    assert measure(make_write(1, 2), make_write(2, 3, SITE_ERROR), make_write(3, 4)).failed_operations == 0


def test_nothing_is_measured_where_nothing_was_acknowledged() -> None:
    # Given one refused write
    refused = make_write(1, 2, RETRY_LATER)
    # Then no time is invented
    assert measure(refused) == Pause(1, None, None)


def test_the_first_write_after_the_window_is_not_held_if_it_did_not_wait() -> None:
    assert not is_held(make_write(14, 14.5), Gap(seconds=4, began=10.5))


def test_a_write_without_a_response_has_failed() -> None:
    unanswered = Operation(kind="push-ssh", writes=True, sent=11, answered=None)
    found = measure_pause([make_write(10, 10.5), unanswered, make_write(12, 14)], Gap(seconds=3.5, began=10.5))
    assert (found.failed_operations, found.longest_write_seconds) == (1, 2)
