"""Check the hooks of all migrated repositories: they run this site's Gogs with its app.ini. The check reads them and starts none."""

from __future__ import annotations

from collections import Counter

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.gogs.acceptance.repositories import Repository, read_repositories
from cutover_site.gogs.acceptance.session import GogsSession

MOST_NAMED = 3


def check(session: GogsSession) -> None:
    """Read all hooks. Raises CheckFailed with the repositories to which no push can succeed, CheckSkipped without the site's files."""
    if session.local is None:
        raise CheckSkipped("this machine does not see the site's repositories")
    found = read_repositories(session.local, session.repository)
    broken = [(one, hook.problem) for one in found for hook in one.hooks if hook.problem]
    if broken:
        named = "; ".join(f"{one.name}: {problem}" for one, problem in broken[:MOST_NAMED])
        more = len({one.name for one, _ in broken}) - MOST_NAMED
        raise CheckFailed(
            f"nobody can push to {len({one.name for one, _ in broken})} of {len(found)} repositories: {named}"
            + (f"; and {more} more" if more > 0 else "")
            + ". Run `gogs admin resync-hooks` on the source"
        )
    _note_foreign(found)


def _note_foreign(found: list[Repository]) -> None:
    """Note the repositories whose hooks Gogs did not write. They were copied unchanged, and running them could change something."""
    kinds = Counter(_describe(one) for one in found)
    for kind, number in kinds.items():
        if kind:
            add_not_checked(f"{number} repositories {kind}, as on the source")


def _describe(one: Repository) -> str:
    if one.hooks_elsewhere:
        return "have their hooks in a folder of their own (core.hooksPath)"
    if not one.hooks:
        return "have no hooks of Gogs: their pushes are noted nowhere"
    if not all(hook.of_gogs for hook in one.hooks):
        return "have hooks that Gogs did not write: they were not run"
    return ""
