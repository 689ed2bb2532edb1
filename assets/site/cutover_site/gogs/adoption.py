"""Compare an app.ini that this product did not write with the settings that the playbook would write.

Such a site keeps its secret key, and loses no data to settings that differ from its own.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cutover_site.errors import Refused
from cutover_site.gogs import effective, identity
from cutover_site.gogs.ini import Ini, load
from cutover_site.gogs.layout import SSH_PORT, GogsLayout
from cutover_site.gogs.renames import modernize

GOGS_SECRET_KEY = "!#@FDEWREWR&*("
"""the key that Gogs uses when app.ini has no SECRET_KEY: the default of its own app.ini, the same in 0.6 to 0.14"""
SHIPPED = {"server": {"PROTOCOL": "http", "DOMAIN": "localhost", "HTTP_PORT": "3000", "APP_DATA_PATH": "data"}}
"""defaults that values of the site's own app.ini may refer to"""
STANDARD_PORTS = {"http": 80, "https": 443}
DATABASE_PORT = 3306


@dataclass(frozen=True)
class Wanted:
    """The settings that the playbook was run with."""

    site_url: str
    database_host: str
    database_port: int


def read_app_ini(layout: GogsLayout) -> Ini | None:
    """Return the existing app.ini with today's names of the settings; None when there is none. Raises NotConfigured."""
    return modernize(load(layout.app_ini)) if layout.app_ini.is_file() else None


def find_secret_key(ini: Ini) -> str:
    """Return the key that encrypts this site's second factors; empty when it has none yet.

    Raises Refused when the key cannot be determined.
    """
    if names := effective.list_variables(ini, "security", "SECRET_KEY"):
        raise Refused(
            f"[security] SECRET_KEY of app.ini comes from the environment variable {names[0]}, which cutover-site cannot read",
            next_action="write the key itself into app.ini, then run the playbook again",
        )
    installed = effective.is_true(ini, "security", "INSTALL_LOCK")
    if not ini.has("security", "SECRET_KEY"):
        return GOGS_SECRET_KEY if installed else ""
    found = effective.get_effective_value(ini, "security", "SECRET_KEY")
    if installed and not found:
        raise Refused(
            "[security] SECRET_KEY of app.ini is empty: this site encrypts second factors by no key, and another one would lose them",
            next_action="set a key of your own, have users with second factors enrol them again, then run the playbook again",
        )
    return found


def find_differences(ini: Ini, wanted: Wanted, layout: GogsLayout, *, adopted: bool) -> list[str]:
    """Return a sentence for each setting that cannot be replaced without loss.

    `adopted`: this product wrote the file, so its address and its database follow the playbook.
    """
    found = [*_check_folders(ini, layout), *_check_schema(ini, layout.application.database.primary)]
    return found if adopted else [*found, *_check_address(ini, wanted), *_check_database(ini, wanted)]


def find_warnings(ini: Ini) -> list[str]:
    """Return a sentence for each change that this site's users will notice."""
    if not identity.is_enabled(ini):
        return []
    header = effective.get_effective_value(ini, "auth", "REVERSE_PROXY_AUTHENTICATION_HEADER") or identity.DEFAULT
    address = effective.get_effective_value(ini, "server", "HTTP_ADDR", "0.0.0.0")
    guard = (
        "until now its app.ini let nobody but this machine reach Gogs, so a proxy here set it"
        if address.startswith("127.") or address in ("localhost", "::1")
        else f"until now Gogs listened at {address}, where anybody who reached that port could set it"
    )
    return [
        f"Users of this site are signed in by the header {header}; {guard}. The front of this site deletes it from every request, here and on the"
        " targets: these users need a password or another way to sign in."
    ]


def find_replaced(ini: Ini, ssh_name: str) -> list[str]:
    """Return a sentence for each setting that the playbook replaces without loss of data, where users notice it.

    `ssh_name`: the name in clone addresses from now on.
    """
    found = []
    # Sessions in memory end with every restart of Gogs, which users of the site know.
    provider = effective.get_effective_value(ini, "session", "PROVIDER", "memory")
    if provider.lower() not in ("file", "memory"):
        found.append(
            f"[session] PROVIDER is {provider}, and sessions are kept in files from now on: users must sign in again."
        )
    domain = effective.get_effective_value(ini, "server", "DOMAIN", SHIPPED["server"]["DOMAIN"])
    before = effective.get_effective_value(ini, "server", "SSH_DOMAIN", domain)
    is_used = before != SHIPPED["server"]["DOMAIN"] and not effective.is_true(ini, "server", "DISABLE_SSH")
    if is_used and before.lower() != ssh_name.lower():
        found.append(
            f"Clone addresses for SSH named {before} until now, and name {ssh_name} from now on. After the migration no SSH is at {before}, unless"
            " you let it lead to the load balancer for SSH: users must change their remotes."
        )
    return found


