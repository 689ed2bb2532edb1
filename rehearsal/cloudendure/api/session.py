"""Log in and out, and return who is logged in."""

from __future__ import annotations

import hmac
import itertools

from flask import Flask, Response, jsonify, redirect
from flask.typing import ResponseReturnValue

from rehearsal.cloudendure.api.calls import COOKIE, CURRENT, LATEST, OLD, Api, Call, read_body
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.demo import hash_secret
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.requests import read_fields
from rehearsal.cloudendure.responses import Json
from rehearsal.cloudendure.sessions import format_cookie_value


def register(app: Flask, api: Api, console: Console) -> None:
    """Add the calls about sessions."""
    logins = itertools.count()

    @app.post(f"{LATEST}/login")
    def redirect_login() -> ResponseReturnValue:
        return redirect(f"{CURRENT}/login", 307) if console.faults.find_machine_fault("redirect") else log_in()

    @app.post(f"{CURRENT}/login")
    def log_in() -> ResponseReturnValue:
        user = _authenticate(console)
        if console.faults.find_machine_fault("saml"):
            return jsonify({"samlRedirect": "https://idp.example.com/saml?SAMLRequest=rehearsal"})
        session = console.sessions.open(user["username"], CURRENT, xsrf=True)
        response = jsonify(user)
        response.headers.add("Set-Cookie", f"{COOKIE}={session.id}; HttpOnly; Path=/")
        # Written by hand: the published cookie has quotes in its value, which a cookie library would not leave alone.
        value = format_cookie_value(session.xsrf or "", newline=next(logins) % 2 == 1)
        response.headers.add("Set-Cookie", f"XSRF-TOKEN={value}; Path=/")
        return response

    @app.post(f"{OLD}/celogin")
    def log_in_to_console() -> Response:
        user = _authenticate(console)
        session = console.sessions.open(user["username"], OLD, xsrf=False)
        response = jsonify(user)
        response.headers.add("Set-Cookie", f"{COOKIE}={session.id}; HttpOnly; Path=/")
        return response

    @api.call("POST", "/logout")
    def log_out(call: Call) -> tuple[Json | None, int]:
        console.sessions.close(call.session)
        return None, 204

    @api.call("GET", "/me")
    def get_user(call: Call) -> tuple[Json | None, int]:  # noqa: ARG001  # there is one user
        return _format_user(console), 200


def _authenticate(console: Console) -> Json:
    """Return the user whose credentials the request has. Raises ApiError 401, 402, 422, 429."""
    document = read_body()
    by_token = isinstance(document, dict) and "userApiToken" in document
    required: dict[str, type] = {"userApiToken": str} if by_token else {"username": str, "password": str}
    given = read_fields(document, required=required)
    who = "userApiToken" if by_token else given["username"]
    console.failed_logins.check(who)
    with console.store.read() as state:
        account = dict(state["account"])
    wanted = account["userApiToken"] if by_token else account["password"]
    known = by_token or given["username"].lower() == account["username"]
    if not known or not hmac.compare_digest(hash_secret(given["userApiToken" if by_token else "password"]), wanted):
        console.failed_logins.count_failure(who)
        raise ApiError(401, "Wrong user name, password or token", code="badCredentials")
    console.failed_logins.clear_failures(who)
    if console.faults.find_machine_fault("no-licence"):
        raise ApiError(402, "The account has no active licence")
    return _format_user(console)


def _format_user(console: Console) -> Json:
    with console.store.read() as state:
        account = state["account"]
        return {
            "id": account["id"],
            "username": account["username"],
            "status": "CONFIRMED",
            "roles": ["USER", "OPERATOR"],
            "defaultProject": state["project"]["id"],
            "hasPassword": True,
        }
