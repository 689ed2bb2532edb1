"""git clones the repository over HTTP and finds the commit that Gogs made."""

from __future__ import annotations

from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit


def require_http_git(visit: Visit) -> None:
    """Raises CheckSkipped where the site refuses git over HTTP, and says that its settings do."""
    visit.require_repository()
    if not visit.http_git:
        raise CheckSkipped("the site refuses git over HTTP", setting="[repository] DISABLE_HTTP_GIT = true")


def check(visit: Visit) -> None:
    require_http_git(visit)
    visit.git("clone", "-q", visit.clone_url, str(visit.work / "clone"))
    if not visit.git("rev-parse", "HEAD", cwd=visit.work / "clone"):
        raise CheckFailed("the clone has no commit")
