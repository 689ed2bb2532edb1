"""The playbook on a machine with a site's own app.ini: it keeps the key, and rejects all settings that it would lose in one error."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.configured_for import ConfiguredFor, read_configured_for
from cutover_site.errors import Refused
from cutover_site.gogs import effective, home
from cutover_site.gogs.adoption import GOGS_SECRET_KEY
from cutover_site.gogs.ini import load
from cutover_site.gogs.layout import GogsLayout
from cutover_site.verbs import identity

OWN = """\
APP_NAME = Forge
RUN_USER = git
[server]
ROOT_URL = http://git.example.test/
[repository]
ROOT = {root}/srv/gogs/repositories
[database]
DB_TYPE = mysql
HOST = 10.10.0.5:3306
NAME = gogs
[security]
INSTALL_LOCK = true
SECRET_KEY = key-of-$-the-site
"""


class Source:
    """A source's application server with secrets in memory. `run` performs the call of the playbook."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.layout = GogsLayout(root)
        for folder in (self.layout.app_ini.parent, self.layout.home, self.layout.data, self.layout.repositories):
            folder.mkdir(parents=True)
        monkeypatch.setattr("os.chown", lambda *_args, **_more: None)
        monkeypatch.setattr("os.geteuid", lambda: 1)
        self.secrets: dict[str, dict[str, str]] = {
            "site": {"SECRET_KEY": "generated"},
            "app": {"username": "gogs", "password": "p"},
        }
        database = SimpleNamespace(host="10.10.0.5", port=3306, secret="app")
        self.machine: Any = SimpleNamespace(
            layout=self.layout, instance_id="i-source", claim_source=lambda: ConfiguredFor("i-source", "source", background=True), read_site_secret=lambda name="site": self.secrets[name],
            aws=SimpleNamespace(read_secret=lambda name: dict(self.secrets[name]), store_secret=self.secrets.__setitem__),
            config=SimpleNamespace(roles=("source-app",), site_secret="site", site_url="http://git.example.test/", dns_names={}, source_database=database),
        )  # fmt: skip

    def write(self, text: str) -> None:
        self.layout.app_ini.write_text(text.replace("{root}", str(self.layout.root)))

    def run(self, *, check: bool = False) -> dict[str, Any]:
        return identity.configure(self.machine, argparse.Namespace(check=check))


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    return Source(tmp_path, monkeypatch)


def test_a_machine_without_app_ini_gets_the_key_from_the_secret_of_the_site(source: Source) -> None:
    assert source.run()["changed"]
    assert load(source.layout.app_ini).get("security", "SECRET_KEY") == "generated"


def test_a_check_changes_nothing(source: Source) -> None:
    source.write(OWN)
    before = source.layout.app_ini.read_text()
    assert source.run(check=True) == {"changed": False}
    assert source.layout.app_ini.read_text() == before
    assert source.secrets["site"] == {"SECRET_KEY": "generated"}
    assert read_configured_for(source.layout) is None


def test_a_second_run_changes_nothing(source: Source) -> None:
    source.run()
    written, secret = source.layout.app_ini.read_text(), source.secrets["site"]
    assert not source.run()["changed"]
    assert (source.layout.app_ini.read_text(), source.secrets["site"]) == (written, secret)


def test_the_key_of_an_existing_site_is_adopted(source: Source) -> None:
    source.write(OWN)
    assert source.run()["changed"]
    assert source.secrets["site"]["SECRET_KEY"] == "key-of-$-the-site"
    assert effective.get_effective_value(load(source.layout.app_ini), "security", "SECRET_KEY") == "key-of-$-the-site"
    assert not source.run()["changed"]


def test_a_site_without_a_key_keeps_the_default_key_of_gogs(source: Source) -> None:
    source.write(OWN.replace("SECRET_KEY = key-of-$-the-site\n", ""))
    source.run()
    assert source.secrets["site"]["SECRET_KEY"] == GOGS_SECRET_KEY