def _check_folders(ini: Ini, layout: GogsLayout) -> Iterator[str]:
    base = layout.binary.parent
    keys = str(Path(effective.get_effective_value(ini, "server", "APP_DATA_PATH", "data")) / "ssh")
    places = (
        ("[repository] ROOT", effective.get_effective_value(ini, "repository", "ROOT"), str(layout.home / "gogs-repositories"), layout.repositories),
        ("[attachment] PATH", effective.get_effective_value(ini, "attachment", "PATH"), "data/attachments", layout.data / "attachments"),
        ("[picture] AVATAR_UPLOAD_PATH", effective.get_effective_value(ini, "picture", "AVATAR_UPLOAD_PATH"), "data/avatars", layout.data / "avatars"),
        ("[picture] REPOSITORY_AVATAR_UPLOAD_PATH", effective.get_effective_value(ini, "picture", "REPOSITORY_AVATAR_UPLOAD_PATH"), "data/repo-avatars", layout.data / "repo-avatars"),
        ("[lfs] OBJECTS_PATH", effective.get_effective_value(ini, "lfs", "OBJECTS_PATH"), "data/lfs-objects", layout.data / "lfs-objects"),
        ("the folder of the SSH server's keys, below [server] APP_DATA_PATH,", "", keys, layout.data / "ssh"),
    )  # fmt: skip
    for what, stated, default, ours in places:
        folder = base / (stated or default)  # an absolute path replaces the base
        # The disk of a folder with an absolute path may not be mounted now.
        counts = Path(stated).is_absolute() or _has_entries(folder)
        if counts and folder.resolve() != ours.resolve():
            yield f"{what} is {folder}, this site keeps it in {ours}"


def _has_entries(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return False


def _check_schema(ini: Ini, schema: str) -> Iterator[str]:
    kind = effective.get_effective_value(ini, "database", "TYPE", "mysql")
    name = effective.get_effective_value(ini, "database", "NAME", schema).partition("?")[0]
    if kind.lower() != "mysql":
        yield f"[database] TYPE is {kind}, only mysql can be migrated"
    elif name != schema:
        yield f"[database] NAME is {name}, this site's schema is {schema}"


def _check_database(ini: Ini, wanted: Wanted) -> Iterator[str]:
    if not (stated := effective.get_effective_value(ini, "database", "HOST")):
        return
    host, _, port = stated.rpartition(":") if ":" in stated and not stated.endswith("]") else (stated, "", "")
    same = (
        port in ("", str(wanted.database_port))
        if wanted.database_port == DATABASE_PORT
        else port == str(wanted.database_port)
    )
    if not same or not _is_same_host(host, wanted.database_host):
        yield f"[database] HOST is {stated}, the playbook was run for {wanted.database_host}:{wanted.database_port}"


def _is_same_host(one: str, other: str) -> bool:
    return one.lower() == other.lower() or bool(_resolve_addresses(one) & _resolve_addresses(other))


def _resolve_addresses(host: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return set()


def _check_address(ini: Ini, wanted: Wanted) -> Iterator[str]:
    protocol = effective.get_effective_value(ini, "server", "PROTOCOL", "http")
    if protocol.lower() != "http":
        yield f"[server] PROTOCOL is {protocol}, this site's Gogs speaks http to the front on its own machine and to nobody else"
    sections = {name: {**SHIPPED.get(name, {}), **ini.sections.get(name, {})} for name in {*SHIPPED, *ini.sections}}
    url = effective.get_effective_value(Ini(sections), "server", "EXTERNAL_URL")
    if url and normalize_url(url) != normalize_url(wanted.site_url):
        yield f"[server] EXTERNAL_URL (ROOT_URL) is {url}, the playbook was run for {wanted.site_url}"
    port = effective.get_effective_value(ini, "server", "SSH_PORT")
    if port and port != str(SSH_PORT) and not effective.is_true(ini, "server", "DISABLE_SSH"):
        yield f"[server] SSH_PORT is {port}, this site's users reach SSH at port {SSH_PORT}"


def normalize_url(url: str) -> tuple[str, str, int | None, str]:
    """Return scheme, host, port and path of an address, equal for two that lead to the same place."""
    parts = urlsplit(url)
    try:
        port = parts.port or STANDARD_PORTS.get(parts.scheme.lower())
    except ValueError:
        port = None
    return parts.scheme.lower(), parts.hostname or "", port, parts.path.rstrip("/")
