"""Parse the settings of one process once, from app.ini and the environment."""

# ruff: noqa: RUF009  (key() is a dataclass field)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .ini import Ini
from .keys import Directories, Key, address, key, number, path, path_of_process, words, yes


class ConfigError(Exception):
    """A setting in app.ini or in the environment is wrong. The message is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Each setting with its key and its default. Paths are absolute."""

    binary: Path
    app_ini: Path

    brand: str = key("", "BRAND_NAME", "Gogs")
    run_user: str = key("", "RUN_USER", "git")
    installed: bool = key("security", "INSTALL_LOCK", "no", yes)
    secret_key: str = key("security", "SECRET_KEY", secret=True)

    external_url: str = key("server", "EXTERNAL_URL", "%(PROTOCOL)s://%(DOMAIN)s:%(HTTP_PORT)s/", address)
    domain: str = key("server", "DOMAIN", "localhost")
    protocol: str = key("server", "PROTOCOL", "http")
    http_address: str = key("server", "HTTP_ADDR", "0.0.0.0")
    http_port: int = key("server", "HTTP_PORT", "3000", number)
    landing_url: str = key("server", "LANDING_URL", "/")
    sign_in_required: bool = key("auth", "REQUIRE_SIGNIN_VIEW", "no", yes)

    ssh_disabled: bool = key("server", "DISABLE_SSH", "no", yes)
    ssh_server: bool = key("server", "START_SSH_SERVER", "no", yes)
    ssh_domain: str = key("server", "SSH_DOMAIN", "%(DOMAIN)s")
    ssh_port: int = key("server", "SSH_PORT", "22", number)
    ssh_listen_host: str = key("server", "SSH_LISTEN_HOST", "0.0.0.0")
    ssh_listen_port: int = key("server", "SSH_LISTEN_PORT", "%(SSH_PORT)s", number)
    ssh_sizes_checked: bool = key("server", "MINIMUM_KEY_SIZE_CHECK", "no", yes)
    ssh_least_ed25519: int = key("ssh.minimum_key_sizes", "ED25519", "256", number)
    ssh_least_ecdsa: int = key("ssh.minimum_key_sizes", "ECDSA", "256", number)
    ssh_least_rsa: int = key("ssh.minimum_key_sizes", "RSA", "2048", number)

    # Since 0.13 a missing TYPE means postgres, so that an app.ini with old names fails at once.
    database_type: str = key("database", "TYPE", "postgres")
    database_host: str = key("database", "HOST", "127.0.0.1:3306")
    database_name: str = key("database", "NAME", "gogs")
    database_user: str = key("database", "USER", "gogs")
    database_password: str = key("database", "PASSWORD", secret=True)
    database_connections: int = key("database", "MAX_OPEN_CONNS", "30", number)

    session_provider: str = key("session", "PROVIDER", "memory")
    session_path: Path = key("session", "PROVIDER_CONFIG", "data/sessions", path_of_process)
    session_cookie: str = key("session", "COOKIE_NAME", "i_like_gogs")
    session_seconds: int = key("session", "MAX_LIFE_TIME", "86400", number)
    cookie_secure: bool = key("session", "COOKIE_SECURE", "no", yes)
    csrf_cookie: str = key("session", "CSRF_COOKIE_NAME", "_csrf")

    repositories: Path = key("repository", "ROOT", "gogs-repositories", path)
    default_branch: str = key("repository", "DEFAULT_BRANCH", "master")
    http_git_disabled: bool = key("repository", "DISABLE_HTTP_GIT", "no", yes)
    repository_limit: int = key("repository", "MAX_CREATION_LIMIT", "-1", number)

    app_data: Path = key("server", "APP_DATA_PATH", "data", path)
    lfs_storage: str = key("lfs", "STORAGE", "local")
    lfs_objects: Path = key("lfs", "OBJECTS_PATH", "data/lfs-objects", path)
    lfs_incoming: Path = key("lfs", "OBJECTS_TEMP_PATH", "data/tmp/lfs-objects", path)
    attachments: Path = key("attachment", "PATH", "data/attachments", path)
    attachments_enabled: bool = key("attachment", "ENABLED", "yes", yes)
    attachment_types: tuple[str, ...] = key("attachment", "ALLOWED_TYPES", "image/jpeg|image/png", words("|"))
    attachment_megabytes: int = key("attachment", "MAX_SIZE", "4", number)
    release_types: tuple[str, ...] = key("release.attachment", "ALLOWED_TYPES", "*/*", words("|"))
    release_megabytes: int = key("release.attachment", "MAX_SIZE", "32", number)
    news: int = key("ui.user", "NEWS_FEED_PAGING_NUM", "20", number)
    avatars: Path = key("picture", "AVATAR_UPLOAD_PATH", "data/avatars", path)
    repository_avatars: Path = key("picture", "REPOSITORY_AVATAR_UPLOAD_PATH", "data/repo-avatars", path)
    gravatar_disabled: bool = key("picture", "DISABLE_GRAVATAR", "no", yes)
    offline: bool = key("server", "OFFLINE_MODE", "no", yes)
    log: Path = key("log", "ROOT_PATH", "log", path)

    deliver_seconds: int = key("webhook", "DELIVER_TIMEOUT", "15", number)
    deliver_unverified: bool = key("webhook", "SKIP_TLS_VERIFY", "no", yes)
    local_network_allowlist: tuple[str, ...] = key("security", "LOCAL_NETWORK_ALLOWLIST", "", words(","))

    @property
    def host(self) -> str:
        return urlsplit(self.external_url).hostname or "localhost"

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
        values = {name: _value(ini, known, directories) for name, known in keys.items()}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from error
    return Config(binary=binary, app_ini=file, **values)


def _value(ini: Ini, known: Key, directories: Directories) -> Any:
    try:
        return known.read(ini.get(known.section, known.name), directories)
    except ValueError as error:
        raise ValueError(f"[{known.section}] {known.name}: {error}") from error
