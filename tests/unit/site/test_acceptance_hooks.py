"""The acceptance check of the hooks of migrated repositories. It reads the hooks and runs none."""

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


def create_repository(site: LocalSite, name: str, text: str = "", config: str = PLAIN) -> Path:
    """Create a bare repository with the update hook `text`; by default the one that Gogs writes."""
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


def test_hooks_that_call_this_gogs_pass(site: LocalSite) -> None:
    create_repository(site, "o/one.git")
    create_repository(site, "o/one.wiki.git")
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
def test_a_hook_that_calls_another_gogs_fails(site: LocalSite, text: str, problem: str) -> None:
    create_repository(site, "o/one.git", text.format(app_ini=site.app_ini, binary=site.binary))
    outcome, reason, _ = check_hooks(site)
    assert outcome == "fail"
    assert "1 of 1 repositories: o/one.git" in reason
    assert problem in reason
    assert "resync-hooks" in reason


def test_a_hook_may_call_gogs_by_a_link(site: LocalSite, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(site.binary)
    create_repository(site, "o/one.git", f"\"{tmp_path}/link\" hook --config='{site.app_ini}' update $1")
    assert check_hooks(site)[0] == "pass"


def test_a_hook_that_gogs_did_not_write_is_reported_and_not_run(site: LocalSite) -> None:
    create_repository(site, "o/one.git", "#!/bin/sh\nmail root\n")
    create_repository(site, "o/three.git", "#!/bin/sh\napt update\ncurl https://u:p@ci.example.test hook\n")
    added = f"\"{site.binary}\" hook --config='{site.app_ini}' update $1\nmail root\n"
    create_repository(site, "o/four.git", added)
    create_repository(site, "o/two.git", config=PLAIN + "\thooksPath = /srv/hooks\n")
    outcome, _, parts = check_hooks(site)
    assert outcome == "pass"
    assert set(parts) == {
        "3 repositories have hooks that Gogs did not write: they were not run, as on the source",
        "1 repositories have their hooks in a folder of their own (core.hooksPath), as on the source",
    }


def test_repositories_with_different_settings_have_different_shapes(site: LocalSite) -> None:
    create_repository(site, "o/a.git")
    create_repository(site, "o/b.git", config=PLAIN + '[remote "origin"]\n\turl = https://elsewhere.example.test/b\n')
    borrowing = create_repository(site, "o/c.git")
    (borrowing / "objects/info/alternates").write_text("/srv/other/objects\n")
    (create_repository(site, "o/d.git") / "refs/heads/master").write_text("0" * 40)
    create_repository(site, f"u/{OWN}.git")
    found = read_repositories(site, OWN)
    assert [one.name for one in found] == ["o/a.git", "o/b.git", "o/c.git", "o/d.git"]
    assert [len({one.shape for one in found[:count]}) for count in (1, 2, 3, 4)] == [1, 1, 2, 3]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a file")
def test_a_copy_borrows_the_objects_and_omits_custom_hooks_and_remotes(site: LocalSite) -> None:
    # Given a repository with custom hooks, a remote and settings that run programs
    settings = (
        PLAIN
        + '\tsshCommand = /bin/evil\n[remote "origin"]\n\turl = https://u:p@elsewhere.example.test/b\n[receive]\n\tdenyDeletes = true\n'
    )
    original = create_repository(site, "o/a.git", config=settings)
    (original / "custom_hooks").mkdir()
    (original / "custom_hooks/post-receive").write_text("#!/bin/sh\n")
    before = {path: path.stat().st_mtime_ns for path in original.rglob("*")}

    # When it is copied
    [one] = read_repositories(site, OWN)
    copy = put_copy(one, site, "U", OWN)

    # Then the copy accepts the same pushes as the original, and has no access to another system
    assert copy == site.repositories / f"u/{OWN}.git"
    assert (copy / "objects/info/alternates").read_text() == f"{original}/objects\n"
    assert not (copy / "custom_hooks").exists()
    assert (copy / "config").read_text() == PLAIN + "[receive]\n\tdenyDeletes = true\n"
    assert {path: path.stat().st_mtime_ns for path in original.rglob("*")} == before