@pytest.mark.parametrize(
    ("key", "message"), [("SECRET_KEY =", "is empty"), ("SECRET_KEY = ${FORGE_KEY}", "environment variable FORGE_KEY")]
)
def test_an_empty_or_external_key_is_rejected(source: Source, key: str, message: str) -> None:
    source.write(
        OWN.replace("SECRET_KEY = key-of-$-the-site", key)
        .replace("DB_TYPE", "TYPE")
        .replace("ROOT_URL", "EXTERNAL_URL")
        .replace("APP_NAME", "BRAND_NAME")
    )
    with pytest.raises(Refused, match=message):
        source.run()
    assert source.secrets["site"] == {"SECRET_KEY": "generated"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ROOT = {root}/srv/gogs/repositories", "ROOT = /home/git/gogs-repositories", "[repository] ROOT is /home/git/gogs-repositories"),
        ("[security]", "[attachment]\nPATH = /var/attachments\n[security]", "[attachment] PATH is /var/attachments"),
        ("[security]", "[lfs]\nOBJECTS_PATH = /mnt/lfs\n[security]", "[lfs] OBJECTS_PATH is /mnt/lfs"),
        ("[security]", "[picture]\nAVATAR_UPLOAD_PATH = /a\n[security]", "AVATAR_UPLOAD_PATH is /a"),
        ("NAME = gogs\n", "NAME = forge\n", "[database] NAME is forge"),
        ("DB_TYPE = mysql", "DB_TYPE = sqlite3", "TYPE is sqlite3"),
        ("HOST = 10.10.0.5:3306", "HOST = 10.10.0.9", "HOST is 10.10.0.9, the playbook was run for 10.10.0.5:3306"),
        ("HOST = 10.10.0.5:3306", "HOST = 10.10.0.5:3307", "HOST is 10.10.0.5:3307"),
        ("HOST = 10.10.0.5:3306", "HOST = /run/mysqld/mysqld.sock", "HOST is /run/mysqld/mysqld.sock"),
        ("ROOT_URL = http://git.example.test/", "ROOT_URL = https://code.example.test/gogs/", "https://code.example.test/gogs/"),
        ("ROOT_URL = http://git.example.test/", "ROOT_URL = %(PROTOCOL)s://%(DOMAIN)s:%(HTTP_PORT)s/", "http://localhost:3000/"),
        ("ROOT_URL", "SSH_PORT = 22\nROOT_URL", "SSH_PORT is 22"),
        ("ROOT_URL", "PROTOCOL = https\nROOT_URL", "PROTOCOL is https"),
        ("ROOT_URL", "PROTOCOL = unix\nROOT_URL", "PROTOCOL is unix"),
    ],
)  # fmt: skip
def test_a_setting_that_would_be_lost_is_rejected_before_any_change(
    source: Source, old: str, new: str, message: str
) -> None:
    source.write(OWN.replace(old, new))
    before = source.layout.app_ini.read_text()

    with pytest.raises(Refused) as checked:
        source.run(check=True)
    with pytest.raises(Refused) as refused:
        source.run()

    assert refused.value.reason == checked.value.reason
    assert message in refused.value.reason
    assert refused.value.next_action
    assert "key-of" not in refused.value.reason
    assert source.layout.app_ini.read_text() == before
    assert source.secrets["site"] == {"SECRET_KEY": "generated"}
    assert read_configured_for(source.layout) is None


def test_all_settings_that_would_be_lost_are_reported_together(source: Source) -> None:
    source.write(
        OWN.replace("NAME = gogs\n", "NAME = forge\n").replace("{root}", "/old").replace("10.10.0.5", "10.10.0.9")
    )
    with pytest.raises(Refused) as refused:
        source.run()
    for message in ("ROOT is /old/srv/gogs/repositories", "NAME is forge", "HOST is 10.10.0.9:3306"):
        assert message in refused.value.reason


