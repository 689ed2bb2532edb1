"""Make a commit that a check can push, without the site: while users wait, it is made before the site may be used."""

from __future__ import annotations

from pathlib import Path

from cutover_site.gogs.acceptance.session import GogsSession

FOLDER = "commit"


def get_local_commit(session: GogsSession) -> Path:
    """Return a local repository whose HEAD is one commit with a name that is not ASCII. The first call makes it. Raises CheckFailed."""
    tree = session.work / FOLDER
    if not (tree / ".git/refs/heads").is_dir() or not any((tree / ".git/refs/heads").iterdir()):
        session.run_git("init", "-q", str(tree))
        write_commit(session, tree)
    return tree


def write_commit(session: GogsSession, tree: Path) -> None:
    """Commit a new file in this local repository."""
    (tree / "grüße.txt").write_text(f"acceptance {session.nonce}\n", encoding="utf-8")
    session.run_git("add", ".", cwd=tree)
    session.run_git("commit", "-q", "-m", f"Acceptance: {session.text.words}", cwd=tree)
