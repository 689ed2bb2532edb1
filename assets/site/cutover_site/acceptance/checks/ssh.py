"""git pushes over SSH with a key that was added through the API, and the API sees the branch.

While users wait it only reads: the copy has taken a push over SSH, and the live data take one over HTTP, where the site allows that. What is
new is that the key, which is a row of the live data, lets its user in.
"""

from __future__ import annotations

from cutover_site.acceptance.secure_shell import address, authorise, shell
from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    url = address(visit)
    visit.key = authorise(visit)
    if visit.live and visit.http_git:
        _read(visit, url)
    else:
        _push(visit, url)


def _read(visit: Visit, url: str) -> None:
    if "HEAD" not in visit.git("ls-remote", url, environment=shell(visit, visit.key)):
        raise CheckFailed(f"{url} was read over SSH and has no HEAD")


def _push(visit: Visit, url: str) -> None:
    tree = visit.work / "to-push"
    visit.git("init", "-q", str(tree))
    (tree / "by-ssh.txt").write_text(f"acceptance {visit.nonce}\n")
    visit.git("add", ".", cwd=tree)
    visit.git("commit", "-q", "-m", "Acceptance by SSH", cwd=tree)
    with visit.writing:
        visit.git("push", "-q", url, "HEAD:refs/heads/by-ssh", cwd=tree, environment=shell(visit, visit.key))
    pushed = visit.git("rev-parse", "HEAD", cwd=tree)
    seen = visit.api("GET", f"/repos/{visit.full_name}/branches/by-ssh", 200)
    if seen["commit"]["id"] != pushed:
        raise CheckFailed(f"pushed {pushed} over SSH, the API says by-ssh is at {seen['commit']['id']}")
