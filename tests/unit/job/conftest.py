"""A fixture that creates small real repositories."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Commit = Callable[..., str]
_IDENTITY = {
    f"GIT_{who}_{what}": "a@example.com" if what == "EMAIL" else "A"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


def git(repository: Path, *arguments: str, given: bytes = b"") -> str:
    return (
        subprocess.check_output(["git", *arguments], input=given, cwd=repository, env={**os.environ, **_IDENTITY})
        .decode()
        .strip()
    )


@pytest.fixture
def commit() -> Commit:
    """A function that commits one file to master of a bare repository, and creates the repository when it does not exist. It returns
    the id of the commit."""

    def commit(repository: Path, text: str = "text", parent: str | None = None) -> str:
        if not repository.exists():
            subprocess.run(["git", "init", "-q", "--bare", "-b", "master", str(repository)], check=True)
        blob = git(repository, "hash-object", "-w", "--stdin", given=text.encode())
        tree = git(repository, "mktree", given=f"100644 blob {blob}\tfile\n".encode())
        made = git(repository, "commit-tree", tree, "-m", text, *(["-p", parent] if parent else []))
        git(repository, "update-ref", "refs/heads/master", made)
        return made

    return commit
