"""The log of the proxy as counts by second: without addresses and paths."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.errors import Refused
from cutover_site.proxy.request_counts import COLUMNS, Span, count_requests
from cutover_site.proxy.request_log import Request, count_suppressed, list_commands, parse_line, parse_requests
from cutover_site.result_size import MAX_CHARACTERS, fit_result
from cutover_site.verbs import requests as verb

# What HAProxy 2.6.12 wrote, in the form of `journalctl --output=short-unix`.
READ = b'1000.500000 app haproxy[71]: 203.0.113.9:52240 [30/Nov/2026:15:24:37.181] site application_reads/application 0/0/0/6/6 200 450 - - ---- 1/1/0/0/0 0/0 "GET /alice?token=s3cret HTTP/1.1"'
HELD = b'1012.100000 app haproxy[71]: 203.0.113.9:52252 [30/Nov/2026:15:24:37.224] site forward_http/target 3700/0/1/2/3703 201 500 - - ---- 1/1/0/0/0 0/0 "POST /api/v1/x HTTP/1.1"'
MISSING = b'1001.000000 app haproxy[71]: 203.0.113.9:1 [30/Nov/2026:15:24:37.224] site application_reads/application 0/0/1/9/10 404 500 - - ---- 1/1/0/0/0 0/0 "GET /x HTTP/1.1"'
REFUSED = b'1009.000000 app haproxy[71]: 203.0.113.9:52278 [30/Nov/2026:15:24:38.943] site site/<NOSRV> 0/-1/-1/-1/0 503 66 - - LR-- 1/1/0/0/0 0/0 "POST /x HTTP/1.1"'
LEFT = b'1010.000000 app haproxy[71]: 203.0.113.9:52280 [30/Nov/2026:15:24:39.764] site site/<NOSRV> 900/-1/-1/-1/900 -1 0 - - CR-- 1/1/0/0/0 0/0 "POST /x HTTP/1.1"'
SSH = b"1013.000000 app haproxy[71]: 203.0.113.9:37792 [30/Nov/2026:15:24:38.991] site_ssh forward_ssh/target 3720/0/4759 451 -- 1/1/0/0/0 0/0"
OTHER = b"1002.000000 app haproxy[71]: Server application_reads/application is UP, reason: Layer7 check passed"
LINES = [READ, MISSING, OTHER, REFUSED, LEFT, HELD, SSH]
SPAN = Span(begin=1000.0, end=1030.0, frozen=1008.0, opened=1012.0)


def count(lines: list[bytes], span: Span = SPAN) -> dict[str, Any]:
    return count_requests(parse_requests(lines, lambda: False), span, {"site_ssh": "ssh"})


def find_row(facts: dict[str, Any], second: int) -> dict[str, Any]:
    return dict(zip(COLUMNS, next(row for row in facts["rows"] if row[0] == second)))


def test_a_line_has_its_times_and_no_address_and_no_path() -> None:
    found = parse_line(READ.decode())

    assert found == Request(1000.5, 0.006, 0.0, 200, False, False)
    text = json.dumps(count(LINES))
    assert not [word for word in ("203.0.113", "alice", "token", "s3cret", "api") if word in text]


def test_requests_are_counted_by_second_and_outcome() -> None:
    facts = count(LINES)

    assert find_row(facts, 0) == {"second": 0, "answered": 1, "client_error": 0, "server_error": 0, "aborted": 0, "held": 0, "forwarded": 0, "median_ms": 6, "p95_ms": 6, "longest_ms": 6}  # fmt: skip
    assert find_row(facts, 1)["client_error"] == 1
    assert find_row(facts, 9)["server_error"] == 1
    assert [row[0] for row in facts["rows"]] == [0, 1, 9, 10, 12]


def test_a_write_that_waited_in_the_window_is_held_and_one_that_was_refused_at_once_is_not() -> None:
    facts = count(LINES)

    assert find_row(facts, 12) | {"median_ms": 3703} == find_row(facts, 12)
    assert (find_row(facts, 12)["held"], find_row(facts, 12)["forwarded"]) == (1, 1)
    assert find_row(facts, 9)["held"] == 0


@pytest.mark.parametrize(("frozen", "opened"), [(1020.0, 1024.0), (1000.0, 1004.0)])
def test_a_slow_request_outside_of_the_window_is_not_held(frozen: float, opened: float) -> None:
    facts = count([HELD], Span(1000.0, 1030.0, frozen, opened))

    assert find_row(facts, 12)["held"] == 0


def test_a_client_that_left_is_no_latency_and_no_error_of_the_site() -> None:
    row = find_row(count(LINES), 10)

    assert (row["aborted"], row["server_error"], row["median_ms"], row["longest_ms"]) == (1, 0, None, None)


def test_connections_of_another_port_are_counted_apart() -> None:
    assert count(LINES)["ports"] == {"ssh": [[13, 1, 1]]}


def test_the_periods_add_up_to_all_requests() -> None:
    facts = count(LINES)

    outcomes = COLUMNS[1:5]
    assert {name: sum(one[key] for key in outcomes) for name, one in facts["periods"].items()} == {"before": 2, "window": 2, "after": 1}  # fmt: skip


def test_percentiles_are_of_values_that_occurred() -> None:
    lines = [READ.replace(b"/6 200", b"/%d 200" % number) for number in range(1, 101)]

    row = find_row(count(lines), 0)

    assert (row["median_ms"], row["p95_ms"], row["longest_ms"]) == (50, 95, 100)


def test_the_largest_result_fits_into_a_response_of_systems_manager() -> None:
    # Given ten minutes with many different requests in every second, and a held connection in each
    lines = []
    for second in range(600):
        for number in range(7):
            total = 17 * second % 997 + 131 * number
            lines.append(READ.replace(b"1000.5", b"%d.5" % (1000 + second)).replace(b"/6 200", b"/%d 200" % total))
        lines.append(SSH.replace(b"1013.0", b"%d.0" % (1000 + second)))
    facts = count(lines, Span(1000.0, 1600.0, 1300.0, 1320.0))

    fitted = fit_result({"ok": True, **facts, "incomplete": []}, "count-requests")

    assert len(facts["rows"]) == 600
    assert fitted["ok"]
    assert len(json.dumps(fitted)) <= MAX_CHARACTERS


def test_lines_that_the_journal_dropped_are_counted() -> None:
    dropped = b"1000.5 app systemd-journald[9]: Suppressed 812 messages from haproxy.service"
    other = b"1000.5 app systemd-journald[9]: Suppressed 9 messages from gogs.service"

    assert count_suppressed([dropped, other, dropped]) == 1624


class FakeMachine:
    layout = SimpleNamespace(application=SimpleNamespace(tcp=[SimpleNamespace(name="ssh")]))

    def __init__(self, role: str = "source-app") -> None:
        self._role = role

    def require_role(self, *roles: str) -> None:
        if self._role not in roles:
            raise Refused(f"not {self._role}")


def run_verb(machine: FakeMachine, begin: float = 1000.0, end: float = 1030.0) -> dict[str, Any]:
    options = argparse.Namespace(begin=begin, end=end, frozen=1008.0, opened=1012.0)
    return verb.count(machine, options)  # type: ignore[arg-type]


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands that read the journal; it has LINES, and dropped some of the proxy's."""
    asked: list[tuple[str, ...]] = []

    def iterate(*command: str) -> Iterator[bytes]:
        asked.append(command)
        yield from (LINES if "--unit=haproxy.service" in command else [b"1.0 a systemd-journald[9]: Suppressed 5 messages from haproxy.service"])  # fmt: skip

    monkeypatch.setattr(verb, "iterate_lines", iterate)
    return asked


def test_the_verb_counts_the_journal_of_the_proxy_and_names_what_is_not_in_it(journal: list[tuple[str, ...]]) -> None:
    facts = run_verb(FakeMachine())

    assert len(facts["rows"]) == 5
    assert facts["incomplete"] == ["the journal did not keep 5 lines of the proxy, because there were too many at once"]
    assert journal == list(list_commands(1000.0, 1030.0))


def test_a_read_that_takes_too_long_ends_and_is_reported(
    journal: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "MAX_SECONDS", -1.0)

    facts = run_verb(FakeMachine())

    assert facts["rows"] == []
    assert "what is later in it is not counted" in facts["incomplete"][0]
    assert journal


@pytest.mark.parametrize("end", [1000.0, 999.0, 1600.1])
def test_a_time_that_is_too_long_or_has_no_length_is_refused(end: float) -> None:
    with pytest.raises(Refused, match="at most 600 s"):
        run_verb(FakeMachine(), end=end)


def test_only_the_source_and_targets_have_a_proxy_to_count() -> None:
    with pytest.raises(Refused):
        run_verb(FakeMachine("replica"))
