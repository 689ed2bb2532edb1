"""The last of Gogs's hooks, post-receive, notes each push. A push whose hook fails still succeeds: only its note is missing."""

from __future__ import annotations

from cutover_site.acceptance.notes import add_not_checked
from cutover_site.acceptance.site import CheckFailed, Visit

ENOUGH = 20
"""news of one suite, all told"""
PART = "that the hook post-receive notes a push"


def require_activity(visit: Visit, branch: str) -> None:
    """The user's news name a branch that was pushed. Raises CheckFailed."""
    news = visit.page("/")
    if branch in news:
        return
    if visit.settings is None:
        add_not_checked(f"{PART}: the site shows it not, and how many news it shows is not known")
    elif visit.settings.news < ENOUGH:
        add_not_checked(f"{PART}: [ui.user] NEWS_FEED_PAGING_NUM = {visit.settings.news}")
    elif visit.repository not in news:  # it was made a moment ago
        add_not_checked(f"{PART}: the site's own dashboard shows no news")
    else:
        raise CheckFailed(
            f"branch {branch} was pushed, and the user's news do not name it: did the hook post-receive run?"
        )
