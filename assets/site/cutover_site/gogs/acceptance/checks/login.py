"""Check the login form (CSRF cookie and token): the user gets a dashboard, and a wrong password is refused."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.session import GogsSession


def check(session: GogsSession) -> None:
    """Sign in as the user, whose session the later checks use. Raises CheckFailed.

    On the scratch copy the user tries a wrong password first, and then opens the dashboard; on the live data `push` opens it.
    """
    if not session.live:
        wrong = session.submit_login(session.nonce)
        if wrong.status_code not in (200, 401):  # the page again; its status depends on the version
            raise CheckFailed(f"a wrong password was answered with {wrong.status_code}, expected the login page again")
    session.sign_in()
    if not session.live:
        session.get_page("/")
