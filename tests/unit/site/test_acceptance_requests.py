"""Requests of the acceptance suite: retries, cookies, and writes that exclude each other."""

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
from cutover_site.gogs.acceptance.ssh_access import require_address_of

from tests.unit.site.fake_site import Response, serving

PAGE = '<input name="_csrf" value="the-token">'


def open_session(url: str, **more: object) -> GogsSession:
    return GogsSession(url=url, username="u", password="p", resolve="127.0.0.1", **more)  # type: ignore[arg-type]


def post(responses: list[Response], method: str = "POST") -> tuple[CheckResult, int]:
    """Return the result of a check with one request, and the number of requests that the site received."""
    remaining = iter(responses)
    received: list[str] = []

    def respond(method: str, path: str, _request: BaseHTTPRequestHandler) -> Response:
        received.append(f"{method} {path}")
        return next(remaining)

    with serving(respond) as url:
        session = open_session(url)
        result = run_check("issue", lambda: session.call_api(method, "/issues", 201))
        session.close()
    return result, len(received)


def test_a_write_that_fails_with_500_is_retried_once_and_reported() -> None:
    result, requests = post([Response(500, "Something went wrong"), Response(201)])
    assert (result.outcome, requests) == ("pass", 2)
    assert result.retried == ("POST /api/v1/issues: answered 500, sent once more after 0 s",)


def test_a_persistent_error_fails_the_check() -> None:
    result, requests = post(
        [Response(500, "Something went wrong"), Response(500, "Something went wrong"), Response(201)]
    )
    assert (result.outcome, requests) == ("fail", 2)


def test_a_response_with_retry_after_is_retried() -> None:
    result, requests = post([Response(503, headers={"Retry-After": "0"}), Response(201)])
    assert (result.outcome, requests) == ("pass", 2)


@pytest.mark.parametrize(
    ("method", "response"),
    [("POST", Response(422)), ("POST", Response(503)), ("POST", Response(404)), ("GET", Response(500))],
)
def test_other_errors_are_not_retried(method: str, response: Response) -> None:
    result, requests = post([response, Response(201)], method)
    assert (result.outcome, requests, result.retried) == ("fail", 1, ())


@pytest.mark.parametrize("https", [True, False])
def test_secure_cookies_are_sent_over_http_only_when_visitors_use_https(https: bool) -> None:
    sent: list[str] = []

    def respond(_method: str, _path: str, request: BaseHTTPRequestHandler) -> Response:
        sent.append(request.headers.get("Cookie", ""))
        return Response(200, PAGE, {"Set-Cookie": "session=1; Path=/; Secure"})

    with serving(respond) as url:
        session = open_session(url, settings=SiteSettings(https=https))
        session.get_page("/")
        session.get_page("/")
        session.close()
    assert sent == ["", "session=1" if https else ""]


def test_a_secure_form_cookie_is_sent_back() -> None:
    # Given a site with unknown settings that marks the cookie of its forms as secure
    sent: list[str] = []

    def respond(_method: str, _path: str, request: BaseHTTPRequestHandler) -> Response:
        sent.append(request.headers.get("Cookie", ""))
        cookie = "_csrf=the-token; Path=/; Domain=git.example.test; Secure"
        return Response(200, PAGE, {"Set-Cookie": cookie})

    with serving(respond) as url:
        session = open_session(url)
        session.submit_form("/user/login", "/user/login", {})
        session.close()
    # Then the form is sent with this cookie
    assert sent == ["", "_csrf=the-token"]


def test_the_token_is_taken_from_the_cookie_when_the_page_has_none() -> None:
    tokens: list[str] = []

    def respond(method: str, _path: str, request: BaseHTTPRequestHandler) -> Response:
        if method == "POST":
            tokens.append(request.headers["X-CSRF-Token"])
        return Response(
            200, "<form>of the site's own</form>", {"Set-Cookie": "_csrf=abc%3A1; Path=/; Domain=git.example.test"}
        )

    with serving(respond) as url:
        session = open_session(url)
        session.submit_form("/user/login", "/user/login", {})
        session.close()
    assert tokens == ["abc:1"]


def test_a_site_that_differs_from_its_settings_fails_the_check() -> None:
    with serving(lambda *_: Response(200)) as url:
        session = open_session(url, settings=SiteSettings(sign_in_to_view=True))
        with pytest.raises(CheckFailed, match="REQUIRE_SIGNIN_VIEW"):
            _ = session.closed
        session.close()


def test_two_checks_never_write_to_one_repository_at_the_same_time() -> None:
    # Given a site that counts the concurrent creations of issues
    inside, most = [0], [0]
    lock = threading.Lock()
    second = threading.Event()

    def respond(method: str, path: str, _request: BaseHTTPRequestHandler) -> Response:
        if method == "POST" and "issues" in path and "attachments" not in path:
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                if inside[0] > 1:
                    second.set()
            second.wait(0.2)  # so that the other check can overlap
            with lock:
                inside[0] -= 1
        if path.startswith("/api/"):
            return Response(422, "no")
        return Response(200, PAGE if method == "GET" else '{"uuid": "1"}')

    with serving(respond) as url:
        session = open_session(url)
        session.__dict__["attachments"] = Attachments(enabled=True, types=("*/*",))
        # When both checks that create an issue run concurrently
        threads = [threading.Thread(target=run_check, args=(name, lambda check=check: check.check(session)))
                   for name, check in (("issue", issue), ("attachment", attachment))]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        session.close()
    # Then there is never more than one at a time
    assert most[0] == 1


def test_clone_addresses_have_the_user_of_the_site() -> None:
    session = open_session("http://git.example.test/", ssh="ssh.example.test:2022", ssh_user="forge")
    session.__dict__["offers_ssh"] = True
    assert require_address_of(session, "alice/app") == "ssh://forge@ssh.example.test:2022/alice/app.git"
    session.close()
