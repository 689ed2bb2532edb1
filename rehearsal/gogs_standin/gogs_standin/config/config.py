"""Parse the settings of one process once, from app.ini and the environment."""

# ruff: noqa: RUF009  (key() is a dataclass field)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .ini import Ini
from .keys import (
    Directories,
    Key,
    declare_key,
    make_word_parser,
    parse_address,
    parse_number,
    parse_path,
    parse_path_of_process,
    parse_truth,
)


class ConfigError(Exception):
    """A setting in app.ini or in the environment is wrong. The message is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Each setting with its key and its default. Paths are absolute."""

    binary: Path
    app_ini: Path

    brand: str = declare_key("", "BRAND_NAME", "Gogs")
    run_user: str = declare_key("", "RUN_USER", "git")
    installed: bool = declare_key("security", "INSTALL_LOCK", "no", parse_truth)
    secret_key: str = declare_key("security", "SECRET_KEY", secret=True)

    external_url: str = declare_key("server", "EXTERNAL_URL", "%(PROTOCOL)s://%(DOMAIN)s:%(HTTP_PORT)s/", parse_address)
    domain: str = declare_key("server", "DOMAIN", "localhost")
    protocol: str = declare_key("server", "PROTOCOL", "http")
    http_address: str = declare_key("server", "HTTP_ADDR", "0.0.0.0")
    http_port: int = declare_key("server", "HTTP_PORT", "3000", parse_number)
    landing_url: str = declare_key("server", "LANDING_URL", "/")
    sign_in_required: bool = declare_key("auth", "REQUIRE_SIGNIN_VIEW", "no", parse_truth)

    ssh_disabled: bool = declare_key("server", "DISABLE_SSH", "no", parse_truth)
    ssh_server: bool = declare_key("server", "START_SSH_SERVER", "no", parse_truth)
    ssh_domain: str = declare_key("server", "SSH_DOMAIN", "%(DOMAIN)s")
    ssh_port: int = declare_key("server", "SSH_PORT", "22", parse_number)
    ssh_listen_host: str = declare_key("server", "SSH_LISTEN_HOST", "0.0.0.0")
    ssh_listen_port: int = declare_key("server", "SSH_LISTEN_PORT", "%(SSH_PORT)s", parse_number)
    ssh_sizes_checked: bool = declare_key("server", "MINIMUM_KEY_SIZE_CHECK", "no", parse_truth)
    ssh_least_ed25519: int = declare_key("ssh.minimum_key_sizes", "ED25519", "256", parse_number)
    ssh_least_ecdsa: int = declare_key("ssh.minimum_key_sizes", "ECDSA", "256", parse_number)
    ssh_least_rsa: int = declare_key("ssh.minimum_key_sizes", "RSA", "2048", parse_number)

    # Since 0.13 a missing TYPE means postgres, so that an app.ini with old names fails at once.
    database_type: str = declare_key("database", "TYPE", "postgres")
    database_host: str = declare_key("database", "HOST", "127.0.0.1:3306")
    database_name: str = declare_key("database", "NAME", "gogs")
    database_user: str = declare_key("database", "USER", "gogs")
    database_password: str = declare_key("database", "PASSWORD", secret=True)
    database_connections: int = declare_key("database", "MAX_OPEN_CONNS", "30", parse_number)

    session_provider: str = declare_key("session", "PROVIDER", "memory")
    session_path: Path = declare_key("session", "PROVIDER_CONFIG", "data/sessions", parse_path_of_process)
    session_cookie: str = declare_key("session", "COOKIE_NAME", "i_like_gogs")
    session_seconds: int = declare_key("session", "MAX_LIFE_TIME", "86400", parse_number)
    cookie_secure: bool = declare_key("session", "COOKIE_SECURE", "no", parse_truth)
    csrf_cookie: str = declare_key("session", "CSRF_COOKIE_NAME", "_csrf")

    repositories: Path = declare_key("repository", "ROOT", "gogs-repositories", parse_path)
    default_branch: str = declare_key("repository", "DEFAULT_BRANCH", "master")
    http_git_disabled: bool = declare_key("repository", "DISABLE_HTTP_GIT", "no", parse_truth)
    repository_limit: int = declare_key("repository", "MAX_CREATION_LIMIT", "-1", parse_number)

    app_data: Path = declare_key("server", "APP_DATA_PATH", "data", parse_path)
    lfs_storage: str = declare_key("lfs", "STORAGE", "local")
    lfs_objects: Path = declare_key("lfs", "OBJECTS_PATH", "data/lfs-objects", parse_path)
    lfs_incoming: Path = declare_key("lfs", "OBJECTS_TEMP_PATH", "data/tmp/lfs-objects", parse_path)
    attachments: Path = declare_key("attachment", "PATH", "data/attachments", parse_path)
    attachments_enabled: bool = declare_key("attachment", "ENABLED", "yes", parse_truth)
    attachment_types: tuple[str, ...] = declare_key(
        "attachment", "ALLOWED_TYPES", "image/jpeg|image/png", make_word_parser("|")
    )
    attachment_megabytes: int = declare_key("attachment", "MAX_SIZE", "4", parse_number)
    release_types: tuple[str, ...] = declare_key("release.attachment", "ALLOWED_TYPES", "*/*", make_word_parser("|"))
    release_megabytes: int = declare_key("release.attachment", "MAX_SIZE", "32", parse_number)
    news: int = declare_key("ui.user", "NEWS_FEED_PAGING_NUM", "20", parse_number)
    avatars: Path = declare_key("picture", "AVATAR_UPLOAD_PATH", "data/avatars", parse_path)
    repository_avatars: Path = declare_key("picture", "REPOSITORY_AVATAR_UPLOAD_PATH", "data/repo-avatars", parse_path)
    gravatar_disabled: bool = declare_key("picture", "DISABLE_GRAVATAR", "no", parse_truth)
    offline: bool = declare_key("server", "OFFLINE_MODE", "no", parse_truth)
    log: Path = declare_key("log", "ROOT_PATH", "log", parse_path)

    deliver_seconds: int = declare_key("webhook", "DELIVER_TIMEOUT", "15", parse_number)
    deliver_unverified: bool = declare_key("webhook", "SKIP_TLS_VERIFY", "no", parse_truth)
    local_network_allowlist: tuple[str, ...] = declare_key(
        "security", "LOCAL_NETWORK_ALLOWLIST", "", make_word_parser(",")
    )

    @property
    def host(self) -> str:
        return urlsplit(self.external_url).hostname or "localhost"

    @property
    def subpath(self) -> str:
        """Return the path below which the site is, without a slash at its end."""
        return urlsplit(self.external_url).path.rstrip("/")

    @property
    def https(self) -> bool:
        return self.external_url.startswith("https://")

    @property
    def refused_keys(self) -> tuple[str, ...]:
        """Return the beginnings of the types of SSH keys that nobody may add."""
        least = {"ssh-ed25519": self.ssh_least_ed25519, "ecdsa-": self.ssh_least_ecdsa, "ssh-rsa": self.ssh_least_rsa}
        return tuple(kind for kind, size in least.items() if size == -1) if self.ssh_sizes_checked else ()

    @property
    def gravatar(self) -> bool:
        return not (self.gravatar_disabled or self.offline)

    @property
    def tmp(self) -> Path:
        """Return the work space of this process, which is emptied at every start."""
        return self.app_data / "tmp"

    @property
    def ssh_keys(self) -> Path:
        return self.app_data / "ssh"


def load(custom: str, binary: Path, environ: Mapping[str, str]) -> Config:
    """Read app.ini and return the settings. `custom` is the value of -c, or empty. Raises ConfigError."""
    work = Path(environ.get("GOGS_WORK_DIR") or binary.parent).absolute()
    custom_dir = Path(environ.get("GOGS_CUSTOM") or work / "custom").absolute()
    file = Path(custom).absolute() if custom else custom_dir / "conf" / "app.ini"
    keys = {field.name: field.metadata["key"] for field in fields(Config) if field.metadata}
    ini = Ini(environ, {(known.section, known.name): known.default for known in keys.values()})
    directories = Directories(work=work, process=Path.cwd())
    try:
        if file.is_file():
            ini.read(file.read_text())
        values = {name: _read_value(ini, known, directories) for name, known in keys.items()}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from error
    return Config(binary=binary, app_ini=file, **values)


def _read_value(ini: Ini, known: Key, directories: Directories) -> Any:
    try:
        return known.read(ini.get(known.section, known.name), directories)
    except ValueError as error:
        raise ValueError(f"[{known.section}] {known.name}: {error}") from error
