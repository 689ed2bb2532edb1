"""Files that must not be in an image are found, overwritten and removed. A file that cannot be overwritten fails the image."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.files import efs
from cutover_site.gogs.layout import GogsLayout
from cutover_site.launch import database_copy, image
from cutover_site.layout import Layout
from cutover_site.providers import PROVIDERS, Traces
from cutover_site.system import file_flags, systemd

from tests.unit.site.own_places import FACTS
from tests.unit.site.test_own_places import write_site_file


class Fstrim:
    def __init__(self, code: int, stderr: bytes) -> None:
        self.returncode, self.stderr = code, stderr

    def __call__(self, *_command: str, **_options: Any) -> Fstrim:
        return self


@pytest.mark.parametrize(
    ("code", "stderr", "outcome"),
    [(0, b"", "discarded"), (1, b"fstrim: /: the discard operation is not supported", "kept")],
)
def test_free_blocks_are_discarded_when_the_disk_supports_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, stderr: bytes, outcome: str
) -> None:
    monkeypatch.setattr(image, "run", Fstrim(code, stderr))
    assert image.discard_free_blocks(tmp_path) == outcome


@pytest.mark.parametrize("stderr", [b"fstrim: /: FITRIM ioctl failed: Input/output error", b""])
def test_a_failed_discard_fails_the_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: bytes) -> None:
    monkeypatch.setattr(image, "run", Fstrim(1, stderr))
    with pytest.raises(image.NotClean, match="not discarded"):
        image.discard_free_blocks(tmp_path)


def test_secrets_are_found_at_any_depth(tmp_path: Path) -> None:
    secrets = {
        "var/lib/gogs/sessions/a/b/ab12", "srv/gogs/data/ssh/gogs.rsa", "opt/gogs/custom/conf/app.ini", "opt/gogs/custom/conf/app.ini.bak",
        "opt/gogs/custom/conf/.app.ini.before", "etc/ssh/ssh_host_ed25519_key", "home/ann/.ssh/id_rsa", "root/.my.cnf",
    }  # fmt: skip
    for path in [*secrets, "opt/gogs/custom/conf/auth.d/ldap.conf", "etc/ssh/sshd_config"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert {
        str(path.relative_to(tmp_path))
        for path in image.find_matches(tmp_path, (*PROFILE.image.secrets, *image.SECRETS))
        if path.is_file()
    } == secrets


def test_files_that_must_not_be_in_an_image_are_found(tmp_path: Path) -> None:
    for path in ("srv/gogs/repositories/a.git/HEAD", "etc/ssh/ssh_host_rsa_key", "boot/ce_conversion/cutover"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    remaining = {str(path.relative_to(tmp_path)) for path in image.find_remains(Layout(tmp_path))}
    assert remaining == {"srv/gogs/repositories", "etc/ssh/ssh_host_rsa_key", "boot/ce_conversion/cutover"}
    image.empty_folder(tmp_path / "srv/gogs")
    for unwanted in image.find_matches(tmp_path, image.REMOVED):
        image.remove_path(unwanted)
    assert image.find_remains(Layout(tmp_path)) == []


@pytest.mark.parametrize("traces", PROVIDERS)
def test_the_traces_of_every_provider_are_removed(tmp_path: Path, traces: Traces) -> None:
    remaining = [tmp_path / path.replace("*", "remaining") for path in traces.removed]
    kept = [tmp_path / folder for folder in traces.emptied]
    for path in [*remaining, *(folder / "remaining" for folder in kept)]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    assert set(remaining) <= set(image.find_remains(Layout(tmp_path)))
    for folder in image.EMPTIED:
        image.empty_folder(tmp_path / folder)
    for unwanted in image.find_matches(tmp_path, image.REMOVED):
        image.remove_path(unwanted)

    assert [path for path in remaining if path.exists()] == []
    assert [list(folder.iterdir()) for folder in kept] == [[]] * len(kept)


@pytest.fixture
def replica(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A replica's disk with secrets. `held` has a second link to each secret, which stands for a free block with its content."""
    for name in ("disable", "enable"):
        monkeypatch.setattr(systemd, name, lambda _unit: None)
    monkeypatch.setattr(systemd, "is_active", lambda _unit: False)
    monkeypatch.setattr(systemd, "stop", lambda _unit: None)
    monkeypatch.setattr(efs, "unmount", lambda _machine: None)
    monkeypatch.setattr(image, "run", Fstrim(0, b""))
    for path in (*FILES, "opt/gogs/custom/conf/auth.d/ldap.conf", "etc/machine-id"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("secret")
    (tmp_path / "held").mkdir()
    for number, path in enumerate(FILES):
        os.link(tmp_path / path, tmp_path / "held" / str(number))
    return SimpleNamespace(
        layout=GogsLayout(tmp_path), config=SimpleNamespace(roles=("source-app",), has_managed_database=False)
    )


FILES = (
    "opt/gogs/custom/conf/app.ini",
    "var/lib/gogs/sessions/a/b/ab12",
    "var/lib/gogs/.netrc",
    "var/lib/gogs/.ssh/id_ed25519",
    "var/lib/gogs/bin/notify-deploy",
    "srv/gogs/data/ssh/gogs.rsa",
    "etc/ssh/ssh_host_rsa_key",
    "root/.ssh/id_rsa",
    "root/.git-credentials",
    "root/.aws/credentials",
    "home/git/.netrc",
    "var/lib/amazon/ssm/Vault/Store/RegistrationKey",
)


def test_a_prepared_disk_contains_no_secret_even_in_free_blocks(replica: Any) -> None:
    assert image.prepare_image(replica)["free_blocks"] == "discarded"
    root = replica.layout.root
    assert not any((root / path).is_file() for path in FILES)
    assert {content for path in (root / "held").iterdir() for content in path.read_bytes()} == {0}
    assert replica.layout.app_ini.readlink() == replica.layout.volatile_app_ini
    assert (root / "opt/gogs/custom/conf/auth.d/ldap.conf").exists()


def can_protect(path: Path) -> bool:
    try:
        file_flags.write_flags(path, file_flags.read_flags(path) | file_flags.IMMUTABLE)
        file_flags.write_flags(path, file_flags.read_flags(path) & ~file_flags.IMMUTABLE)
    except OSError:
        return False
    return True


def test_a_protected_file_is_overwritten_and_removed_too(replica: Any) -> None:
    root, log = replica.layout.root, replica.layout.root / "var/log/auth.log"
    log.parent.mkdir(parents=True)
    log.write_text("secret")
    if not can_protect(log):
        pytest.skip("this user or this file system cannot protect files")
    # Given a server whose administrator has protected settings, keys and logs by chattr
    protected = {
        root / FILES[0]: file_flags.IMMUTABLE,
        root / "root/.ssh/id_rsa": file_flags.IMMUTABLE,
        root / "root/.ssh": file_flags.IMMUTABLE,
        log: file_flags.APPEND_ONLY,
    }
    before = {path: file_flags.read_flags(path) for path in protected}
    try:
        for path, flag in protected.items():
            file_flags.write_flags(path, before[path] | flag)
        image.prepare_image(replica)
    finally:
        for path in protected:
            if path.exists() and not path.is_symlink():
                file_flags.write_flags(path, before[path])
    assert not any((root / path).is_file() for path in FILES)
    assert {content for path in (root / "held").iterdir() for content in path.read_bytes()} == {0}
    assert log.read_bytes() == b""


def test_the_copy_of_a_database_is_not_in_the_image(replica: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []
    monkeypatch.setattr(systemd, "is_loaded", lambda unit: unit == "mariadb.service")
    monkeypatch.setattr(systemd, "stop", lambda _unit, **_: None)
    monkeypatch.setattr(systemd, "mask", masked.append)
    data, elsewhere = replica.layout.root / "var/lib/mysql", replica.layout.root / "data/db"
    for folder in (data / "gogs", elsewhere / "gogs"):
        folder.mkdir(parents=True)
        (folder / "user.ibd").write_text("rows")
    monkeypatch.setattr(database_copy, "read_options", lambda _root: {"datadir": "data/db"})
    monkeypatch.setattr(Path, "is_mount", lambda path: path == elsewhere)
    replica.config.roles = ("source-app", "source-database")

    image.prepare_image(replica)

    assert masked == ["mariadb.service"]
    assert [list(folder.iterdir()) for folder in (data, elsewhere)] == [[], []]


def test_an_image_with_the_rows_of_a_database_is_refused(replica: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (replica.layout.root / "var/lib/mysql/gogs").mkdir(parents=True)
    replica.config.roles = ("source-app", "source-database")
    monkeypatch.setattr(database_copy, "remove_copy", lambda _machine: None)
    with pytest.raises(image.NotClean, match="var/lib/mysql/gogs"):
        image.prepare_image(replica)


def test_a_secret_that_cannot_be_overwritten_fails_the_image(replica: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def erase(_path: Path) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr(image, "erase", erase)
    with pytest.raises(OSError, match="read-only"):
        image.prepare_image(replica)


@pytest.fixture
def adopted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GogsLayout:
    """The disk of a replica whose source keeps its own places."""
    for name in ("disable", "enable", "stop"):
        monkeypatch.setattr(systemd, name, lambda _unit: None)
    monkeypatch.setattr(systemd, "is_active", lambda _unit: False)
    monkeypatch.setattr(efs, "unmount", lambda _machine: None)
    monkeypatch.setattr(image, "run", Fstrim(0, b""))
    facts = {**FACTS, "secret_files": ["/etc/nginx/forge.key"]}
    for path in ADOPTED_FILES + ADOPTED_KEPT:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("secret")
    return write_site_file(tmp_path, facts)


ADOPTED_FILES = (
    "home/git/gogs/custom/conf/app.ini",
    "home/git/gogs/data/ssh/gogs.rsa",
    "home/git/gogs/data/attachments/1/2/a",
    "home/git/gogs-repositories/a/b.git/HEAD",
    "home/git/gogs/log/gogs.log",
    "home/git/.netrc",
    "home/git/.ssh/id_ed25519",
    "mnt/sessions/a/b",
    "etc/nginx/forge.key",
    "var/lib/cutover/adopted/003-before",
    "etc/systemd/system/srv-gogs-repositories.mount",
)
ADOPTED_KEPT = (
    "home/git/gogs/gogs",
    "home/git/gogs/custom/templates/home.tmpl",
    "home/git/.ssh/known_hosts",
    "etc/haproxy/cutover/target.cfg",
    "etc/machine-id",
)


APPLICATION_ALONE = SimpleNamespace(roles=("source-app",), has_managed_database=False)


def test_the_image_of_an_adopted_site_has_its_program_and_nothing_else_of_it(adopted: GogsLayout) -> None:
    image.prepare_image(SimpleNamespace(layout=adopted, config=APPLICATION_ALONE))  # type: ignore[arg-type]

    root = adopted.root
    assert [path for path in ADOPTED_FILES if (root / path).is_file()] == []
    assert [path for path in ADOPTED_KEPT if not (root / path).is_file()] == []
    assert adopted.app_ini.readlink() == adopted.volatile_app_ini
    assert (root / "home/git/gogs-repositories").is_dir()
    assert (root / "etc/haproxy/haproxy.cfg").read_text() == "secret"  # what the target's proxy has


def test_an_image_with_data_of_an_adopted_site_is_refused(adopted: GogsLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "empty_folder", lambda _folder: None)
    monkeypatch.setattr(image, "empty_local_folder", lambda _folder: None)
    with pytest.raises(image.NotClean, match="gogs-repositories/a"):
        image.prepare_image(SimpleNamespace(layout=adopted, config=APPLICATION_ALONE))  # type: ignore[arg-type]
