"""app.ini of an instance: old names, secrets, and the settings of one machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cutover_site.gogs.app_ini import Instance, configure, extract_own_settings
from cutover_site.gogs.ini import parse, render
from cutover_site.gogs.layout import GogsLayout
from cutover_site.gogs.renames import modernize
from cutover_site.gogs.settings_file import write_app_ini

INSTANCE = Instance(
    instance_id="i-1", site_url="https://git.example.com/", database_host="db", database_port=3306, schema="gogs", tls="true",
    user="gogs", password="p$w`#", secret_key="k", background=True, mail=True, ssh_domain="ssh.example.com",
)  # fmt: skip
OLD = """\
APP_NAME = Ours
[server]
ROOT_URL = http://old/
[database]
DB_TYPE = mysql
PASSWD = old$pass
[mailer]
ENABLED = true
PASSWD = mail$
[service]
REGISTER_EMAIL_CONFIRM = true
ENABLE_NOTIFY_MAIL = true
[security]
SECRET_KEY = keep
[cron.update_mirrors]
ENABLED = true
SCHEDULE = @every 5m
"""


def test_old_names_are_converted_without_a_loss() -> None:
    new = modernize(parse(OLD))
    assert new.get("", "BRAND_NAME") == "Ours"
    assert new.get("server", "EXTERNAL_URL") == "http://old/"
    assert new.get("database", "TYPE") == "mysql"
    assert new.get("email", "ENABLED") == "true"
    assert new.get("auth", "REQUIRE_EMAIL_CONFIRMATION") == "true"
    assert new.get("user", "ENABLE_EMAIL_NOTIFICATION") == "true"
    assert new.get("security", "SECRET_KEY") == "keep"
    assert not new.get("database", "DB_TYPE")
    assert "mailer" not in new.sections


def test_a_dollar_in_an_old_file_remains_literal() -> None:
    assert modernize(parse(OLD)).get("email", "PASSWORD") == "mail${GOGS_DOLLAR}"


def test_a_new_file_keeps_its_variables() -> None:
    assert modernize(parse("[email]\nPASSWORD = ${MAIL}\n")).get("email", "PASSWORD") == "${MAIL}"


def test_a_new_name_overrides_the_old_one() -> None:
    assert modernize(parse("[database]\nDB_TYPE = sqlite3\nTYPE = mysql\n")).get("database", "TYPE") == "mysql"


def test_an_instance_is_configured_for_its_database_and_its_own_folders() -> None:
    made = parse(render(configure(parse(OLD), INSTANCE, GogsLayout(Path("/")))))
    assert made.get("database", "NAME") == "gogs?tls=true"
    assert made.get("database", "PASSWORD") == "p${GOGS_DOLLAR}w`#"
    assert made.get("server", "SSH_DOMAIN") == "ssh.example.com"
    assert made.get("repository", "ROOT") == "/srv/gogs/repositories"
    assert made.get("lfs", "OBJECTS_TEMP_PATH").endswith("/i-1")
    assert made.get("server", "APP_DATA_PATH").startswith("/var/lib/gogs")


def test_a_copy_has_no_background_work_and_no_mail() -> None:
    disabled = configure(parse(OLD), replace(INSTANCE, background=False, mail=False), GogsLayout(Path("/")))
    assert disabled.get("cron", "ENABLED") == "false"
    assert disabled.get("email", "ENABLED") == "false"
    assert not disabled.get("cron.update_mirrors", "ENABLED")


def test_disabled_settings_are_restored() -> None:
    layout = GogsLayout(Path("/"))
    enabled = configure(parse(OLD), INSTANCE, layout)
    disabled = configure(parse(render(enabled)), replace(INSTANCE, background=False, mail=False), layout)
    disabled = configure(parse(render(disabled)), replace(INSTANCE, background=False, mail=False), layout)

    again = configure(parse(render(disabled)), INSTANCE, layout)

    assert again.get("cron.update_mirrors", "ENABLED") == "true"
    assert again.get("email", "ENABLED") == "true"
    assert {name: set(keys) for name, keys in again.sections.items() if keys} == {
        name: set(keys) for name, keys in enabled.sections.items() if keys
    }


def test_every_machine_of_a_live_site_sends_mail() -> None:
    second = configure(parse(OLD), replace(INSTANCE, background=False), GogsLayout(Path("/")))
    assert second.get("email", "ENABLED") == "true"
    assert second.get("cron", "ENABLED") == "false"


def test_a_machine_without_app_ini_inherits_the_settings_of_the_site(tmp_path: Path) -> None:
    layout = GogsLayout(tmp_path)
    own = extract_own_settings(parse(OLD + "[auth]\nREQUIRE_SIGNIN_VIEW = true\n"), INSTANCE, layout)
    assert not own.get("database", "TYPE")
    assert not own.get("security", "SECRET_KEY")
    layout.app_ini.parent.mkdir(parents=True)
    layout.volatile_app_ini.parent.mkdir(parents=True)

    write_app_ini(layout, replace(INSTANCE, inherited=render(own)), volatile=True)

    made = parse(layout.app_ini.read_text())
    assert made.get("auth", "REQUIRE_SIGNIN_VIEW") == "true"
    assert made.get("email", "PASSWORD") == "mail${GOGS_DOLLAR}"
    assert made.get("", "BRAND_NAME") == "Ours"
    assert made.get("database", "HOST") == "db:3306"


def test_a_second_conversion_changes_nothing() -> None:
    once = configure(parse(OLD), INSTANCE, GogsLayout(Path("/")))
    assert render(configure(parse(render(once)), INSTANCE, GogsLayout(Path("/")))) == render(once)


def test_the_repr_of_an_instance_contains_no_secret() -> None:
    assert "p$w" not in repr(INSTANCE)
