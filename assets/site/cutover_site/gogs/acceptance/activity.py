"""Check that Gogs recorded a push. Its last hook, post-receive, records it.

A push whose post-receive fails still succeeds; only the record is missing.
"""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.gogs.acceptance.session import GogsSession

ENOUGH = 20
"""entries of the news feed; no suite creates more"""
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
    elif session.repository not in news:  # created a moment ago
        add_not_checked(f"{PART}: the site's own dashboard shows no news")
    else:
        raise CheckFailed(
            f"branch {branch} was pushed, and the user's news do not name it: did the hook post-receive run?"
        )
