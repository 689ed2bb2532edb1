"""What is read of the hooks and shapes of migrated repositories; no hook is started for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cutover_site.acceptance.runner import run_check
from cutover_site.gogs.acceptance.checks import hooks as check
from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.repositories import read_repositories
from cutover_site.gogs.acceptance.repository_copies import put_copy
from cutover_site.gogs.acceptance.session import GogsSession

OWN = "cutover-acceptance-1"
PLAIN = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"


@pytest.fixture
def site(tmp_path: Path) -> LocalSite:
    binary, app_ini = tmp_path / "gogs", tmp_path / "app.ini"
    binary.write_text("")
    (tmp_path / "repositories").mkdir()
    app_ini.write_text(f"[repository]\nROOT = {tmp_path}/repositories\n")
    return LocalSite(binary, app_ini)


def make(site: LocalSite, name: str, text: str = "", config: str = PLAIN) -> Path:
    """A bare repository whose update hook is `text`; by default the one that Gogs writes."""
    path = site.repositories / name
    for folder in ("hooks", "objects/info", "refs/heads"):
        (path / folder).mkdir(parents=True)
    (path / "HEAD").write_text("ref: refs/heads/master\n")
    (path / "config").write_text(config)
    hook = f"#!/usr/bin/env bash\n\"{site.binary}\" hook --config='{site.app_ini}' update $1 $2 $3\n"
    (path / "hooks/update").write_text(text or hook)
    return path


def check_hooks(site: LocalSite) -> tuple[str, str, tuple[str, ...]]:
    session = GogsSession(url="http://127.0.0.1:1/", username="u", password="p", nonce="1", local=site)
    result = run_check("hooks", lambda: check.check(session))
    session.close()
    return result.outcome, result.reason, result.not_checked


def test_hooks_of_this_sites_gogs_pass(site: LocalSite) -> None:
    make(site, "o/one.git")
    make(site, "o/one.wiki.git")
    assert check_hooks(site) == ("pass", "", ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\"/home/git/gogs/gogs\" hook --config='{app_ini}' update $1", "/home/git/gogs/gogs, which is no program"),
        ("\"/bin/true\" hook --config='{app_ini}' update $1", "/bin/true, which is another program"),
        ("\"{binary}\" hook --config='/home/git/app.ini' update $1", "reads /home/git/app.ini"),
        ("/home/git/gogs/gogs update $1 $2 $3", "0.9 or older"),
        ("exec '/home/git/gogs/gogs' hook -c /home/git/app.ini update", "/home/git/gogs/gogs, which is no program"),
    ],
)
def test_a_hook_of_another_place_fails_before_anybody_pushes(site: LocalSite, text: str, problem: str) -> None:
    make(site, "o/one.git", text.format(app_ini=site.app_ini, binary=site.binary))
    outcome, reason, _ = check_hooks(site)
    assert outcome == "fail"
    assert "1 of 1 repositories: o/one.git" in reason
    assert problem in reason
    assert "resync-hooks" in reason


def test_another_path_of_the_same_file_is_no_other_place(site: LocalSite, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(site.binary)
    make(site, "o/one.git", f"\"{tmp_path}/link\" hook --config='{site.app_ini}' update $1")
    assert check_hooks(site)[0] == "pass"


def test_hooks_that_gogs_did_not_write_are_reported_and_not_run(site: LocalSite) -> None:
    make(site, "o/one.git", "#!/bin/sh\nmail root\n")
    make(site, "o/three.git", "#!/bin/sh\napt update\ncurl https://u:p@ci.example.test hook\n")
    added = f"\"{site.binary}\" hook --config='{site.app_ini}' update $1\nmail root\n"
    make(site, "o/four.git", added)
    make(site, "o/two.git", config=PLAIN + "\thooksPath = /srv/hooks\n")
    outcome, _, parts = check_hooks(site)
    assert outcome == "pass"
    assert set(parts) == {
        "3 repositories have hooks that Gogs did not write: they were not run, as on the source",
        "1 repositories have their hooks in a folder of their own (core.hooksPath), as on the source",
    }


def test_repositories_of_one_shape_are_told_from_others(site: LocalSite) -> None:
    make(site, "o/a.git")
    make(site, "o/b.git", config=PLAIN + '[remote "origin"]\n\turl = https://elsewhere.example.test/b\n')
    borrowing = make(site, "o/c.git")
    (borrowing / "objects/info/alternates").write_text("/srv/other/objects\n")
    (make(site, "o/d.git") / "refs/heads/master").write_text("0" * 40)
    make(site, f"u/{OWN}.git")
    found = read_repositories(site, OWN)
    assert [one.name for one in found] == ["o/a.git", "o/b.git", "o/c.git", "o/d.git"]
    assert [len({one.shape for one in found[:count]}) for count in (1, 2, 3, 4)] == [1, 1, 2, 3]


@pytest.mark.skipif(os.geteuid() != 0, reason="it gives files to their owner")
def test_a_copy_borrows_the_objects_and_leaves_custom_hooks_and_remotes_behind(site: LocalSite) -> None:
    # Given a repository with custom hooks, a remote and settings that start programs
    settings = (
        PLAIN
        + '\tsshCommand = /bin/evil\n[remote "origin"]\n\turl = https://u:p@elsewhere.example.test/b\n[receive]\n\tdenyDeletes = true\n'
    )
    original = make(site, "o/a.git", config=settings)
    (original / "custom_hooks").mkdir()
    (original / "custom_hooks/post-receive").write_text("#!/bin/sh\n")
    before = {path: path.stat().st_mtime_ns for path in original.rglob("*")}

    # When it is copied
    [one] = read_repositories(site, OWN)
    copy = put_copy(one, site, "U", OWN)

    # Then the copy takes what the original takes, and nothing of it reaches anything else
    assert copy == site.repositories / f"u/{OWN}.git"
    assert (copy / "objects/info/alternates").read_text() == f"{original}/objects\n"
    assert not (copy / "custom_hooks").exists()
    assert (copy / "config").read_text() == PLAIN + "[receive]\n\tdenyDeletes = true\n"
    assert {path: path.stat().st_mtime_ns for path in original.rglob("*")} == before
