"""The last of Gogs's hooks, post-receive, notes each push. A push whose hook fails still succeeds: only its note is missing."""

from __future__ import annotations

from cutover_site.acceptance.notes import add_not_checked
from cutover_site.acceptance.site import CheckFailed, Visit


def require_activity(visit: Visit, branch: str) -> None:
    """The user's news name a branch that was pushed. Raises CheckFailed."""
    news = visit.page("/")
    if branch in news:
        return
    if visit.repository not in news:  # it was made a moment ago: the newest that there is
        add_not_checked("that the hooks note a push: the site's own dashboard shows no news")
        return
    raise CheckFailed(f"branch {branch} was pushed, and the user's news do not name it: did the hook post-receive run?")
