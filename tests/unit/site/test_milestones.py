"""A command that was sent before its time waits for the milestone of its run, and refuses when the run is decided against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from cutover_site.aws.milestone_names import ACTIVATED, ADMITTED, COPIED, HELD, MILESTONES
from cutover_site.aws.milestones import (
    EARLY_POLL_INTERVAL_SECONDS,
    POLL_INTERVAL_SECONDS,
    SHORT_WAIT_SECONDS,
    has_reached,
    is_next,
    wait_for_milestone,
)
from cutover_site.aws.run_record import Decision, RunRecordUnreachable
from cutover_site.errors import Refused


class FakeRecord:
    """Returns, or raises, one after the other. The last one stays."""

    def __init__(self, *found: Decision | Exception) -> None:
        self._found: Iterator[Decision | Exception] = iter(found)
        self._last: Decision | Exception = Decision("", "")
        self.reads = 0

    def read(self) -> Decision:
        self.reads += 1
        self._last = next(self._found, self._last)
        if isinstance(self._last, Exception):
            raise self._last
        return self._last


@pytest.fixture
def wait() -> Callable[..., float]:
    now = [0.0]

    def run(record: FakeRecord, milestone: str, limit: float = 10) -> float:
        return wait_for_milestone(
            record,  # type: ignore[arg-type]  # as much of it as is used
            "run-1",
            milestone,
            limit,
            clock=lambda: now[0],
            sleep=lambda seconds: now.__setitem__(0, now[0] + seconds),
        )

    return run


@pytest.mark.parametrize("milestone", MILESTONES[:-1])
def test_a_milestone_before_the_commit_is_reached_by_itself_and_by_every_later_one(milestone: str) -> None:
    reached = [found for found in ("", *MILESTONES) if has_reached("run-1", milestone, Decision("run-1", "", found))]

    assert reached == list(MILESTONES[MILESTONES.index(milestone) :])


def test_traffic_is_admitted_only_after_the_commit() -> None:
    assert not has_reached("run-1", ADMITTED, Decision("run-1", "", ADMITTED))
    assert not has_reached("run-1", ADMITTED, Decision("run-1", "commit", ACTIVATED))
    assert has_reached("run-1", ADMITTED, Decision("run-1", "commit", ADMITTED))


@pytest.mark.parametrize("milestone", MILESTONES)
@pytest.mark.parametrize(
    "found", [Decision("run-1", "rollback", ADMITTED), Decision("run-1", "thaw", ADMITTED), Decision("run-2", "", "")]
)
def test_nothing_happens_for_a_run_that_is_over(milestone: str, found: Decision) -> None:
    with pytest.raises(Refused, match="run run-1 is over"):
        has_reached("run-1", milestone, found)


@pytest.mark.parametrize("milestone", MILESTONES[:-1])
def test_nothing_that_belongs_before_the_commit_happens_after_it(milestone: str) -> None:
    with pytest.raises(Refused, match="too late"):
        has_reached("run-1", milestone, Decision("run-1", "commit", ADMITTED))


def test_the_command_waits_until_the_run_has_reached_the_milestone(wait: Callable[..., float]) -> None:
    record = FakeRecord(Decision("run-1", ""), Decision("run-1", "", COPIED), Decision("run-1", "", ACTIVATED))

    assert wait(record, ACTIVATED) == pytest.approx(EARLY_POLL_INTERVAL_SECONDS + POLL_INTERVAL_SECONDS)
    assert record.reads == 3


@pytest.mark.parametrize(
    ("milestone", "reached", "expected"),
    [
        (HELD, "", True),
        (COPIED, "", False),
        (COPIED, HELD, True),
        (ACTIVATED, "", False),
        (ACTIVATED, COPIED, True),
        (ADMITTED, COPIED, False),
        (ADMITTED, ACTIVATED, True),
        (COPIED, ADMITTED, True),
    ],
)
def test_a_milestone_is_next_when_no_other_is_before_it(milestone: str, reached: str, expected: bool) -> None:
    assert is_next(milestone, reached) is expected


def test_a_wait_that_is_long_already_reads_less_often(wait: Callable[..., float]) -> None:
    """Writes in flight can delay a freeze for minutes."""
    reads = round(SHORT_WAIT_SECONDS / POLL_INTERVAL_SECONDS)
    record = FakeRecord(*[Decision("run-1", "")] * (reads + 10), Decision("run-1", "", HELD))

    assert wait(record, HELD, 100) == pytest.approx(
        SHORT_WAIT_SECONDS + 10 * EARLY_POLL_INTERVAL_SECONDS, abs=EARLY_POLL_INTERVAL_SECONDS
    )


def test_a_record_that_cannot_be_read_is_read_again(wait: Callable[..., float]) -> None:
    record = FakeRecord(RunRecordUnreachable("throttled"), Decision("run-1", "", COPIED))

    assert wait(record, COPIED) == pytest.approx(POLL_INTERVAL_SECONDS)


@pytest.mark.parametrize(
    ("found", "why"),
    [(Decision("run-1", ""), "has not reached it"), (RunRecordUnreachable("throttled"), "cannot be read: throttled")],
)
def test_the_wait_ends_after_its_limit(wait: Callable[..., float], found: Decision | Exception, why: str) -> None:
    with pytest.raises(Refused, match=why):
        wait(FakeRecord(found), COPIED, 3)
