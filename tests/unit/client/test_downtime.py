"""What the site's users felt."""

from rehearsal.client.downtime import longest_gap
from rehearsal.client.ledger import Operation


def operation(answered: float, *, writes: bool = True, acknowledged: bool = True) -> Operation:
    return Operation(kind="issue", writes=writes, sent=answered - 0.1, answered=answered, acknowledged=acknowledged)


def test_the_longest_pause_between_acknowledged_writes_counts() -> None:
    # Given writes at 10, 11 and 15, one refused in between, and reads all the time
    operations = [
        operation(10),
        operation(15),
        operation(11),
        operation(13, acknowledged=False),
        operation(12, writes=False),
    ]
    # When the gap is measured
    gap = longest_gap(operations, writes=True)
    # Then the refused write and the read did not shorten it
    assert gap is not None
    assert (gap.seconds, gap.began) == (4, 11)


def test_nothing_measured_is_not_no_gap() -> None:
    assert longest_gap([operation(10)], writes=True) is None
    assert longest_gap([], writes=False) is None
