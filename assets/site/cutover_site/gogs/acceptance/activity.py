"""Whether Gogs recorded a push: its last hook, post-receive, does. A push whose hook fails still succeeds; only the record is missing."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.gogs.acceptance.session import GogsSession

ENOUGH = 20
"""entries of the news feed: no suite makes more"""
PART = "that the hook post-receive notes a push"


def require_activity(session: GogsSession, branch: str) -> None:
    """Require the user's news feed to name a branch that was pushed. Raises CheckFailed."""
    news = session.get_page("/")
    if branch in news:
        return
    if session.settings is None:
        add_not_checked(f"{PART}: the site does not show it, and how many news it shows is not known")
    elif session.settings.news < ENOUGH:
        add_not_checked(f"{PART}: [ui.user] NEWS_FEED_PAGING_NUM = {session.settings.news}")
    elif session.repository not in news:  # it was made a moment ago
        add_not_checked(f"{PART}: the site's own dashboard shows no news")
    else:
        raise CheckFailed(
            f"branch {branch} was pushed, and the user's news do not name it: did the hook post-receive run?"
        )
