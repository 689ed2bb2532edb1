"""Hooks that would reject every push: the problems and their repositories."""

from pathlib import Path

import pytest
from cutover_site.gogs import hooks
from cutover_site.gogs.layout import GogsLayout


def create_hooks(layout: GogsLayout, name: str, *, program: str = "", settings: str = "") -> Path:
    folder = layout.repositories / name / "hooks"
    folder.mkdir(parents=True)
    for hook, arguments in (("pre-receive", ""), ("update", " $1 $2 $3"), ("post-receive", "")):
        (folder / hook).write_text(
            f"#!/usr/bin/env bash\n\"{program or layout.binary}\" hook --config='{settings or layout.app_ini}' {hook}{arguments}\n"
        )
        (folder / hook).chmod(0o755)
    return folder


@pytest.fixture
def layout(tmp_path: Path) -> GogsLayout:
    made = GogsLayout(tmp_path)
    create_hooks(made, "alice/sound.git")
    create_hooks(made, "alice/sound.wiki.git")
    return made


def test_hooks_that_call_the_gogs_of_this_machine_are_no_problem(layout: GogsLayout) -> None:
    assert hooks.find_problems(layout) == []


def test_a_site_without_repositories_has_no_problem(tmp_path: Path) -> None:
    assert hooks.find_problems(GogsLayout(tmp_path)) == []


def test_each_other_gogs_is_reported_with_its_repositories(layout: GogsLayout) -> None:
    for number in range(7):
        create_hooks(layout, f"bob/r{number}.git", program="/home/git/gogs/gogs")
    create_hooks(layout, "carol/app.wiki.git", settings="/home/git/gogs/custom/conf/app.ini")
    assert hooks.find_problems(layout) == [
        f"hooks: they call /home/git/gogs/gogs, not {layout.binary}, in 7 repositories (bob/r0.git, bob/r1.git, bob/r2.git, bob/r3.git,"
        " bob/r4.git and 2 more)",
        f"hooks: they read /home/git/gogs/custom/conf/app.ini, not {layout.app_ini}, in 1 repositories (carol/app.wiki.git)",
    ]


def test_a_link_to_the_gogs_of_this_machine_is_no_problem(layout: GogsLayout) -> None:
    layout.binary.parent.mkdir(parents=True)
    layout.binary.write_text("")
    link = layout.root / "usr/local/bin/gogs"
    link.parent.mkdir(parents=True)
    link.symlink_to(layout.binary)
    create_hooks(layout, "bob/linked.git", program=str(link))
    assert hooks.find_problems(layout) == []


@pytest.mark.parametrize(
    "text",
    [
        "#!/usr/bin/env bash\n/old/gogs update $1 $2 $3 --config='/opt/gogs/custom/conf/app.ini'\n",
        "#!/bin/sh\n# moved\nexec '/old/gogs' hook --config=/opt/gogs/custom/conf/app.ini update $1 $2 $3\n",
        '#!/usr/bin/env bash\n"/old/gogs" hook --config "/opt/gogs/custom/conf/app.ini" update $1 $2 $3\n',
    ],
)
def test_hooks_of_other_releases_are_parsed(text: str, layout: GogsLayout) -> None:
    (layout.repositories / "alice/sound.git/hooks/update").write_text(text)
    assert "they call /old/gogs, not" in hooks.find_problems(layout)[0]


def test_a_missing_or_not_executable_or_foreign_hook_is_reported(layout: GogsLayout) -> None:
    folder = create_hooks(layout, "bob/app.git")
    (folder / "pre-receive").unlink()
    (folder / "update").chmod(0o644)
    (folder / "post-receive").write_text("#!/bin/sh\necho done\n")
    assert hooks.find_problems(layout) == [
        f"hooks: {problem}, in 1 repositories (bob/app.git)"
        for problem in ("post-receive does not call Gogs", "pre-receive is missing", "update is not executable")
    ]


def test_a_mirror_needs_no_hooks(layout: GogsLayout) -> None:
    mirror = layout.repositories / "bob/mirror.git"
    mirror.mkdir(parents=True)
    (mirror / "config").write_text(
        '[core]\n\tbare = true\n[remote "origin"]\n\turl = https://x/y.git\n\tmirror = true\n'
    )
    assert hooks.find_problems(layout) == []


def test_a_hooks_folder_that_is_a_link_is_reported(layout: GogsLayout) -> None:
    folder = create_hooks(layout, "bob/app.git")
    elsewhere = layout.root / "srv/hooks"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    assert hooks.find_problems(layout) == [
        f"hooks: the folder is a symbolic link to {elsewhere}, in 1 repositories (bob/app.git)"
    ]


def test_a_dangling_link_is_a_missing_hook(layout: GogsLayout) -> None:
    hook = layout.repositories / "alice/sound.git/hooks/update"
    hook.unlink()
    hook.symlink_to("/nowhere/update")
    assert hooks.find_problems(layout) == ["hooks: update is missing, in 1 repositories (alice/sound.git)"]


def test_the_number_of_reported_problems_is_limited(layout: GogsLayout) -> None:
    for number in range(30):
        create_hooks(layout, f"bob/r{number}.git", program=f"/old/{number}/gogs")
    found = hooks.find_problems(layout)
    assert len(found) == hooks.MAX_PROBLEMS + 1
    assert "22 more" in found[-1]
