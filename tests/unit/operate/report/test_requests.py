"""What the proxies and the load balancer logged, as the page reads it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from operate.report.balancer import find_dimension, read_balancer
from operate.report.bucket import Bucket
from operate.report.model import build_report
from operate.report.page import render_page
from operate.report.plots.requests import draw_requests
from operate.report.runs import select_run
from operate.report.sections.requests import Requests, build_requests
from operate.report.source import StackResource
from tests.unit.operate.report.evidence import (
    BALANCER,
    BEGAN,
    WINDOW,
    make_counts,
    make_logged,
    make_migrated,
    make_source,
    record,
)
from tests.unit.operate.report.text import read_text

FROZEN, OPENED = (BEGAN + one for one in WINDOW)


def read(*counts: dict[str, Any]) -> Requests:
    found = build_requests(select_run(make_source([*make_migrated(), *counts])))
    assert found is not None
    return found


def test_a_run_without_counts_has_no_such_section() -> None:
    assert build_requests(select_run(make_source(make_migrated()))) is None


def test_seconds_and_periods_have_the_same_requests() -> None:
    found = read(make_counts("source", "i-source"))

    assert sum(one.requests for one in found.source) == sum(one.counts.requests for one in found.periods) > 500
    assert [one.name for one in found.periods] == ["before the window", "in the window", "after the window"]
    held = [one for one in found.source if one.held]
    assert [one.begin + 1 > OPENED for one in held] == [True]
    assert held[0].longest == pytest.approx(4.5, abs=0.1)


def test_targets_are_added_up_and_their_latency_is_that_of_the_slowest() -> None:
    found = read(make_counts("target", "i-a", errors=2), make_counts("target", "i-b"))
    alone = read(make_counts("target", "i-a", errors=2))

    assert sum(one.server_errors for one in found.targets) == 2
    assert sum(one.requests for one in found.targets) == 2 * sum(one.requests for one in alone.targets) - 2
    assert found.targets[1].longest == alone.targets[1].longest == 0.3
    assert all(one.begin >= OPENED for one in found.targets)
    assert {one.name for one in found.periods} == {"after the window"}


def test_a_request_that_the_source_forwarded_is_no_second_request_of_a_user() -> None:
    source, target = make_counts("source", "i-source"), make_counts("target", "i-a")
    alone, both = read(source), read(source, target)

    arrived = sum(one.requests for one in both.targets)
    forwarded = sum(one.counts.forwarded for one in alone.periods)
    assert (alone.counted_twice, both.counted_twice) == (0, forwarded)
    assert both.total.requests == alone.total.requests + arrived - forwarded


def test_machines_without_counts_and_dropped_lines_are_named() -> None:
    steps = [one for one in make_migrated() if one.get("step") != "clean-up"]
    steps.append(record("clean-up", 20, requests={"written": {}, "missing": {"i-b": "no journal"}}))
    source = make_source([*steps, make_counts("source", "i-source", incomplete=["5 lines were dropped"])])

    found = build_requests(select_run(source))

    assert found is not None
    assert found.missing == ["i-b: no journal", "i-source: 5 lines were dropped"]


def test_the_verdict_has_the_numbers_of_the_servers_when_there_is_no_client() -> None:
    verdict = build_report(make_source(make_logged(), operations=None)).verdict

    assert re.search(
        r"Of [\d,]+ requests that the proxies logged around the window 2 failed with 5xx and 22 were held",
        verdict.sentence,
    )
    assert {one.name: one.tone for one in verdict.figures}["errors (5xx)"] == "bad"
    assert "Nobody measured" not in verdict.sentence


def test_a_client_is_worth_more_than_the_servers_logs() -> None:
    report = build_report(make_source(make_logged()))

    assert "of the client" in report.verdict.sentence
    assert report.requests


def test_the_plot_marks_held_requests_and_errors_and_shades_the_window() -> None:
    report = build_report(make_source(make_logged(), operations=None))
    assert report.requests
    source = draw_requests("s", "the proxy", report.requests.source, report.window)
    targets = draw_requests("t", "the proxy", report.requests.targets, report.window)

    assert "held, then went on" in source.wide
    assert "error (5xx)" not in source.wide
    assert "--plot-failed" in targets.wide
    assert "--plot-window" in source.wide
    assert " 0 errors, 22 held" in source.title


class CloudWatch:
    """The points of one load balancer: one minute with everything, and one with answered requests only."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        moments = [BEGAN, BEGAN + 60] if request["MetricName"] == "HTTPCode_Target_2XX_Count" else [BEGAN]
        values: dict[str, Any] = {"ExtendedStatistics": {"p50": 0.1, "p95": 0.2, "p100": 0.9}} if "ExtendedStatistics" in request else {"Sum": 7.0}  # fmt: skip
        return {"Datapoints": [{"Timestamp": datetime.fromtimestamp(one, tz=UTC), **values} for one in moments]}


def test_the_minutes_of_the_load_balancer_are_read_with_every_status() -> None:
    aws = CloudWatch()

    found = read_balancer(aws, "app/a/1", (BEGAN, BEGAN + 120))

    assert found == [
        Bucket(BEGAN, 14, 14, 14, 0, 0, 0, 0.1, 0.2, 0.9),
        Bucket(BEGAN + 60, 7, 0, 0, 0, 0, 0, None, None, None),
    ]
    assert {str(one["Dimensions"]) for one in aws.requests} == {"[{'Name': 'LoadBalancer', 'Value': 'app/a/1'}]"}
    assert all(("Statistics" in one) != ("ExtendedStatistics" in one) for one in aws.requests), (
        "CloudWatch accepts one of them"
    )


def test_a_load_balancer_without_requests_is_not_known_instead_of_zero() -> None:
    class Silent(CloudWatch):
        def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
            return {"Datapoints": []}

    assert read_balancer(Silent(), "app/a/1", (BEGAN, BEGAN + 120)) is None


def test_the_load_balancer_for_http_is_chosen() -> None:
    arn = "arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/"
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    network, http = (
        StackResource("ServersStack", kind, f"{arn}net/b/2"),
        StackResource("ServersStack", kind, f"{arn}app/a/1"),
    )

    assert find_dimension([network, http]) == "app/a/1"
    assert find_dimension([network]) is None


def test_minutes_are_drawn_as_minutes() -> None:
    assert "requests per 60 s" in draw_requests("b", "the load balancer", BALANCER, None, length=60.0).wide


def test_latencies_that_are_almost_equal_are_drawn() -> None:
    equal = [Bucket(BEGAN + second, 5, 0, 0, 0, 0, 0, 0.05, 0.051, 0.052) for second in range(9)]

    assert "latency" in draw_requests("e", "the proxy", equal, None).wide


def test_the_targets_have_the_time_axis_of_the_source() -> None:
    found = read(make_counts("source", "i-source"), make_counts("target", "i-a"))

    apart = draw_requests("t", "the targets", found.targets, None)
    beside = draw_requests("t", "the targets", found.targets, None, beside=found.source)

    assert "−20" not in apart.wide
    assert "−20" in beside.wide


def test_resources_have_their_list_price_only_when_the_price_list_was_asked() -> None:
    text = "0.14 USD for each hour"
    asked = read_text(render_page(build_report(make_source(make_migrated(), prices={"db-1": text}))))
    unasked = read_text(render_page(build_report(make_source(make_migrated()))))

    assert f"| {text} |" in asked
    assert "| not known |" in asked
    assert "Prices are list prices on demand" in asked
    assert "This page has no prices" in unasked