@pytest.mark.parametrize(
    "change",
    [
        ("ROOT_URL = http://git.example.test/", "ROOT_URL = http://Git.example.test:80"),
        ("HOST = 10.10.0.5:3306", "HOST = 10.10.0.5"),
        ("NAME = gogs\n", "NAME = gogs?tls=true\n"),
        ("ROOT_URL", "SSH_PORT = 22\nDISABLE_SSH = true\nROOT_URL"),
        ("[security]", "[attachment]\nPATH = data/attachments\n[security]"),
    ],
)
def test_an_equivalent_or_unused_setting_is_accepted(source: Source, change: tuple[str, str]) -> None:
    source.write(OWN.replace(*change))
    assert source.run()["changed"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("opt/gogs/data/attachments/a/b", "[attachment] PATH is"),
        ("opt/gogs/data/ssh/gogs.rsa", "the folder of the SSH server's keys"),
        ("var/lib/gogs/gogs-repositories/a/b.git", "[repository] ROOT is"),
    ],
)
def test_data_in_a_default_folder_of_gogs_is_rejected(source: Source, file: str, message: str) -> None:
    path = source.layout.root / file
    path.parent.mkdir(parents=True)
    path.touch()
    source.write(OWN.replace("ROOT = {root}/srv/gogs/repositories\n", ""))
    with pytest.raises(Refused) as refused:
        source.run()
    assert message in refused.value.reason


def test_an_adopted_site_gets_changes_of_the_playbook(source: Source) -> None:
    source.run()
    source.machine.config.site_url = "http://forge.example.test/"
    source.machine.config.source_database.host = "10.10.0.6"
    assert source.run()["changed"]
    now = load(source.layout.app_ini)
    assert now.get("server", "EXTERNAL_URL") == "http://forge.example.test/"
    assert now.get("database", "HOST") == "10.10.0.6:3306"


def test_an_adopted_site_with_moved_repositories_is_rejected(source: Source) -> None:
    source.run()
    text = source.layout.app_ini.read_text()
    source.layout.app_ini.write_text(text.replace(str(source.layout.repositories), "/data/repositories"))
    with pytest.raises(Refused, match=r"\[repository\] ROOT is /data/repositories"):
        source.run()


def test_authentication_by_a_header_causes_a_warning(source: Source) -> None:
    own = "[service]\nENABLE_REVERSE_PROXY_AUTHENTICATION = true\n[security]\nREVERSE_PROXY_AUTHENTICATION_USER = X-User\n"
    source.write(OWN.replace("[security]\n", own).replace("ROOT_URL", "HTTP_ADDR = 127.0.0.1\nROOT_URL"))
    result = source.run()
    assert result["identity_headers"] == ["X-WEBAUTH-USER", "X-User"]
    assert "nobody but this machine reach Gogs" in result["warnings"][0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[security]", "[session]\nPROVIDER = redis\n[security]", "[session] PROVIDER is redis"),
        ("ROOT_URL", "SSH_DOMAIN = old.example.test\nROOT_URL", "named old.example.test until now, and name ssh.example.test"),
        ("ROOT_URL", "DOMAIN = git.example.test\nROOT_URL", "named git.example.test until now, and name ssh.example.test"),
    ],
)  # fmt: skip
def test_a_replaced_setting_that_users_notice_causes_a_warning_once(
    source: Source, old: str, new: str, message: str
) -> None:
    source.machine.config.dns_names["ssh"] = "ssh.example.test"
    source.write(OWN.replace(old, new))
    (warning,) = source.run()["warnings"]
    assert message in warning
    assert source.run()["warnings"] == []


@pytest.mark.parametrize(
    "more",
    [
        "",
        "SSH_DOMAIN = SSH.example.test\n",
        "SSH_DOMAIN = old.example.test\nDISABLE_SSH = true\n",
        "DOMAIN = localhost\n",
    ],
)
def test_an_unchanged_or_unused_address_for_ssh_causes_no_warning(source: Source, more: str) -> None:
    source.machine.config.dns_names["ssh"] = "ssh.example.test"
    source.write(
        OWN.replace("ROOT_URL", f"{more}ROOT_URL").replace("[security]", "[session]\nPROVIDER = File\n[security]")
    )
    assert source.run()["warnings"] == []


def test_the_home_of_git_is_stored_in_the_secret_of_the_site(source: Source) -> None:
    (source.layout.home / ".netrc").write_text("machine x login y password z")
    source.run()
    assert "password z" not in source.layout.app_ini.read_text()
    assert home.format_listing(source.secrets["site"][home.SECRET]) == home.format_listing(home.pack(source.layout))
    assert not source.run()["changed"]
    (source.layout.home / ".netrc").unlink()
    assert source.run()["changed"]
    assert home.SECRET not in source.secrets["site"]
