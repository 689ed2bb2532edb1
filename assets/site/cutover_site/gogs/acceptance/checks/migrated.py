"""Check pushes to copies of migrated repositories, one of each shape. The repositories themselves are only read.

A copy is a new private repository of the acceptance user, whose folder gets other content: the original's hooks of Gogs,
refs and settings, and its objects by `objects/info/alternates`. It has no webhooks, watchers or custom hooks.
The check needs the files of the site, and does not run on the live data.
"""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.gogs.acceptance.activity import require_activity
from cutover_site.gogs.acceptance.repositories import Repository, read_repositories
from cutover_site.gogs.acceptance.repository_copies import put_copy
from cutover_site.gogs.acceptance.repository_limit import explain_refused_repository
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.ssh_access import make_environment, require_address_of

MOST_SHAPES = 12


def check(session: GogsSession) -> None:
    """Push to a copy of up to MOST_SHAPES repositories, and delete each copy afterwards.

    Raises CheckFailed with the original's name, CheckSkipped without the site's files. Notes what it does not check.
    """
    if session.local is None:
        raise CheckSkipped("this machine does not see the site's repositories")
    session.require_repository()
    found = read_repositories(session.local, session.repository)
    _note_left_out(found)
    shapes: dict[tuple[object, ...], Repository] = {}
    for one in found:
        if _is_pushable(one):
            shapes.setdefault(one.shape, one)
    chosen = list(shapes.values())
    if len(chosen) > MOST_SHAPES:
        add_not_checked(f"pushes to {len(chosen) - MOST_SHAPES} more shapes of repositories: {MOST_SHAPES} were tried")
    for number, one in enumerate(chosen[:MOST_SHAPES]):
        name = f"{session.repository}-{number}"
        made = session.create_repository(name)
        if made.status_code != 201:
            raise explain_refused_repository(session, name, made)
        try:
            _push(session, one, name)
        except CheckFailed as error:
            raise CheckFailed(f"a push to a copy of {one.name} failed: {error}") from error
        with session.writing:
            session.call_api("DELETE", f"/repos/{session.username}/{name}", 204)


def _is_pushable(one: Repository) -> bool:
    """Return whether a push to a copy runs only this site's Gogs (`hooks` reports the others).

    Gogs itself supports SHA-1 only.
    """
    ours = all(hook.of_gogs and not hook.problem for hook in one.hooks)
    return ours and not one.hooks_elsewhere and not one.sha256


def _note_left_out(found: list[Repository]) -> None:
    if custom := [one.name for one in found if one.custom_hooks]:
        add_not_checked(
            f"custom hooks of {len(custom)} repositories ({custom[0]}): to run them could change something elsewhere"
        )
    if newer := [one.name for one in found if one.sha256]:
        add_not_checked(f"pushes to {len(newer)} repositories of SHA-256 ({newer[0]}): Gogs has no pages for them")


def _push(session: GogsSession, one: Repository, name: str) -> None:
    assert session.local is not None
    full_name = f"{session.username}/{name}"
    with session.writing:
        folder = put_copy(one, session.local, session.username, name)
        branch = f"to-{name}"
        tree = session.work / name
        session.run_git("init", "-q", str(tree))
        (tree / "pushed.txt").write_text(f"acceptance {session.nonce}\n")
        session.run_git("add", ".", cwd=tree)
        session.run_git("commit", "-q", "-m", "Acceptance of a copy", cwd=tree)
        pushed = session.run_git("rev-parse", "HEAD", cwd=tree)
        path = full_name + (".wiki" if one.wiki else "")
        if session.http_git:
            session.run_git("push", "-q", session.get_clone_url(path), f"HEAD:refs/heads/{branch}", cwd=tree)
        else:
            key = session.key
            if not key:
                raise CheckSkipped("the site refuses git over HTTP, and SSH was not tried")
            session.run_git(
                "push",
                "-q",
                require_address_of(session, path),
                f"HEAD:refs/heads/{branch}",
                cwd=tree,
                environment=make_environment(session, key),
            )
        found = session.run_git("--git-dir", str(folder), "-c", "safe.directory=*", "rev-parse", f"refs/heads/{branch}")
    if found != pushed:
        raise CheckFailed(f"pushed {pushed}, the copy has {found}")
    if not one.wiki and {"post-receive"} & {hook.name for hook in one.hooks}:  # Gogs records no push to a wiki
        require_activity(session, branch)
