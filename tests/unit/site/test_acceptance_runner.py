"""The runner of a suite: in which order checks run, which are left out, and what a check that could not run counts as."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.acceptance.results import CheckResult, describe_failures
from cutover_site.acceptance.runner import clean_up_all, run_check, run_suite
from cutover_site.acceptance.session import Session
from cutover_site.acceptance.suite import Check, Suite

from tests.unit.site.fake_site import Answer, serving


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


def test_after_a_required_check_the_rest_counts_as_failed() -> None:
    checks = (Check("clone", succeed), Check("health", fail("down"), required=True))
    results = run_suite(make_suite(*checks), open_session())
    assert [(result.name, result.outcome) for result in results] == [
        ("clone", "fail"),
        ("health", "fail"),
        ("leftovers", "pass"),
    ]
    assert describe_failures(results) == "health: down; 1 more not tried"


def test_other_checks_do_not_stop_the_suite() -> None:
    assert run(Check("clone", fail("no")), Check("issue", succeed)) == [
        ("clone", "fail", "no"),
        ("issue", "pass", ""),
        ("leftovers", "pass", ""),
    ]


def test_a_check_that_waits_for_a_failed_one_is_not_tried() -> None:
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
def test_a_check_is_skipped_with_the_one_that_it_builds_on(
    second: Check[Session], outcome: tuple[str, str, str]
) -> None:
    assert run(Check("first", skip("SSH was not asked for")), second) == [
        ("first", "skip", "SSH was not asked for"),
        outcome,
        ("leftovers", "pass", ""),
    ]


def test_a_skipped_check_names_the_setting_also_for_those_that_build_on_it() -> None:
    setting = "[repository] DISABLE_HTTP_GIT = true"
    results = run_suite(
        make_suite(Check("clone", skip("no", setting)), Check("push", succeed, builds_on="clone")), open_session()
    )
    assert [result.setting for result in results] == [setting, setting, ""]


def test_checks_run_beside_each_other_and_one_that_waits_runs_later() -> None:
    # Given two checks that pass only when both run at once
    both = threading.Barrier(2, timeout=20)
    order: list[str] = []

    def meet(_session: Session) -> None:
        both.wait()
        order.append("met")

    later = Check[Session]("later", lambda _session: order.append("later"), after=("a", "b"))
    # When the suite has them and one that waits for them
    results = run(Check("a", meet), Check("b", meet), later)
    # Then all pass, and that one was the last
    assert [outcome for _, outcome, _ in results] == ["pass"] * 4
    assert order == ["met", "met", "later"]


@pytest.mark.parametrize(
    ("live", "resolve", "names"),
    [
        (False, "127.0.0.1", ["always", "copy", "local", "leftovers"]),
        (False, "10.0.0.1", ["always", "copy", "leftovers"]),
        (True, "127.0.0.1", ["always", "local"]),
        (True, "10.0.0.1", ["always"]),
    ],
)
def test_a_check_that_does_not_belong_to_the_session_is_in_no_report(
    live: bool, resolve: str, names: list[str]
) -> None:
    checks = (
        Check("always", succeed),
        Check("copy", succeed, on_live_data=False),
        Check("local", succeed, local_only=True),
    )
    assert [name for name, _, _ in run(*checks, session=open_session(resolve=resolve, live=live))] == names


def test_what_a_suite_made_while_users_wait_is_removed_by_the_later_cleanup() -> None:
    log: list[str] = []
    suite = make_suite(Check("always", succeed), log=log)
    run_suite(suite, open_session(live=True))
    assert log == ["prepared"]
    clean_up_all(suite, open_session())
    assert log == ["prepared", "prepared", "cleaned up all"]


def test_a_cleanup_that_fails_fails_the_suite() -> None:
    suite = Suite((Check("always", succeed),), clean_up=fail("a repository is still there"), clean_up_all=succeed)
    results = run_suite(suite, open_session())
    assert describe_failures(results) == "leftovers: a repository is still there"


def test_a_crash_of_a_check_is_a_failure() -> None:
    crashed = run_check("x", lambda: 1 / 0)
    assert crashed.outcome == "fail"
    assert "ZeroDivisionError" in crashed.reason


def request(answers: list[Answer], method: str) -> tuple[CheckResult, int]:
    """Return what a check of one request finds, and how often the site was asked."""
    given = iter(answers)
    asked: list[str] = []

    def respond(method: str, path: str, _request: object) -> Answer:
        asked.append(f"{method} {path}")
        return next(given)

    with serving(respond) as url:
        session = open_session(url)

        def check() -> None:
            response = session.request(session.plain, method, "/things")
            if response.status_code != 201:
                raise CheckFailed(f"answered {response.status_code}")

        result = run_check("things", check)
        session.close()
    return result, len(asked)


def test_a_site_that_asks_for_time_gets_it_once() -> None:
    result, asked = request([Answer(503, headers={"Retry-After": "0"}), Answer(201)], "POST")
    assert (result.outcome, asked) == ("pass", 2)
    assert result.retried == ("POST /things: answered 503, sent once more after 0 s",)


@pytest.mark.parametrize(
    ("method", "answer"),
    [("POST", Answer(503)), ("POST", Answer(500)), ("GET", Answer(503, headers={"Retry-After": "0"}))],
)
def test_what_the_core_does_not_know_to_be_transient_counts(method: str, answer: Answer) -> None:
    result, asked = request([answer, Answer(201)], method)
    assert (result.outcome, asked, result.retried) == ("fail", 1, ())


def test_a_site_that_does_not_respond_fails_the_check() -> None:
    session = open_session()
    result = run_check("health", lambda: session.request(session.plain, "GET", "/"))
    session.close()
    assert result.outcome == "fail"
    assert result.reason.startswith("GET /: ConnectionError")
