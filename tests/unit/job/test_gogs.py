"""The Gogs profile of the rehearsal, behind its interface for every application."""

from __future__ import annotations

from pathlib import Path

from rehearsal import application
from rehearsal.job.run_secrets import split_settings


def test_app_ini_contains_two_kinds_of_secrets() -> None:
    text = "[database]\nUSER = gogs\nPASSWORD = `a=b`\n[security]\nSECRET_KEY = k\nPASSWD =\n"
    found = application.load().read_settings_secrets(text)
    assert list(found) == [("app.ini: PASSWORD", "a=b"), ("app.ini: SECRET_KEY", "k")]


def test_the_lines_of_inherited_settings_are_searched_for_one_by_one() -> None:
    kept = [("site: SECRET_KEY", "k"), ("site: app_ini", "[mailer]\nHOST = mail\nPASSWD = of-the-mail-server\n")]
    assert list(split_settings(kept)) == [
        ("site: SECRET_KEY", "k"),
        ("site: app_ini: app.ini: PASSWD", "of-the-mail-server"),
    ]


def test_the_administrator_is_not_a_demo_user() -> None:
    site = {"admin_username": "root", "admin_password": "p"}
    found = dict(application.load().derive_demo_passwords(lambda _: ["ann", "root"], site))
    assert list(found) == ["demo user ann: password"]
    assert len(found["demo user ann: password"]) == 24


def test_public_keys_are_not_secrets(tmp_path: Path) -> None:
    folder = tmp_path / "data/ssh"
    folder.mkdir(parents=True)
    for name in ("gogs.rsa", "gogs.rsa.pub"):
        (folder / name).touch()
    assert [key.name for key in application.load().find_private_keys(tmp_path)] == ["gogs.rsa"]
