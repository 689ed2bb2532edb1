"""A user logs in through the form (CSRF cookie and token), and the dashboard is theirs."""

from __future__ import annotations

from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    wrong = visit.form(
        "/user/login", "/user/login", {"user_name": visit.username, "password": visit.nonce, "login_source": "0"}
    )
    if wrong.status_code not in (200, 401):  # the page again; its status depends on the version
        raise CheckFailed(f"a wrong password was answered with {wrong.status_code}, expected the login page again")
    sign_in(visit)
    if visit.username not in visit.page("/"):
        raise CheckFailed("the dashboard after the login does not name the user")


def sign_in(visit: Visit) -> None:
    """The visit's browser is the user's from now on."""
    answer = visit.form(
        "/user/login", "/user/login", {"user_name": visit.username, "password": visit.password, "login_source": "0"}
    )
    if answer.status_code != 302:
        raise CheckFailed(f"login answered {answer.status_code}, expected 302")
