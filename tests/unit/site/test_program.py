"""Whether a target's Gogs is the source's: everything that counts makes a difference, nothing that is one machine's own does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.database.connections import DatabaseLogin
from cutover_site.files import program
from cutover_site.gogs import home
from cutover_site.gogs.app_ini import Instance, configure
from cutover_site.gogs.inherited_settings import HOME_NAME, SETTINGS_NAME
from cutover_site.gogs.ini import parse, render
from cutover_site.gogs.layout import GogsLayout
from cutover_site.instance import InstanceSettings

SITES_OWN = "[email]\nENABLED = true\nPASSWORD = mail-pass\n"
SOURCE = InstanceSettings(
    instance_id="source", mode="source", site_url="http://git.example.com/", database=DatabaseLogin("db", 3306, "gogs", "x", verify=False),
    schemas={"gogs": "gogs"}, secret={"SECRET_KEY": "key"}, is_background_allowed=True,
)  # fmt: skip
INSTANCE = Instance.of(SOURCE)
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
            layout.app_ini.write_text(render(configure(parse(SITES_OWN), INSTANCE, layout)))
        else:
            layout.app_ini.symlink_to(layout.volatile_app_ini)
        config = SimpleNamespace(site_secret="site")
        return SimpleNamespace(
            layout=layout, role=role, config=config, read_site_secret=lambda _name: secret, secret=secret
        )

    return made


def parse_and_render() -> str:
    return render(parse(SITES_OWN)).strip()


def test_source_and_target_of_one_image_are_equal(make: Make) -> None:
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
def test_what_was_changed_on_the_source_is_named(make: Make, file: str, named: str) -> None:
    source, target = make("source-app"), program.digest_program(make("target"))
    path = source.layout.binary.parent / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("changed")
    changed = program.digest_program(source)
    assert [name for name in changed if changed[name] != target.get(name)] == [named]


def test_a_setting_that_was_changed_on_the_source_is_noticed(make: Make) -> None:
    source, target = make("source-app"), program.digest_program(make("target"))
    source.layout.app_ini.write_text(source.layout.app_ini.read_text().replace("mail-pass", "new-pass"))
    changed = program.digest_program(source)
    assert [name for name in changed if changed[name] != target[name]] == [SETTINGS_NAME]


def test_a_key_that_was_added_to_the_home_of_git_is_noticed(make: Make) -> None:
    source, machine = make("source-app"), make("target")
    target = program.digest_program(machine)
    key = source.layout.home / ".ssh/id_ed25519"
    key.parent.mkdir(parents=True)
    key.write_text("private")
    changed = program.digest_program(source)
    assert [name for name in changed if changed[name] != target[name]] == [HOME_NAME]
    assert "private" not in str(changed)

    # The playbook puts it into the site's secret
    source.secret[home.SECRET] = home.pack(source.layout)

    assert program.digest_program(source)[HOME_NAME] == program.digest_program(machine)[HOME_NAME]


def test_settings_that_were_set_aside_for_a_freeze_are_the_same_when_they_are_back(make: Make) -> None:
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


def test_a_digest_is_of_no_use_to_who_does_not_know_the_key(make: Make) -> None:
    before = program.digest_program(machine := make("target"))
    machine.secret["SECRET_KEY"] = "other"
    after = program.digest_program(machine)
    assert all(before[name] != after[name] for name in before)


def test_what_is_behind_a_link_counts_too(make: Make, tmp_path: Path) -> None:
    """The image holds it: nothing of the program is left behind by a link."""
    source, themes = make("source-app"), tmp_path / "themes"
    themes.mkdir()
    (themes / "dark.css").write_text("black")
    (source.layout.binary.parent / "custom/public").symlink_to(themes)
    before = program.digest_program(source)
    (themes / "dark.css").write_text("grey")
    after = program.digest_program(source)
    assert [name for name in after if before[name] != after[name]] == ["opt/gogs/custom/public"]
