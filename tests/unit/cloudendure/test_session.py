"""The session of the published API: redirect, cookies, token, rejections, expiry."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from rehearsal.cloudendure.app import create_app
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.sessions import FailedLogins, Sessions
from tests.unit.cloudendure.fakes import Client, cookies


@pytest.fixture
def http(console: Console) -> FlaskClient:
    return create_app(console).test_client()


def user(credentials: dict[str, Any]) -> dict[str, str]:
    return {key: credentials[key] for key in ("username", "password")}


def test_a_login_below_latest_is_valid_for_latest_and_for_its_version(
    http: FlaskClient, credentials: dict[str, Any]
) -> None:
    client = Client(http, credentials, "/api/latest")

    assert client.login().status_code == 200
    assert client("GET", "/projects").status_code == 200
    assert http.get("/api/v5/projects", headers=client.headers).status_code == 200
    assert http.get("/api/latest/nothing", headers=client.headers).status_code == 404
    assert http.get("/latest/projects").status_code == 401


def test_a_redirected_login_is_valid_only_for_the_new_prefix(
    http: FlaskClient, console: Console, credentials: dict[str, Any]
) -> None:
    console.faults.inject({"kind": "redirect"})
    response = http.post("/api/latest/login", json=user(credentials))

    assert response.status_code == 307
    assert response.headers["Location"] == "/api/v5/login"
    client = Client(http, credentials)
    client.login()
    assert http.get("/api/latest/projects", headers=client.headers).status_code == 401
    assert client("GET", "/projects").status_code == 200


def test_the_token_cookie_is_quoted_and_sometimes_ends_with_an_escaped_line_feed(
    http: FlaskClient, credentials: dict[str, Any]
) -> None:
    client = Client(http, credentials)
    raw = ["".join(c for c in cookies(client.login()) if c.startswith("XSRF-TOKEN")) for _ in range(2)]

    assert re.fullmatch(r'XSRF-TOKEN="[A-Za-z0-9+/=]+"; Path=/', raw[0])
    assert re.fullmatch(r'XSRF-TOKEN="[A-Za-z0-9+/=]+\\012"; Path=/', raw[1])


@pytest.mark.parametrize("header", [None, "", "wrong", '"wrong"'])
def test_a_request_without_the_right_token_header_is_forbidden(client: Client, header: str | None) -> None:
    client.headers = {} if header is None else {"X-XSRF-TOKEN": header}

    response = client("GET", "/me")

    assert response.status_code == 403
    assert set(response.json or {}) == {"message", "code"}


@pytest.mark.parametrize("sent", ["{}", "{}\\012", '"{}"', '"{}\\012"'])
def test_the_token_is_accepted_in_every_form_of_the_cookie(client: Client, sent: str) -> None:
    client.headers["X-XSRF-TOKEN"] = sent.format(client.headers["X-XSRF-TOKEN"])

    assert client("GET", "/me").status_code == 200


def test_a_user_api_token_is_accepted_for_login(http: FlaskClient, credentials: dict[str, Any]) -> None:
    client = Client(http, credentials)

    assert client.login({"userApiToken": credentials["user_api_token"]}).status_code == 200
    assert (client("GET", "/me").json or {})["username"] == credentials["username"]


def test_a_wrong_password_returns_401_and_too_many_failures_429(http: FlaskClient, credentials: dict[str, Any]) -> None:
    wrong = {**user(credentials), "password": "wrong"}

    statuses = [http.post("/api/v5/login", json=wrong).status_code for _ in range(4)]

    assert statuses == [401, 401, 401, 429]
    assert http.post("/api/v5/login", json=user(credentials)).status_code == 429


def test_failed_logins_expire_after_the_window() -> None:
    moment = 0.0
    failures = FailedLogins(1, 60.0, clock=lambda: moment)
    failures.count_failure("a")
    with pytest.raises(ApiError, match="Too many"):
        failures.check("a")

    moment = 60.0

    failures.check("a")


def test_a_session_expires_after_its_lifetime() -> None:
    moment = 0.0
    sessions = Sessions(3600.0, clock=lambda: moment)
    session = sessions.open("a", "/api/v5", xsrf=True)
    moment = 3599.0
    sessions.check(session.id, "/api/v5", session.xsrf)

    moment = 3600.0

    with pytest.raises(ApiError, match="expired") as refused:
        sessions.check(session.id, "/api/v5", session.xsrf)
    assert refused.value.status == 401


def test_a_logout_ends_the_session(client: Client) -> None:
    assert client("POST", "/logout").status_code == 204
    assert client("GET", "/me").status_code == 401


def test_a_saml_account_gets_a_redirect_and_no_session(
    http: FlaskClient, console: Console, credentials: dict[str, Any]
) -> None:
    console.faults.inject({"kind": "saml"})

    response = http.post("/api/v5/login", json=user(credentials))

    assert list(response.json or {}) == ["samlRedirect"]
    assert cookies(response) == []


def test_a_login_without_a_licence_returns_402(
    http: FlaskClient, console: Console, credentials: dict[str, Any]
) -> None:
    console.faults.inject({"kind": "no-licence"})

    assert http.post("/api/v5/login", json=user(credentials)).status_code == 402


def test_the_api_of_2017_has_celogin_without_a_token_and_perform_test(
    http: FlaskClient, credentials: dict[str, Any]
) -> None:
    response = http.post("/latest/celogin", json=user(credentials))
    project = credentials["project_id"]

    assert [c.partition("=")[0] for c in cookies(response)] == ["session"]
    assert http.get("/latest/projects").status_code == 200
    assert http.get("/api/v5/projects").status_code == 401
    assert http.post(f"/latest/projects/{project}/performTest", json={"items": [{"machineId": "x"}]}).status_code == 404
    assert http.put(f"/latest/projects/{project}/performCutover", json={"items": []}).status_code == 422
    assert http.post(f"/latest/projects/{project}/launchMachines", json={}).status_code == 404


def test_the_keys_of_a_request_are_case_sensitive(http: FlaskClient, credentials: dict[str, Any]) -> None:
    body = {"userName": credentials["username"], "password": credentials["password"]}

    assert http.post("/api/v5/login", json=body).status_code == 422


def test_only_the_owner_can_read_the_credentials_file_and_no_other_file_has_the_password(
    console: Console, credentials: dict[str, Any]
) -> None:
    folder = console.settings.folder

    assert (folder / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert credentials["password"] not in (folder / "state.json").read_text()
