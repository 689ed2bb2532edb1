"""git pushes over SSH with a key that was added through the API, and the API sees the branch."""

from __future__ import annotations

from cutover_site.acceptance.secure_shell import address, authorise, shell
from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    url = address(visit)
    visit.key = authorise(visit)
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
