"""Requests of the acceptance suite: what is sent once more, which cookies go along, and who writes alone."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler

import pytest
from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.results import CheckResult
from cutover_site.acceptance.runner import run_check
from cutover_site.gogs.acceptance.checks import attachment, issue
from cutover_site.gogs.acceptance.features import Attachments
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.settings import SiteSettings

from tests.unit.site.fake_site import Answer, serving

PAGE = '<input name="_csrf" value="the-token">'


def open_session(url: str, **more: object) -> GogsSession:
    return GogsSession(url=url, username="u", password="p", resolve="127.0.0.1", **more)  # type: ignore[arg-type]


def post(answers: list[Answer], method: str = "POST") -> tuple[CheckResult, int]:
    """What a check of one request finds, and how often the site was asked."""
    given = iter(answers)
    asked: list[str] = []

    def respond(method: str, path: str, _request: BaseHTTPRequestHandler) -> Answer:
        asked.append(f"{method} {path}")
        return next(given)

    with serving(respond) as url:
        session = open_session(url)
        result = run_check("issue", lambda: session.call_api(method, "/issues", 201))
        session.close()
    return result, len(asked)


def test_a_write_that_may_have_met_another_is_sent_once_more_and_that_is_reported() -> None:
    result, asked = post([Answer(500, "Something went wrong"), Answer(201)])
    assert (result.outcome, asked) == ("pass", 2)
    assert result.retried == ("POST /api/v1/issues: answered 500, sent once more after 0 s",)


def test_a_fault_that_lasts_fails() -> None:
    result, asked = post([Answer(500, "Something went wrong"), Answer(500, "Something went wrong"), Answer(201)])
    assert (result.outcome, asked) == ("fail", 2)


def test_a_site_that_asks_for_time_gets_it() -> None:
    result, asked = post([Answer(503, headers={"Retry-After": "0"}), Answer(201)])
    assert (result.outcome, asked) == ("pass", 2)


@pytest.mark.parametrize(
    ("method", "answer"), [("POST", Answer(422)), ("POST", Answer(503)), ("POST", Answer(404)), ("GET", Answer(500))]
)
def test_other_answers_stand(method: str, answer: Answer) -> None:
    result, asked = post([answer, Answer(201)], method)
    assert (result.outcome, asked, result.retried) == ("fail", 1, ())


@pytest.mark.parametrize("https", [True, False])
def test_secure_cookies_are_sent_by_http_only_where_visitors_come_by_https(https: bool) -> None:
    sent: list[str] = []

    def respond(_method: str, _path: str, request: BaseHTTPRequestHandler) -> Answer:
        sent.append(request.headers.get("Cookie", ""))
        return Answer(200, PAGE, {"Set-Cookie": "session=1; Path=/; Secure"})

    with serving(respond) as url:
        session = open_session(url, settings=SiteSettings(https=https))
        session.get_page("/")
        session.get_page("/")
        session.close()
    assert sent == ["", "session=1" if https else ""]


def test_a_secure_form_cookie_shows_that_visitors_come_by_https() -> None:
    # Given a site whose settings are not known, when it marks the cookie of its forms as secure
    sent: list[str] = []

    def respond(_method: str, _path: str, request: BaseHTTPRequestHandler) -> Answer:
        sent.append(request.headers.get("Cookie", ""))
        cookie = "_csrf=the-token; Path=/; Domain=git.example.test; Secure"
        return Answer(200, PAGE, {"Set-Cookie": cookie})

    with serving(respond) as url:
        session = open_session(url)
        session.submit_form("/user/login", "/user/login", {})
        session.close()
    # Then the form is sent with it
    assert sent == ["", "_csrf=the-token"]


def test_a_template_without_the_token_leaves_the_cookies() -> None:
    tokens: list[str] = []

    def respond(method: str, _path: str, request: BaseHTTPRequestHandler) -> Answer:
        if method == "POST":
            tokens.append(request.headers["X-CSRF-Token"])
        return Answer(
            200, "<form>of the site's own</form>", {"Set-Cookie": "_csrf=abc%3A1; Path=/; Domain=git.example.test"}
        )

    with serving(respond) as url:
        session = open_session(url)
        session.submit_form("/user/login", "/user/login", {})
        session.close()
    assert tokens == ["abc:1"]


def test_a_site_that_differs_from_the_sources_settings_fails() -> None:
    with serving(lambda *_: Answer(200)) as url:
        session = open_session(url, settings=SiteSettings(sign_in_to_view=True))
        with pytest.raises(CheckFailed, match="REQUIRE_SIGNIN_VIEW"):
            _ = session.closed
        session.close()


def test_two_checks_never_write_to_one_repository_at_once() -> None:
    # Given a site that counts how many issues are being made
    inside, most = [0], [0]
    lock = threading.Lock()
    second = threading.Event()

    def respond(method: str, path: str, _request: BaseHTTPRequestHandler) -> Answer:
        if method == "POST" and "issues" in path and "attachments" not in path:
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                if inside[0] > 1:
                    second.set()
            second.wait(0.2)  # the other one has time to come
            with lock:
                inside[0] -= 1
        if path.startswith("/api/"):
            return Answer(422, "no")
        return Answer(200, PAGE if method == "GET" else '{"uuid": "1"}')

    with serving(respond) as url:
        session = open_session(url)
        session.__dict__["attachments"] = Attachments(enabled=True, types=("*/*",))
        # When both checks that make one run side by side
        threads = [threading.Thread(target=run_check, args=(name, lambda check=check: check.check(session)))
                   for name, check in (("issue", issue), ("attachment", attachment))]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        session.close()
    # Then there is never more than one
    assert most[0] == 1
