"""A repository's configuration, read as git itself reads it when somebody pushes to the current branch."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cutover_site.files.pushes import is_bare

CONFIGURATIONS = {
    "bare": "[core]\n\tbare = true\n",
    "no value": "[core]\n\tbare\n",
    "empty value": "[core]\n\tbare =\n",
    "not bare": "[core]\n\tbare = false\n",
    "other words": '[Core]\n\tBARE = "No" ; a comment\n',
    "on one line": "[core] bare = off\n",
    "set again": "[core]\n\tbare = false\n[core]\n\tbare = true\n",
    "accepts": "[core]\n\tbare = false\n[receive]\n\tdenyCurrentBranch = ignore\n",
    "refuses": "[core]\n\tbare = false\n[receive]\n\tdenyCurrentBranch = refuse\n",
    "of a remote": '[core]\n\tbare = true\n[remote "core"]\n\tbare = false\n',
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_push_is_refused_exactly_when_the_repository_is_not_bare(name: str, tmp_path: Path) -> None:
    # Given a repository with this configuration, and a clone with a commit
    server, clone = tmp_path / "server.git", tmp_path / "clone"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(server))
    git(tmp_path, "init", "-q", "-b", "main", str(clone))
    git(clone, "commit", "-q", "--allow-empty", "-m", "first")
    (server / "config").write_text(CONFIGURATIONS[name])
    # When the clone is pushed, then git takes it exactly if the configuration counts as bare
    pushed = subprocess.run(["git", "push", "-q", str(server), "main"], cwd=clone, check=False, capture_output=True)
    assert is_bare(server / "config") is (pushed.returncode == 0), pushed.stderr


def test_a_configuration_that_cannot_be_read_is_no_finding(tmp_path: Path) -> None:
    assert is_bare(tmp_path / "config")


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)
