"""Retention of points in time: one per ten minutes of the last hour, per hour of the last day, per day of thirty days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rehearsal.replication_engine.retention import NEWEST, select_kept

NOW = datetime(2022, 12, 30, 12, 0, tzinfo=UTC)


def test_older_points_are_kept_at_longer_intervals() -> None:
    points = [(str(minute), NOW - timedelta(minutes=minute)) for minute in range(60 * 24 * 32)]

    keep = select_kept(points, NOW)

    ages = sorted(int(minute) for minute in keep)
    assert ages[:NEWEST] == [0, 1, 2]
    assert len([age for age in ages if age <= 60]) <= 6 + NEWEST + 1
    assert len([age for age in ages if 60 < age <= 1440]) == 23
    assert max(ages) <= 60 * 24 * 30


def test_the_newest_points_are_kept_at_any_age() -> None:
    assert select_kept([("old", NOW - timedelta(days=90))], NOW) == {"old"}
