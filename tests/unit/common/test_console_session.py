"""The console's session protocol: token, redirect, expiry, retries. Responses as in the published clients."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
import responses
from common.clients.cloudendure import ConsoleSession
from common.clients.cloudendure.session import clean_token
from common.clients.provider_retries import MAX_ATTEMPTS
from common.errors import RetryableProviderError, StepFailed
from responses import matchers

from tests.unit.procedure.clock import FakeClock

ROOT = "https://console.example.com"
TOKEN = '"Ab12=\\012"'
USER = {"username": "demo", "password": "s3cret"}


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def console(clock: FakeClock) -> Iterator[ConsoleSession]:
    with requests.Session() as http:
        yield ConsoleSession(ROOT, lambda: USER, http=http, clock=clock)


def login(server: responses.RequestsMock, path: str = "/api/latest/login") -> responses.BaseResponse:
    answer: responses.BaseResponse = server.post(
        ROOT + path, json={}, headers={"Set-Cookie": f"XSRF-TOKEN={TOKEN}; Path=/"}
    )
    return answer


@pytest.mark.parametrize(
    ("cookie", "token"), [('"abc"', "abc"), ("abc", "abc"), ('"abc\\012"', "abc"), (' "abc=" ', "abc=")]
)
def test_the_token_is_sent_back_without_quotes_and_line_end(cookie: str, token: str) -> None:
    assert clean_token(cookie) == token


def test_every_call_carries_the_token(server: responses.RequestsMock, console: ConsoleSession) -> None:
    login(server)
    server.get(f"{ROOT}/api/latest/me", json={"id": 1}, match=[matchers.header_matcher({"X-XSRF-TOKEN": "Ab12="})])

    assert console.request("GET", "/me") == {"id": 1}


def test_a_redirected_login_is_repeated_and_its_prefix_is_kept(
    server: responses.RequestsMock, console: ConsoleSession
) -> None:
    server.post(f"{ROOT}/api/latest/login", status=307, headers={"Location": "/api/v5/login"})
    there = login(server, "/api/v5/login")
    server.get(f"{ROOT}/api/v5/me", json={})

    console.request("GET", "/me")

    assert json.loads(there.calls[0].request.body or b"") == USER
    assert console.supports_launch_machines


def test_the_password_is_not_sent_to_another_host(server: responses.RequestsMock, console: ConsoleSession) -> None:
    server.post(
        f"{ROOT}/api/latest/login", status=307, headers={"Location": "https://elsewhere.example.net/api/v5/login"}
    )

    with pytest.raises(StepFailed, match="elsewhere"):
        console.request("GET", "/me")


def test_the_console_of_2017_is_found(server: responses.RequestsMock, console: ConsoleSession) -> None:
    server.post(f"{ROOT}/api/latest/login", status=404)
    login(server, "/latest/celogin")
    server.get(f"{ROOT}/latest/me", json={})

    console.request("GET", "/me")

    assert not console.supports_launch_machines


def test_an_expired_session_is_renewed_between_two_calls(
    server: responses.RequestsMock, console: ConsoleSession
) -> None:
    logins = login(server)
    for status in (200, 401, 200):
        server.get(f"{ROOT}/api/latest/me", status=status, json={"status": status})

    assert [console.request("GET", "/me")["status"], console.request("GET", "/me")["status"]] == [200, 200]
    assert logins.call_count == 2


def test_wrong_credentials_are_not_retried(server: responses.RequestsMock, console: ConsoleSession) -> None:
    refused = server.post(f"{ROOT}/api/latest/login", status=401, json={"message": "no"})

    with pytest.raises(StepFailed, match="refused user name and password") as error:
        console.request("GET", "/me")

    assert refused.call_count == 1
    assert USER["password"] not in str(error.value)


@pytest.mark.parametrize(
    ("status", "message"), [(402, "licence"), (403, "rights on this project"), (404, "404"), (422, "must be positive")]
)
def test_client_errors_are_not_retried(
    server: responses.RequestsMock, console: ConsoleSession, status: int, message: str
) -> None:
    login(server)
    call = server.get(f"{ROOT}/api/latest/x", status=status, json={"message": "must be positive"})

    with pytest.raises(StepFailed, match=message):
        console.request("GET", "/x")

    assert call.call_count == 1


def test_retry_after_is_respected(server: responses.RequestsMock, console: ConsoleSession, clock: FakeClock) -> None:
    login(server)
    server.get(f"{ROOT}/api/latest/me", status=429, headers={"Retry-After": "7"})
    server.get(f"{ROOT}/api/latest/me", json={"ok": True})
    began = clock.now()

    assert console.request("GET", "/me") == {"ok": True}
    assert 7 <= clock.now() - began <= 8


def test_retries_end_with_the_error_name_that_step_functions_matches(
    server: responses.RequestsMock, console: ConsoleSession
) -> None:
    login(server)
    call = server.get(f"{ROOT}/api/latest/me", status=503)

    with pytest.raises(RetryableProviderError) as error:
        console.request("GET", "/me")

    assert type(error.value).__name__ == "RetryableProviderError"
    assert call.call_count == MAX_ATTEMPTS


def test_a_non_idempotent_call_that_may_have_run_is_not_repeated(
    server: responses.RequestsMock, console: ConsoleSession
) -> None:
    login(server)
    call = server.post(f"{ROOT}/api/latest/launch", body=requests.exceptions.ReadTimeout())

    with pytest.raises(RetryableProviderError):
        console.request("POST", "/launch", repeatable=False)

    assert call.call_count == 1


def test_all_pages_are_read(server: responses.RequestsMock, console: ConsoleSession) -> None:
    login(server)
    for offset, items in ((0, [1, 2]), (2, [3, 4]), (4, [5])):
        query = {"offset": offset, "limit": 2}
        server.get(
            f"{ROOT}/api/latest/m",
            json={"items": [{"n": n} for n in items]},
            match=[matchers.query_param_matcher(query)],
        )

    assert [item["n"] for item in console.list_items("/m", page=2)] == [1, 2, 3, 4, 5]


def test_a_saml_user_gets_a_specific_error(server: responses.RequestsMock, console: ConsoleSession) -> None:
    server.post(f"{ROOT}/api/latest/login", json={"samlRedirect": "https://sso"})

    with pytest.raises(StepFailed, match="SAML"):
        console.request("GET", "/me")


def test_the_error_for_an_unreachable_console_has_no_secrets(
    server: responses.RequestsMock, console: ConsoleSession
) -> None:
    server.post(f"{ROOT}/api/latest/login", body=requests.exceptions.ConnectionError("refused"))

    with pytest.raises(RetryableProviderError, match="not reachable"):
        console.request("GET", "/me")
