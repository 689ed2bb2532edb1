"""git pushes to a copy of a migrated repository, one of each shape. The repositories themselves are only read.

A copy is a new private repository of the acceptance user, of which the folder's content is replaced: hooks of Gogs, refs and
settings are copied, the objects are borrowed by `objects/info/alternates`. It has no webhooks, no watchers and no custom hooks.
Without the files of the site (a suite that runs elsewhere) and on the live data nothing of this can be done.
"""

from __future__ import annotations

from cutover_site.acceptance.activity import require_activity
from cutover_site.acceptance.copies import put_copy
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.acceptance.repositories import Repository, read_repositories
from cutover_site.acceptance.secure_shell import address_of, shell
from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit

MOST_SHAPES = 12


def check(visit: Visit) -> None:
    if visit.local is None:
        raise CheckSkipped("this machine does not see the site's repositories")
    visit.require_repository()
    shapes: dict[tuple[object, ...], Repository] = {}
    for one in read_repositories(visit.local, visit.repository):
        if not _note_if_left_out(one):
            shapes.setdefault(one.shape, one)
    chosen = list(shapes.values())
    if len(chosen) > MOST_SHAPES:
        add_not_checked(f"pushes to {len(chosen) - MOST_SHAPES} more shapes of repositories: {MOST_SHAPES} were tried")
    for number, one in enumerate(chosen[:MOST_SHAPES]):
        try:
            _push(visit, one, f"{visit.repository}-{number}")
        except CheckFailed as error:
            raise CheckFailed(f"a push to a copy of {one.name} failed: {error}") from error


def _note_if_left_out(one: Repository) -> bool:
    """Only hooks that are known to be of this site's Gogs are ever started, and Gogs itself knows SHA-1 only."""
    if any(hook.problem or not hook.of_gogs for hook in one.hooks) or one.hooks_elsewhere:
        return True  # told by the check `hooks`
    if one.sha256:
        add_not_checked(f"a push to {one.name}: Gogs has no pages for repositories of SHA-256")
        return True
    if one.custom_hooks:
        add_not_checked(f"the custom hooks of {one.name}: to run them could change something elsewhere")
    return False


def _push(visit: Visit, one: Repository, name: str) -> None:
    assert visit.local is not None
    full_name = f"{visit.username}/{name}"
    with visit.writing:
        visit.api("POST", "/user/repos", 201, json={"name": name, "private": True})
        folder = put_copy(one, visit.local, visit.username, name)
        branch = f"to-{name}"
        tree = visit.work / name
        visit.git("init", "-q", str(tree))
        (tree / "pushed.txt").write_text(f"acceptance {visit.nonce}\n")
        visit.git("add", ".", cwd=tree)
        visit.git("commit", "-q", "-m", "Acceptance of a copy", cwd=tree)
        pushed = visit.git("rev-parse", "HEAD", cwd=tree)
        path = full_name + (".wiki" if one.wiki else "")
        if visit.http_git:
            visit.git("push", "-q", visit.clone_url_of(path), f"HEAD:refs/heads/{branch}", cwd=tree)
        else:
            key = visit.key
            if not key:
                raise CheckSkipped("the site refuses git over HTTP, and SSH was not tried")
            visit.git("push", "-q", address_of(visit, path), f"HEAD:refs/heads/{branch}", cwd=tree, environment=shell(visit, key))
        found = visit.git("--git-dir", str(folder), "-c", "safe.directory=*", "rev-parse", f"refs/heads/{branch}")
    if found != pushed:
        raise CheckFailed(f"pushed {pushed}, the copy has {found}")
    if not one.wiki and {"post-receive"} & {hook.name for hook in one.hooks}:  # Gogs notes no push to a wiki
        require_activity(visit, branch)
