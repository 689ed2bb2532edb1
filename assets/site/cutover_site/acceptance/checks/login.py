"""A user logs in through the form (CSRF cookie and token), and the dashboard is theirs."""

from __future__ import annotations

import requests

from cutover_site.acceptance.site import CheckFailed, Visit

SETTINGS = "/user/settings"
"""a page that only a signed-in user sees, and that names them"""


def check(visit: Visit) -> None:
    wrong = _post(visit, visit.nonce)
    if wrong.status_code not in (200, 401):  # the page again; its status depends on the version
        raise CheckFailed(f"a wrong password was answered with {wrong.status_code}, expected the login page again")
    sign_in(visit)
    visit.page("/")


def sign_in(visit: Visit) -> None:
    """The visit's browser is the user's from now on. Raises CheckFailed."""
    answer = _post(visit, visit.password)
    if answer.status_code != 302:
        raise CheckFailed(f"login answered {answer.status_code}, expected 302")
    seen = visit.request(visit.web, "GET", SETTINGS)
    if seen.status_code == 200 and visit.username in seen.text:
        return
    if any(cookie.secure for cookie in visit.web.cookies) and visit.url.startswith("http://"):
        raise CheckFailed(
            "the session's cookie is only for HTTPS ([session] COOKIE_SECURE), and the site's own address is HTTP:"
            " no browser stays signed in"
        )
    raise CheckFailed(f"after the login {SETTINGS} answered {seen.status_code}, expected the user's own page")


def _post(visit: Visit, password: str) -> requests.Response:
    return visit.form(
        "/user/login", "/user/login", {"user_name": visit.username, "password": password, "login_source": "0"}
    )
