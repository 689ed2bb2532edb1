"""Read the inventory of an existing Gogs. Changes nothing.

Source: `Init` of Gogs 0.14 (conf.go) for paths and addresses, `openDB` for the database, and the SSH server of 0.9 to 0.14 for its keys.
"""

from __future__ import annotations

import os.path
import re
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from cutover_site.errors import CommandFailed, NotConfigured
from cutover_site.files.tree import walk
from cutover_site.gogs.existing.inventory import (
    BUILT_IN,
    DISABLED,
    MYSQL,
    OPENSSH,
    DatabasePlace,
    DataRoot,
    Http,
    Inventory,
    Ssh,
)
from cutover_site.gogs.existing.places import Place
from cutover_site.gogs.existing.settings import GogsSettings, read_settings
from cutover_site.system.commands import read_output_as

ROOTS = (
    ("attachments", "attachment", "PATH"),
    ("avatars", "picture", "AVATAR_UPLOAD_PATH"),
    ("repository avatars", "picture", "REPOSITORY_AVATAR_UPLOAD_PATH"),
    ("LFS objects", "lfs", "OBJECTS_PATH"),
)
DATABASE_PORT = 3306
MAX_CUSTOM = 40
"""names of files in the custom directory"""
_VERSION = re.compile(r"\b(\d+\.\d+\.\d+(?:\.\d+)?)")


def read_inventory(place: Place, *, is_version_read: bool = True) -> Inventory:
    """Read one installation. `is_version_read`: start its program, as its own user, to ask for the version.

    Raises OSError when app.ini cannot be read, NotConfigured when Gogs could not read it either.
    """
    settings = read_settings(place)
    repositories = _read_repository_root(settings)
    provider = settings.get("session", "PROVIDER").lower()
    return Inventory(
        place=place,
        version=_read_version(place) if is_version_read else "",
        run_user=settings.get("", "RUN_USER"),
        is_installed=settings.is_true("security", "INSTALL_LOCK"),
        roots=(repositories, *_read_roots(settings)),
        http=_read_http(settings),
        ssh=_read_ssh(settings),
        database=_read_database(settings),
        session_provider=provider,
        session_folder=_resolve_from_process(settings, settings.get("session", "PROVIDER_CONFIG"))
        if provider == "file"
        else "",
        cache=settings.get("cache", "ADAPTER").lower(),
        customized=_list_customized(place),
        repositories_count=sum(1 for _ in repositories.path.glob("*/*.git")),
        data_folder=settings.get_path("server", "APP_DATA_PATH"),
        log_folder=settings.resolve(settings.get("log", "ROOT_PATH") or "log"),
        old_names=settings.old_names,
    )


def _read_repository_root(settings: GogsSettings) -> DataRoot:
    stated = settings.get("repository", "ROOT")
    default = Path(settings.place.home or "/") / "gogs-repositories"
    return DataRoot("repositories", "[repository] ROOT", settings.resolve(stated or str(default)))


def _read_roots(settings: GogsSettings) -> list[DataRoot]:
    found = [DataRoot(name, f"[{section}] {key}", settings.get_path(section, key)) for name, section, key in ROOTS]
    keys = settings.get_path("server", "APP_DATA_PATH") / "ssh"
    return [*found, DataRoot("SSH server's keys", "[server] APP_DATA_PATH", keys)]


def _read_http(settings: GogsSettings) -> Http:
    protocol = settings.get("server", "PROTOCOL").lower()
    address, port = settings.get("server", "HTTP_ADDR"), settings.get("server", "HTTP_PORT")
    url = settings.get("server", "EXTERNAL_URL")
    try:
        parts = urlsplit(url)
    except ValueError as error:  # such as an IPv6 address without its second bracket
        raise NotConfigured(
            f"[server] EXTERNAL_URL is {url}, which is no address of a site: {error}",
            next_action="set it to the address that users use",
        ) from error
    is_socket = protocol == "unix"
    return Http(
        url=url,
        protocol=protocol,
        address="" if is_socket else address,
        port=0 if is_socket else _parse_port(port),
        socket=_resolve_from_process(settings, address) if is_socket else "",
        host=parts.hostname or "",
        sub_path=parts.path.rstrip("/"),
    )


def _read_ssh(settings: GogsSettings) -> Ssh:
    disabled, built_in = settings.is_true("server", "DISABLE_SSH"), settings.is_true("server", "START_SSH_SERVER")
    mode = DISABLED if disabled else BUILT_IN if built_in else OPENSSH
    folder = settings.get("server", "SSH_ROOT_PATH") or os.path.join(settings.place.home or "/", ".ssh")  # noqa: PTH118
    return Ssh(
        mode=mode,
        domain=settings.get("server", "SSH_DOMAIN"),
        port=_parse_port(settings.get("server", "SSH_PORT")),
        listen_address=settings.get("server", "SSH_LISTEN_HOST") if mode == BUILT_IN else "",
        listen_port=_parse_port(settings.get("server", "SSH_LISTEN_PORT")) if mode == BUILT_IN else 0,
        authorized_keys=str(settings.resolve(folder) / "authorized_keys") if mode == OPENSSH else "",
    )


def _read_database(settings: GogsSettings) -> DatabasePlace:
    kind = settings.get("database", "TYPE").lower()
    stated = settings.get("database", "HOST")
    name, _, options = settings.get("database", "NAME").partition("?")
    socket = stated if stated.startswith("/") else ""
    host, port = ("", 0) if socket or kind != MYSQL else _split_address(stated)
    return DatabasePlace(
        kind=kind,
        host=host,
        port=port,
        socket=socket,
        schema=name,
        user=settings.get("database", "USER"),
        has_tls=bool(re.search(r"(?:^|&)tls=(?!false)", options)),
    )


def _split_address(text: str) -> tuple[str, int]:
    """Return host and port. The driver adds the port 3306 to an address without one."""
    if text.endswith("]") or ":" not in text:
        return text.strip("[]") or "127.0.0.1", DATABASE_PORT
    host, _, port = text.rpartition(":")
    return host.strip("[]") or "127.0.0.1", _parse_port(port) or DATABASE_PORT


def _parse_port(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _resolve_from_process(settings: GogsSettings, path: str) -> str:
    """Return a path that the process itself opens, from its working directory."""
    return os.path.normpath(os.path.join(settings.place.folder or str(settings.place.work_folder), path))  # noqa: PTH118


def _list_customized(place: Place) -> tuple[str, ...]:
    """Return the first files of the custom directory besides app.ini. It may be any folder, so the search is bounded."""
    folder = place.custom_folder
    files = (path for path in walk(folder) if path != place.app_ini and (path.is_symlink() or path.is_file()))
    return tuple(str(path.relative_to(folder)) for path in islice(files, MAX_CUSTOM))


def _read_version(place: Place) -> str:
    """Return the version that the program prints; empty when it does not. It runs as its own user: that user may replace the program."""
    if not place.account or not place.program.is_file() or place.is_in_container:
        return ""
    try:
        text = read_output_as(place.account.uid, place.account.gid, str(place.program), "--version", timeout=20)
    except CommandFailed:
        return ""
    found = _VERSION.search(text)
    return found[1] if found else ""
