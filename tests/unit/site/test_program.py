"""The comparison of the Gogs of source and target: relevant files change the digest, files of a single machine do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.database.login import DatabaseLogin
from cutover_site.files import program
from cutover_site.gogs import home
from cutover_site.gogs.app_ini import Instance, configure
from cutover_site.gogs.inherited_settings import HOME_NAME, SETTINGS_NAME
from cutover_site.gogs.ini import parse, render
from cutover_site.gogs.layout import GogsLayout
from cutover_site.instance import InstanceSettings

SITE_SETTINGS = "[email]\nENABLED = true\nPASSWORD = mail-pass\n"
SOURCE = InstanceSettings(
    instance_id="source", mode="source", site_url="http://git.example.com/", database=DatabaseLogin("db", 3306, "gogs", "x", verify=False),
    schemas={"gogs": "gogs"}, secret={"SECRET_KEY": "key"}, is_background_allowed=True,
)  # fmt: skip
INSTANCE = Instance.from_settings(SOURCE)
Make = Callable[[str], Any]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setattr(program, "describe_source", lambda _machine: SOURCE)
    secret: dict[str, str] = {"SECRET_KEY": "key", "app_ini": parse_and_render()}

    def made(role: str) -> Any:
        layout = GogsLayout(tmp_path / role)
        for name, text in {
            "gogs": "program", "custom/templates/home.tmpl": "hello", "custom/robots.txt": "*", "custom/conf/auth.d/ldap.conf": "bind",
            "custom/conf/app.ini.bak": role, "custom/conf/.app.ini.swp": role, "log/gogs.log": role,
        }.items():  # fmt: skip
            path = layout.binary.parent / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        if role == "source-app":
            layout.app_ini.write_text(render(configure(parse(SITE_SETTINGS), INSTANCE, layout)))
        else:
            layout.app_ini.symlink_to(layout.volatile_app_ini)
        config = SimpleNamespace(site_secret="site")
        return SimpleNamespace(
            layout=layout,
            has_role=lambda one: one == role,
            config=config,
            read_site_secret=lambda _name: secret,
            secret=secret,
        )

    return made


def parse_and_render() -> str:
    return render(parse(SITE_SETTINGS)).strip()


def test_source_and_target_of_one_image_have_equal_digests(make: Make) -> None:
    found = program.digest_program(make("source-app"))
    assert found == program.digest_program(make("target"))
    assert {
        "opt/gogs/gogs",
        "opt/gogs/custom/templates",
        "opt/gogs/custom/robots.txt",
        "opt/gogs/custom/conf/auth.d",
    } < set(found)


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("gogs", "opt/gogs/gogs"),
        ("custom/templates/home.tmpl", "opt/gogs/custom/templates"),
        ("custom/conf/auth.d/ldap.conf", "opt/gogs/custom/conf/auth.d"),
        ("custom/public/new.css", "opt/gogs/custom/public"),
    ],
)
def test_a_changed_file_on_the_source_is_named(make: Make, file: str, named: str) -> None:
    source, target = make("source-app"), program.digest_program(make("target"))
    path = source.layout.binary.parent / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("changed")
    changed = program.digest_program(source)
    assert [name for name in changed if changed[name] != target.get(name)] == [named]


def test_a_changed_setting_on_the_source_changes_its_digest(make: Make) -> None:
    source, target = make("source-app"), program.digest_program(make("target"))
    source.layout.app_ini.write_text(source.layout.app_ini.read_text().replace("mail-pass", "new-pass"))
    changed = program.digest_program(source)
    assert [name for name in changed if changed[name] != target[name]] == [SETTINGS_NAME]


def test_a_new_key_in_the_home_of_git_changes_its_digest(make: Make) -> None:
    source, machine = make("source-app"), make("target")
    target = program.digest_program(machine)
    key = source.layout.home / ".ssh/id_ed25519"
    key.parent.mkdir(parents=True)
    key.write_text("private")
    changed = program.digest_program(source)
    assert [name for name in changed if changed[name] != target[name]] == [HOME_NAME]
    assert "private" not in str(changed)

    # The playbook stores it in the secret of the site
    source.secret[home.SECRET] = home.pack(source.layout)

    assert program.digest_program(source)[HOME_NAME] == program.digest_program(machine)[HOME_NAME]


def test_settings_that_a_freeze_disabled_and_a_thaw_restored_have_the_same_digest(make: Make) -> None:
    source = make("source-app")
    mirrors = "[cron.update_mirrors]\nENABLED = true\nSCHEDULE = @every 1h\n"
    old = parse(source.layout.app_ini.read_text() + mirrors)
    source.layout.app_ini.write_text(render(old))
    before = program.digest_program(source)[SETTINGS_NAME]
    for background in (False, True):
        there = parse(source.layout.app_ini.read_text())
        source.layout.app_ini.write_text(
            render(configure(there, replace(INSTANCE, background=background), source.layout))
        )
    assert program.digest_program(source)[SETTINGS_NAME] == before


def test_a_digest_depends_on_the_secret_key(make: Make) -> None:
    before = program.digest_program(machine := make("target"))
    machine.secret["SECRET_KEY"] = "other"
    after = program.digest_program(machine)
    assert all(before[name] != after[name] for name in before)


def test_the_digest_covers_files_behind_a_link(make: Make, tmp_path: Path) -> None:
    """The image contains the target of the link, so the comparison covers it."""
    source, themes = make("source-app"), tmp_path / "themes"
    themes.mkdir()
    (themes / "dark.css").write_text("black")
    (source.layout.binary.parent / "custom/public").symlink_to(themes)
    before = program.digest_program(source)
    (themes / "dark.css").write_text("grey")
    after = program.digest_program(source)
    assert [name for name in after if before[name] != after[name]] == ["opt/gogs/custom/public"]
