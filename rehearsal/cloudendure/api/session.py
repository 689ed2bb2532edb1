"""Log in and out, and return who is logged in."""

from __future__ import annotations

import hmac
import itertools

from flask import Flask, Response, jsonify, redirect
from flask.typing import ResponseReturnValue

from rehearsal.cloudendure.api.calls import COOKIE, CURRENT, LATEST, OLD, Api, Call, body
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.demo import digest
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.requests import read_fields
from rehearsal.cloudendure.responses import Json
from rehearsal.cloudendure.sessions import cookie_value


def register(app: Flask, api: Api, console: Console) -> None:
    """Add the calls about sessions."""
    logins = itertools.count()

    @app.post(f"{LATEST}/login")
    def latest_login() -> ResponseReturnValue:
        return redirect(f"{CURRENT}/login", 307) if console.faults.find_machine_fault("redirect") else login()

    @app.post(f"{CURRENT}/login")
    def login() -> ResponseReturnValue:
        user = _authenticate(console)
        if console.faults.find_machine_fault("saml"):
            return jsonify({"samlRedirect": "https://idp.example.com/saml?SAMLRequest=rehearsal"})
        session = console.sessions.open(user["username"], CURRENT, xsrf=True)
        response = jsonify(user)
        response.headers.add("Set-Cookie", f"{COOKIE}={session.id}; HttpOnly; Path=/")
        # Written by hand: the published cookie has quotes in its value, which a cookie library would not leave alone.
        value = cookie_value(session.xsrf or "", newline=next(logins) % 2 == 1)
        response.headers.add("Set-Cookie", f"XSRF-TOKEN={value}; Path=/")
        return response

    @app.post(f"{OLD}/celogin")
    def celogin() -> Response:
        user = _authenticate(console)
        session = console.sessions.open(user["username"], OLD, xsrf=False)
        response = jsonify(user)
        response.headers.add("Set-Cookie", f"{COOKIE}={session.id}; HttpOnly; Path=/")
        return response

    @api.call("POST", "/logout")
    def logout(call: Call) -> tuple[Json | None, int]:
        console.sessions.close(call.session)
        return None, 204

    @api.call("GET", "/me")
    def me(call: Call) -> tuple[Json | None, int]:  # noqa: ARG001  # there is one user
        return _user(console), 200


def _authenticate(console: Console) -> Json:
    """Return the user whose credentials the request has. Raises ApiError 401, 402, 422, 429."""
    document = body()
    by_token = isinstance(document, dict) and "userApiToken" in document
    required: dict[str, type] = {"userApiToken": str} if by_token else {"username": str, "password": str}
    given = read_fields(document, required=required)
    who = "userApiToken" if by_token else given["username"]
    console.failed_logins.check(who)
    with console.store.look() as state:
        account = dict(state["account"])
    wanted = account["userApiToken"] if by_token else account["password"]
    known = by_token or given["username"].lower() == account["username"]
    if not known or not hmac.compare_digest(digest(given["userApiToken" if by_token else "password"]), wanted):
        console.failed_logins.failed(who)
        raise ApiError(401, "Wrong user name, password or token", code="badCredentials")
    console.failed_logins.succeeded(who)
    if console.faults.find_machine_fault("no-licence"):
        raise ApiError(402, "The account has no active licence")
    return _user(console)


def _user(console: Console) -> Json:
    with console.store.look() as state:
        account = state["account"]
        return {
            "id": account["id"],
            "username": account["username"],
            "status": "CONFIRMED",
            "roles": ["USER", "OPERATOR"],
            "defaultProject": state["project"]["id"],
            "hasPassword": True,
        }
