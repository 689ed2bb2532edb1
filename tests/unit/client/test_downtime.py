"""Write and read downtime as a client of the site observes it."""

from rehearsal.client.downtime import Outages, find_longest_gap, measure_pace, read_outages
from rehearsal.client.ledger import Operation


def operation(answered: float, *, kind: str = "issue", writes: bool = True, acknowledged: bool = True) -> Operation:
    return Operation(kind=kind, writes=writes, sent=answered - 0.5, answered=answered, acknowledged=acknowledged)


def read(answered: float, *, good: bool = True) -> Operation:
    return operation(answered, kind="read", writes=False, acknowledged=good)


def test_write_downtime_is_the_longest_gap_between_acknowledged_writes() -> None:
    # Given writes at 10, 11 and 15, one refused in between, and reads all the time
    operations = [operation(10), operation(15), operation(11), operation(13, acknowledged=False), read(12)]
    # When the gap is measured
    gap = find_longest_gap(operations, writes=True)
    # Then the refused write and the read did not shorten it
    assert gap is not None
    assert (gap.seconds, gap.began) == (4, 11)


def test_too_few_operations_give_no_measurement() -> None:
    assert find_longest_gap([operation(10)], writes=True) is None
    assert find_longest_gap([], writes=False) is None
    assert read_outages([operation(10)]) is None
    assert measure_pace([operation(10)]) is None


def test_a_read_outage_lasts_from_the_first_failed_read_to_the_next_good_one() -> None:
    # Given two times in which reads failed, in the order in which they ended
    reads = [read(1), read(2, good=False), read(3, good=False), read(4), read(8, good=False), read(9)]
    # Then each counts from the request of the first failed read to the response of the next good read
    assert read_outages(reads) == Outages(failed=3, total=2.5 + 1.5, longest=2.5, lasting=False)


def test_a_slow_successful_read_is_no_outage() -> None:
    assert read_outages([read(1), read(60)]) == Outages(failed=0, total=0, longest=0, lasting=False)


def test_an_outage_without_a_later_good_read_is_reported_as_lasting() -> None:
    assert read_outages([read(1), read(2, good=False), read(7, good=False)]) == Outages(2, 5.5, 5.5, lasting=True)


def test_the_pace_counts_attempted_writes() -> None:
    # Given eleven writes in two seconds, two of them pushes, all refused
    writes = [operation(0.5 + n * 0.15, acknowledged=False) for n in range(9)]
    pushes = [operation(at, kind="push-ssh", acknowledged=False) for at in (1.0, 2.0)]
    measured = measure_pace([*writes, *pushes])
    assert measured is not None
    assert (measured.writes_per_second, measured.pushes_per_second, measured.enough) == (5.5, 1.0, True)


def test_a_pace_with_too_few_pushes_is_not_enough() -> None:
    measured = measure_pace([operation(0.5 + n * 0.1) for n in range(21)])
    assert measured is not None
    assert not measured.enough
