"""Check the API: it knows the token's owner, and creates the private repository that the later checks use."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.gogs.acceptance.repository_limit import explain_refused_repository
from cutover_site.gogs.acceptance.session import GogsSession


def check(session: GogsSession) -> None:
    """Create the session's repository, and require that a visitor cannot see it.

    While users wait, the repository is empty: Gogs makes a first commit by a push of its own, with all hooks, and `push` pushes anyway.
    Raises CheckFailed. Sets `session.no_repository` when the site's settings permit none; the checks that need it are skipped.
    """
    me = session.call_api("GET", "/user", 200)
    if me["username"] != session.username:
        raise CheckFailed(f"the token belongs to {me['username']}, expected {session.username}")
    with session.writing:
        response = session.create_repository(session.repository, auto_init=not session.live, readme="Default")
    if response.status_code != 201:
        session.no_repository = explain_refused_repository(session, session.repository, response)
        add_not_checked(f"a repository of its own: {session.no_repository.reason}")
        return
    if not response.json()["private"]:
        raise CheckFailed("the repository was asked to be private and is not")
    anonymous = session.request(session.plain, "GET", f"/api/v1/repos/{session.full_name}")
    # A site that shows nothing to visitors refuses before it looks for the repository.
    expected = 403 if session.closed else 404
    if anonymous.status_code != expected:
        raise CheckFailed(
            f"the private repository answers {anonymous.status_code} to a visitor who has not signed in, expected {expected}"
        )
