"""The playbook on a machine whose app.ini belongs to a site: its key is kept, and what would be lost is refused, all at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.configured_for import read_configured_for
from cutover_site.errors import Refused
from cutover_site.gogs import effective, home
from cutover_site.gogs.adoption import GOGS_SECRET_KEY
from cutover_site.gogs.ini import load
from cutover_site.gogs.layout import GogsLayout
from cutover_site.verbs import launch

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
    """A source's application server, with secrets in memory. `run` is the playbook's call."""

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
            layout=self.layout, instance_id="i-source", role="source-app", read_site_secret=lambda name="site": self.secrets[name],
            aws=SimpleNamespace(read_secret=lambda name: dict(self.secrets[name]), store_secret=self.secrets.__setitem__),
            config=SimpleNamespace(role="source-app", site_secret="site", site_url="http://git.example.test/", dns_names={}, source_database=database),
        )  # fmt: skip

    def write(self, text: str) -> None:
        self.layout.app_ini.write_text(text.replace("{root}", str(self.layout.root)))

    def run(self, *, check: bool = False) -> dict[str, Any]:
        return launch.configure(self.machine, argparse.Namespace(check=check))


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    return Source(tmp_path, monkeypatch)


def test_a_machine_without_app_ini_gets_the_key_of_the_sites_secret(source: Source) -> None:
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


def test_the_key_of_a_site_of_its_own_is_taken_over(source: Source) -> None:
    source.write(OWN)
    assert source.run()["changed"]
    assert source.secrets["site"]["SECRET_KEY"] == "key-of-$-the-site"
    assert effective.get_effective_value(load(source.layout.app_ini), "security", "SECRET_KEY") == "key-of-$-the-site"
    assert not source.run()["changed"]


def test_a_site_that_never_set_a_key_keeps_the_one_that_gogs_ships(source: Source) -> None:
    source.write(OWN.replace("SECRET_KEY = key-of-$-the-site\n", ""))
    source.run()
    assert source.secrets["site"]["SECRET_KEY"] == GOGS_SECRET_KEY


@pytest.mark.parametrize(
    ("key", "words"), [("SECRET_KEY =", "is empty"), ("SECRET_KEY = ${FORGE_KEY}", "environment variable FORGE_KEY")]
)
def test_a_key_that_cannot_be_known_is_refused(source: Source, key: str, words: str) -> None:
    source.write(
        OWN.replace("SECRET_KEY = key-of-$-the-site", key)
        .replace("DB_TYPE", "TYPE")
        .replace("ROOT_URL", "EXTERNAL_URL")
        .replace("APP_NAME", "BRAND_NAME")
    )
    with pytest.raises(Refused, match=words):
        source.run()
    assert source.secrets["site"] == {"SECRET_KEY": "generated"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
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
def test_a_setting_whose_loss_would_hurt_is_refused_and_nothing_changes(
    source: Source, old: str, new: str, words: str
) -> None:
    source.write(OWN.replace(old, new))
    before = source.layout.app_ini.read_text()

    with pytest.raises(Refused) as checked:
        source.run(check=True)
    with pytest.raises(Refused) as refused:
        source.run()

    assert refused.value.reason == checked.value.reason
    assert words in refused.value.reason
    assert refused.value.next_action
    assert "key-of" not in refused.value.reason
    assert source.layout.app_ini.read_text() == before
    assert source.secrets["site"] == {"SECRET_KEY": "generated"}
    assert read_configured_for(source.layout) is None


def test_everything_that_would_be_lost_is_named_at_once(source: Source) -> None:
    source.write(
        OWN.replace("NAME = gogs\n", "NAME = forge\n").replace("{root}", "/old").replace("10.10.0.5", "10.10.0.9")
    )
    with pytest.raises(Refused) as refused:
        source.run()
    for words in ("ROOT is /old/srv/gogs/repositories", "NAME is forge", "HOST is 10.10.0.9:3306"):
        assert words in refused.value.reason


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
def test_what_means_the_same_or_holds_nothing_is_taken(source: Source, change: tuple[str, str]) -> None:
    source.write(OWN.replace(*change))
    assert source.run()["changed"]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("opt/gogs/data/attachments/a/b", "[attachment] PATH is"),
        ("opt/gogs/data/ssh/gogs.rsa", "the folder of the SSH server's keys"),
        ("var/lib/gogs/gogs-repositories/a/b.git", "[repository] ROOT is"),
    ],
)
def test_data_where_gogs_keeps_it_by_default_are_not_left_behind(source: Source, file: str, words: str) -> None:
    path = source.layout.root / file
    path.parent.mkdir(parents=True)
    path.touch()
    source.write(OWN.replace("ROOT = {root}/srv/gogs/repositories\n", ""))
    with pytest.raises(Refused) as refused:
        source.run()
    assert words in refused.value.reason


def test_a_site_that_was_adopted_follows_the_playbook(source: Source) -> None:
    source.run()
    source.machine.config.site_url = "http://forge.example.test/"
    source.machine.config.source_database.host = "10.10.0.6"
    assert source.run()["changed"]
    now = load(source.layout.app_ini)
    assert now.get("server", "EXTERNAL_URL") == "http://forge.example.test/"
    assert now.get("database", "HOST") == "10.10.0.6:3306"


def test_an_adopted_site_whose_repositories_were_moved_by_hand_is_refused(source: Source) -> None:
    source.run()
    text = source.layout.app_ini.read_text()
    source.layout.app_ini.write_text(text.replace(str(source.layout.repositories), "/data/repositories"))
    with pytest.raises(Refused, match=r"\[repository\] ROOT is /data/repositories"):
        source.run()


def test_users_who_are_signed_in_by_a_header_are_warned_of(source: Source) -> None:
    own = "[service]\nENABLE_REVERSE_PROXY_AUTHENTICATION = true\n[security]\nREVERSE_PROXY_AUTHENTICATION_USER = X-User\n"
    source.write(OWN.replace("[security]\n", own).replace("ROOT_URL", "HTTP_ADDR = 127.0.0.1\nROOT_URL"))
    said = source.run()
    assert said["identity_headers"] == ["X-WEBAUTH-USER", "X-User"]
    assert "nobody but this machine reach Gogs" in said["warnings"][0]


def test_what_the_user_git_keeps_in_its_home_goes_into_the_sites_secret(source: Source) -> None:
    (source.layout.home / ".netrc").write_text("machine x login y password z")
    source.run()
    assert "password z" not in source.layout.app_ini.read_text()
    assert home.serialize_entries(source.secrets["site"][home.SECRET]) == home.serialize_entries(
        home.pack(source.layout)
    )
    assert not source.run()["changed"]
    (source.layout.home / ".netrc").unlink()
    assert source.run()["changed"]
    assert home.SECRET not in source.secrets["site"]
