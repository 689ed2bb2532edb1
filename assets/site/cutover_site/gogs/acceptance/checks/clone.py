"""Check a clone over HTTP: it has the commit that Gogs created."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.gogs.acceptance.session import GogsSession


def require_http_git(session: GogsSession) -> None:
    """Raise CheckSkipped with the setting when the site refuses git over HTTP."""
    session.require_repository()
    if not session.http_git:
        raise CheckSkipped("the site refuses git over HTTP", setting="[repository] DISABLE_HTTP_GIT = true")


def check(session: GogsSession) -> None:
    """Clone the session's repository to `clone` in its folder, where `push` continues. Raises CheckFailed or CheckSkipped."""
    require_http_git(session)
    session.run_git("clone", "-q", session.clone_url, str(session.work / "clone"))
    if not session.run_git("rev-parse", "HEAD", cwd=session.work / "clone"):
        raise CheckFailed("the clone has no commit")
