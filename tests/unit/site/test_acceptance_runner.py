"""The runner of a suite: the order of the checks, the checks that it skips, and the outcome of a check that could not run."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.acceptance.results import CheckResult, describe_failures
from cutover_site.acceptance.runner import clean_up_all, run_check, run_suite
from cutover_site.acceptance.session import Session
from cutover_site.acceptance.suite import Check, Suite

from tests.unit.site.fake_site import Response, serving


def open_session(url: str = "http://127.0.0.1:1/", *, resolve: str = "127.0.0.1", live: bool = False) -> Session:
    return Session(url=url, username="u", password="p", resolve=resolve, live=live)


def fail(message: str) -> Callable[[Session], None]:
    def check(_session: Session) -> None:
        raise CheckFailed(message)

    return check


def skip(reason: str, setting: str = "") -> Callable[[Session], None]:
    def check(_session: Session) -> None:
        raise CheckSkipped(reason, setting=setting)

    return check


def succeed(_session: Session) -> None:
    """Pass."""


def make_suite(*checks: Check[Session], log: list[str] | None = None) -> Suite[Session]:
    done = [] if log is None else log
    return Suite(
        checks,
        clean_up=lambda _session: done.append("cleaned up"),
        clean_up_all=lambda _session: done.append("cleaned up all"),
        prepare=lambda _session: done.append("prepared"),
    )


def run(*checks: Check[Session], session: Session | None = None) -> list[tuple[str, str, str]]:
    results = run_suite(make_suite(*checks), session or open_session())
    return [(result.name, result.outcome, result.reason) for result in results]


def test_a_failed_required_check_fails_the_remaining_checks() -> None:
    checks = (Check("clone", succeed), Check("health", fail("down"), required=True))
    results = run_suite(make_suite(*checks), open_session())
    assert [(result.name, result.outcome) for result in results] == [
        ("clone", "fail"),
        ("health", "fail"),
        ("leftovers", "pass"),
    ]
    assert describe_failures(results) == "health: down; 1 more not tried"


def test_a_failed_optional_check_does_not_stop_the_suite() -> None:
    assert run(Check("clone", fail("no")), Check("issue", succeed)) == [
        ("clone", "fail", "no"),
        ("issue", "pass", ""),
        ("leftovers", "pass", ""),
    ]


def test_a_check_after_a_failed_one_is_not_run() -> None:
    assert run(Check("token", fail("no")), Check("api", succeed, after=("token",)))[1] == (
        "api",
        "fail",
        "not tried, because token failed",
    )


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (Check("second", succeed, builds_on="first"), ("second", "skip", "SSH was not asked for")),
        (Check("second", succeed, after=("first",)), ("second", "pass", "")),
    ],
    ids=["builds on it", "only waits for it"],
)
def test_a_check_is_skipped_with_the_check_that_it_builds_on(
    second: Check[Session], outcome: tuple[str, str, str]
) -> None:
    assert run(Check("first", skip("SSH was not asked for")), second) == [
        ("first", "skip", "SSH was not asked for"),
        outcome,
        ("leftovers", "pass", ""),
    ]


def test_a_dependent_check_is_skipped_with_the_same_setting() -> None:
    setting = "[repository] DISABLE_HTTP_GIT = true"
    results = run_suite(
        make_suite(Check("clone", skip("no", setting)), Check("push", succeed, builds_on="clone")), open_session()
    )
    assert [result.setting for result in results] == [setting, setting, ""]


def test_checks_run_concurrently_and_a_dependent_one_runs_later() -> None:
    # Given two checks that pass only when both run at the same time
    both = threading.Barrier(2, timeout=20)
    order: list[str] = []

    def wait_for_both(_session: Session) -> None:
        both.wait()
        order.append("both")

    later = Check[Session]("later", lambda _session: order.append("later"), after=("a", "b"))
    # When the suite has both and a check that depends on them
    results = run(Check("a", wait_for_both), Check("b", wait_for_both), later)
    # Then all pass, and the dependent check ran last
    assert [outcome for _, outcome, _ in results] == ["pass"] * 4
    assert order == ["both", "both", "later"]


@pytest.mark.parametrize(
    ("live", "resolve", "names"),
    [
        (False, "127.0.0.1", ["always", "copy", "local", "leftovers"]),
        (False, "10.0.0.1", ["always", "copy", "leftovers"]),
        (True, "127.0.0.1", ["always", "local"]),
        (True, "10.0.0.1", ["always"]),
    ],
)
def test_a_check_of_another_kind_of_session_is_not_reported(live: bool, resolve: str, names: list[str]) -> None:
    checks = (
        Check("always", succeed),
        Check("copy", succeed, on_live_data=False),
        Check("local", succeed, local_only=True),
    )
    assert [name for name, _, _ in run(*checks, session=open_session(resolve=resolve, live=live))] == names


def test_the_content_of_a_live_run_is_removed_by_a_later_cleanup() -> None:
    log: list[str] = []
    suite = make_suite(Check("always", succeed), log=log)
    run_suite(suite, open_session(live=True))
    assert log == ["prepared"]
    clean_up_all(suite, open_session())
    assert log == ["prepared", "prepared", "cleaned up all"]


def test_a_failed_cleanup_fails_the_suite() -> None:
    suite = Suite((Check("always", succeed),), clean_up=fail("a repository is still there"), clean_up_all=succeed)
    results = run_suite(suite, open_session())
    assert describe_failures(results) == "leftovers: a repository is still there"


def test_a_crashed_check_is_a_failure() -> None:
    crashed = run_check("x", lambda: 1 / 0)
    assert crashed.outcome == "fail"
    assert "ZeroDivisionError" in crashed.reason


def request(responses: list[Response], method: str) -> tuple[CheckResult, int]:
    """Return the result of a check with one request, and the number of requests that the site received."""
    remaining = iter(responses)
    received: list[str] = []

    def respond(method: str, path: str, _request: object) -> Response:
        received.append(f"{method} {path}")
        return next(remaining)

    with serving(respond) as url:
        session = open_session(url)

        def check() -> None:
            response = session.request(session.plain, method, "/things")
            if response.status_code != 201:
                raise CheckFailed(f"answered {response.status_code}")

        result = run_check("things", check)
        session.close()
    return result, len(received)


def test_a_write_with_retry_after_is_retried_once() -> None:
    result, requests = request([Response(503, headers={"Retry-After": "0"}), Response(201)], "POST")
    assert (result.outcome, requests) == ("pass", 2)
    assert result.retried == ("POST /things: answered 503, sent once more after 0 s",)


@pytest.mark.parametrize(
    ("method", "response"),
    [("POST", Response(503)), ("POST", Response(500)), ("GET", Response(503, headers={"Retry-After": "0"}))],
)
def test_other_errors_are_not_retried_by_the_runner(method: str, response: Response) -> None:
    result, requests = request([response, Response(201)], method)
    assert (result.outcome, requests, result.retried) == ("fail", 1, ())


def test_a_site_that_does_not_respond_fails_the_check() -> None:
    session = open_session()
    result = run_check("health", lambda: session.request(session.plain, "GET", "/"))
    session.close()
    assert result.outcome == "fail"
    assert result.reason.startswith("GET /: ConnectionError")
