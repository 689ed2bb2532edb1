"""A site with its own places: the tool uses its paths, and sees its data below one root."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cutover_site.errors import NotChecked, NotConfigured
from cutover_site.files import data_roots
from cutover_site.files.tree import LeadsOut, list_sites, read_entry
from cutover_site.gogs import home
from cutover_site.gogs.app_ini import Instance, configure
from cutover_site.gogs.git_processes import is_repository_writer
from cutover_site.gogs.ini import Ini
from cutover_site.gogs.layout import GogsLayout
from cutover_site.layout import Layout, forget_site_file
from cutover_site.system.processes import Process

from tests.unit.site.own_places import FACTS


def write_site_file(root: Path, installation: Any = None) -> GogsLayout:
    (root / "etc/cutover").mkdir(parents=True, exist_ok=True)
    facts = {"site": "forge", "region": "us-east-1", "role": "source-app"}
    if installation is not None:
        facts["installation"] = installation
    (root / "etc/cutover/site.json").write_text(json.dumps(facts))
    forget_site_file()
    return GogsLayout(root)


@pytest.fixture
def forge(tmp_path: Path) -> GogsLayout:
    return write_site_file(tmp_path, FACTS)


def test_the_paths_are_those_of_the_site(forge: GogsLayout) -> None:
    root = forge.root
    assert forge.binary == root / "home/git/gogs/gogs"
    assert forge.app_ini == root / "home/git/gogs/custom/conf/app.ini"
    assert forge.home == root / "home/git"
    assert forge.repositories == root / "srv/gogs/repositories"
    assert forge.get_place("repositories") == root / "home/git/gogs-repositories"
    assert forge.get_place("data/lfs-objects") == root / "srv/gogs/data/lfs-objects"


def test_a_site_without_the_object_has_the_paths_of_the_profile(tmp_path: Path) -> None:
    layout = write_site_file(tmp_path)
    assert layout.app_ini == tmp_path / "opt/gogs/custom/conf/app.ini"
    assert layout.get_place("repositories") == tmp_path / "srv/gogs/repositories"
    assert data_roots.list_roots(layout) == []
    assert data_roots.list_units(layout) == []


def test_a_damaged_object_is_one_sentence(tmp_path: Path) -> None:
    layout = write_site_file(tmp_path, {**FACTS, "home": "git"})
    with pytest.raises(NotConfigured, match=r"installation\.home is 'git', expected an absolute path") as error:
        _ = layout.application
    assert "cutover-site adopt" in error.value.next_action


def test_app_ini_of_a_target_has_the_paths_user_and_ports_of_the_source(forge: GogsLayout) -> None:
    instance = Instance(
        instance_id="i-1", site_url="https://git.example.test/", database_host="db", database_port=3306, schema="forge",
        tls="true", user="forge", password="p", secret_key="k", background=True, mail=True,
    )  # fmt: skip
    made, root = configure(Ini(), instance, forge), str(forge.root)
    assert made.get("", "RUN_USER") == "git"
    assert made.get("repository", "ROOT") == f"{root}/home/git/gogs-repositories"
    assert made.get("server", "APP_DATA_PATH") == f"{root}/home/git/gogs/data"
    assert made.get("attachment", "PATH") == f"{root}/home/git/gogs/data/attachments"
    assert made.get("log", "ROOT_PATH") == f"{root}/home/git/gogs/log"
    assert (made.get("server", "HTTP_PORT"), made.get("server", "SSH_LISTEN_PORT")) == ("3001", "2224")
    # Gogs renames from one to the other, which two mounts do not allow.
    assert made.get("lfs", "OBJECTS_PATH").startswith(f"{root}/srv/gogs/data/")
    assert made.get("lfs", "OBJECTS_TEMP_PATH").startswith(f"{root}/srv/gogs/data/")


def test_processes_of_its_user_and_in_its_folders_may_write(forge: GogsLayout) -> None:
    def is_writer(user: int, folder: str) -> bool:
        return is_repository_writer(Process(1, ("git", "gc"), user, folder), forge)

    assert is_writer(1000, "/")
    assert is_writer(0, f"{forge.root}/home/git/gogs-repositories/a/b.git")
    assert is_writer(0, f"{forge.root}/srv/gogs/repositories/a/b.git")
    assert not is_writer(0, f"{forge.root}/home/git/gogs-repositories-old/a/b.git")
    assert not is_writer(2990, "/")


def test_program_and_data_below_the_home_are_neither_carried_nor_removed_with_it(forge: GogsLayout) -> None:
    for name in ("gogs/gogs", "gogs/custom/conf/app.ini", "gogs-repositories/a/b.git/HEAD", ".netrc", "data/notes"):
        (forge.home / name).parent.mkdir(parents=True, exist_ok=True)
        (forge.home / name).write_text("x")

    assert home.describe_home(forge)["names"] == [".netrc", "data"]
    assert [path.name for path in home.list_secret_files(forge)] == [".netrc", "notes"]
    home.clear_home(forge)
    assert sorted(path.name for path in forge.home.iterdir()) == ["gogs", "gogs-repositories"]
    assert (forge.home / "gogs-repositories/a/b.git/HEAD").exists()


def test_the_home_is_restored_but_for_other_places(forge: GogsLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1)
    (forge.home / "data").mkdir(parents=True)
    (forge.home / "data/notes").write_text("x")
    packed = home.pack(forge)
    (forge.home / "data/notes").unlink()
    home.restore(forge, packed)
    assert (forge.home / "data/notes").read_text() == "x"
    with pytest.raises(NotConfigured, match="outside the home"):
        home._check_path(forge, "gogs-repositories/a")


def test_each_folder_has_a_mount_unit_with_the_name_that_systemd_requires(forge: GogsLayout) -> None:
    assert data_roots.list_units(forge) == [
        "srv-gogs-data-attachments.mount",
        "srv-gogs-data-sessions.mount",
        "srv-gogs-data-ssh.mount",
        "srv-gogs-repositories.mount",
    ]
    assert data_roots.name_unit("/srv/gogs/data/repo-avatars") == "srv-gogs-data-repo\\x2davatars.mount"


def test_a_folder_that_is_not_mounted_is_not_taken_for_an_empty_one(forge: GogsLayout) -> None:
    with pytest.raises(NotChecked, match="home/git/gogs/data/attachments does not exist"):
        data_roots.require_exposed(forge)
    for _place, path in data_roots.list_roots(forge):
        path.mkdir(parents=True, exist_ok=True)
    with pytest.raises(NotChecked, match=r"attachments is not mounted at .*/srv/gogs/data/attachments"):
        data_roots.require_exposed(forge)


def test_a_link_may_lead_to_the_path_that_gogs_knows(forge: GogsLayout, tmp_path: Path) -> None:
    rules, shared = forge.application.files, forge.shared
    (shared / "repositories").mkdir(parents=True)
    link = shared / "repositories/link"
    link.symlink_to("/home/git/gogs-repositories/a/b.git")
    assert read_entry(shared, link, list_sites(rules, shared))
    link.unlink()
    link.symlink_to("/home/git/elsewhere")
    with pytest.raises(LeadsOut):
        read_entry(shared, link, list_sites(rules, shared))
    assert list_sites(Layout(tmp_path / "none").application.files, shared) == (shared,)


def test_a_mount_behind_a_symbolic_link_is_unmounted(forge: GogsLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given repositories on a disk of their own, to which the application's path is a symbolic link, and the shared folder mounted there
    place, path = next(pair for pair in data_roots.list_roots(forge) if pair[0].name == "repositories")
    disk = forge.root / "data/repos"
    disk.mkdir(parents=True)
    for link in (place, path):
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(disk)
    mounted = {str(disk)}
    monkeypatch.setattr(data_roots, "list_mount_points", lambda: mounted)
    monkeypatch.setattr(data_roots, "run", lambda *words: mounted.discard(words[-1]))

    data_roots.unbind(forge)

    assert mounted == set()
