"""The environment variables of the replication services."""

from __future__ import annotations

import pytest

from rehearsal.aws.mgn.times import PUBLISHED, ServiceTimes
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.environment import SYNC_SECONDS, read_latency, read_sync_seconds


def test_service_times_are_zero_by_default_and_published_on_demand() -> None:
    assert read_latency({}) == "zero"
    assert ServiceTimes.load({}) == ServiceTimes()
    assert ServiceTimes.load({"REHEARSAL_LATENCY": "published"}) == PUBLISHED
    assert min(PUBLISHED.snapshot, PUBLISHED.conversion, PUBLISHED.launch, PUBLISHED.staging_kept) > 0


@pytest.mark.parametrize("text", ["0", "-1", "soon", ""])
def test_a_number_of_seconds_that_cannot_be_is_refused_with_its_variable(text: str) -> None:
    assert read_sync_seconds({}) == SYNC_SECONDS
    with pytest.raises(RehearsalError, match="REHEARSAL_SYNC_SECONDS"):
        read_sync_seconds({"REHEARSAL_SYNC_SECONDS": text})


def test_an_unknown_latency_is_refused() -> None:
    with pytest.raises(RehearsalError, match="give zero or published"):
        ServiceTimes.load({"REHEARSAL_LATENCY": "slow"})
