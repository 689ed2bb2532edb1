"""git pushes to a copy of a migrated repository, one of each shape. The repositories themselves are only read.

A copy is a new private repository of the acceptance user, of which the folder's content is replaced: hooks of Gogs, refs and
settings are copied, the objects are borrowed by `objects/info/alternates`. It has no webhooks, no watchers and no custom hooks.
Without the files of the site (a suite that runs elsewhere) and on the live data nothing of this can be done.
"""

from __future__ import annotations

from cutover_site.acceptance.activity import require_activity
from cutover_site.acceptance.copies import put_copy
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.acceptance.quota import explain_no_repository
from cutover_site.acceptance.repositories import Repository, read_repositories
from cutover_site.acceptance.secure_shell import address_of, shell
from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit

MOST_SHAPES = 12


def check(visit: Visit) -> None:
    if visit.local is None:
        raise CheckSkipped("this machine does not see the site's repositories")
    visit.require_repository()
    found = read_repositories(visit.local, visit.repository)
    _note_left_out(found)
    shapes: dict[tuple[object, ...], Repository] = {}
    for one in found:
        if _can_be_pushed_to(one):
            shapes.setdefault(one.shape, one)
    chosen = list(shapes.values())
    if len(chosen) > MOST_SHAPES:
        add_not_checked(f"pushes to {len(chosen) - MOST_SHAPES} more shapes of repositories: {MOST_SHAPES} were tried")
    for number, one in enumerate(chosen[:MOST_SHAPES]):
        name = f"{visit.repository}-{number}"
        made = visit.call("POST", "/user/repos", json={"name": name, "private": True})
        if made.status_code != 201:
            raise explain_no_repository(visit, name, made)
        try:
            _push(visit, one, name)
        except CheckFailed as error:
            raise CheckFailed(f"a push to a copy of {one.name} failed: {error}") from error
        with visit.writing:
            visit.api("DELETE", f"/repos/{visit.username}/{name}", 204)


def _can_be_pushed_to(one: Repository) -> bool:
    """Only hooks that are known to be of this site's Gogs are ever started (`hooks` reports the others); Gogs itself knows SHA-1 only."""
    ours = all(hook.of_gogs and not hook.problem for hook in one.hooks)
    return ours and not one.hooks_elsewhere and not one.sha256


def _note_left_out(found: list[Repository]) -> None:
    if custom := [one.name for one in found if one.custom_hooks]:
        add_not_checked(
            f"custom hooks of {len(custom)} repositories ({custom[0]}): to run them could change something elsewhere"
        )
    if newer := [one.name for one in found if one.sha256]:
        add_not_checked(f"pushes to {len(newer)} repositories of SHA-256 ({newer[0]}): Gogs has no pages for them")


def _push(visit: Visit, one: Repository, name: str) -> None:
    assert visit.local is not None
    full_name = f"{visit.username}/{name}"
    with visit.writing:
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
            visit.git(
                "push",
                "-q",
                address_of(visit, path),
                f"HEAD:refs/heads/{branch}",
                cwd=tree,
                environment=shell(visit, key),
            )
        found = visit.git("--git-dir", str(folder), "-c", "safe.directory=*", "rev-parse", f"refs/heads/{branch}")
    if found != pushed:
        raise CheckFailed(f"pushed {pushed}, the copy has {found}")
    if not one.wiki and {"post-receive"} & {hook.name for hook in one.hooks}:  # Gogs notes no push to a wiki
        require_activity(visit, branch)
