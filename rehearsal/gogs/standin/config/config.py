"""The settings of one process, parsed once from app.ini and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from .defaults import DEFAULTS
from .ini import Ini


class ConfigError(Exception):
    """One sentence: what in app.ini or in the environment is wrong."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Paths are absolute. `password` and `secret_key` are in no repr."""

    binary: Path
    app_ini: Path
    brand: str
    run_user: str
    run_mode: str
    external_url: str
    """with a final slash"""
    protocol: str
    http_address: str
    http_port: int
    local_root_url: str
    app_data: Path
    ssh_disabled: bool
    ssh_server: bool
    ssh_domain: str
    ssh_port: int
    ssh_listen: tuple[str, int]
    repositories: Path
    default_branch: str
    http_git_disabled: bool
    database_type: str
    database_host: str
    database_name: str
    """may carry driver parameters: `gogs?tls=true`"""
    database_user: str
    database_connections: int
    installed: bool
    local_network_allowlist: tuple[str, ...]
    sign_in_required: bool
    session_provider: str
    session_path: Path
    session_cookie: str
    session_seconds: int
    cookie_secure: bool
    csrf_cookie: str
    lfs_objects: Path
    lfs_incoming: Path
    attachments: Path
    attachment_types: tuple[str, ...]
    attachment_megabytes: int
    release_types: tuple[str, ...]
    release_megabytes: int
    avatars: Path
    repository_avatars: Path
    gravatar: bool
    deliver_seconds: int
    deliver_verified: bool
    cron: bool
    log: Path
    database_password: str = field(repr=False)
    secret_key: str = field(repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.external_url).hostname or "localhost"

    @property
    def subpath(self) -> str:
        """`/sub` when the site does not live at the root of its host, else empty."""
        return urlsplit(self.external_url).path.rstrip("/")

    @property
    def tmp(self) -> Path:
        """Work space of this process alone; emptied at every start."""
        return self.app_data / "tmp"

    @property
    def ssh_keys(self) -> Path:
        return self.app_data / "ssh"


def load(custom: str, binary: Path, environ: Mapping[str, str]) -> Config:
    """`custom` is what -c names, or empty. Raises ConfigError."""
    work = Path(environ.get("GOGS_WORK_DIR") or binary.parent).absolute()
    custom_dir = Path(environ.get("GOGS_CUSTOM") or work / "custom").absolute()
    file = Path(custom).absolute() if custom else custom_dir / "conf" / "app.ini"
    ini = Ini(environ)
    ini.read(DEFAULTS)
    try:
        if file.is_file():
            ini.read(file.read_text())
        return _config(ini, binary=binary, file=file, work=work, environ=environ)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from error


def _config(ini: Ini, *, binary: Path, file: Path, work: Path, environ: Mapping[str, str]) -> Config:
    def path(section: str, key: str, default: str = "") -> Path:
        return work / (ini.get(section, key) or default)

    def words(section: str, key: str, separator: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in ini.get(section, key).split(separator) if word.strip())

    def yes(section: str, key: str) -> bool:
        return ini.get(section, key).lower() in ("1", "t", "true", "y", "yes", "on")

    def number(section: str, key: str) -> int:
        return int(ini.get(section, key))

    url = ini.get("server", "EXTERNAL_URL")
    return Config(
        binary=binary,
        app_ini=file,
        brand=ini.get("", "BRAND_NAME"),
        run_user=ini.get("", "RUN_USER"),
        run_mode=ini.get("", "RUN_MODE"),
        external_url=url if url.endswith("/") else url + "/",
        protocol=ini.get("server", "PROTOCOL"),
        http_address=ini.get("server", "HTTP_ADDR"),
        http_port=number("server", "HTTP_PORT"),
        local_root_url=ini.get("server", "LOCAL_ROOT_URL").rstrip("/") + "/",
        app_data=path("server", "APP_DATA_PATH"),
        ssh_disabled=yes("server", "DISABLE_SSH"),
        ssh_server=yes("server", "START_SSH_SERVER"),
        ssh_domain=ini.get("server", "SSH_DOMAIN"),
        ssh_port=number("server", "SSH_PORT"),
        ssh_listen=(ini.get("server", "SSH_LISTEN_HOST"), number("server", "SSH_LISTEN_PORT")),
        repositories=path("repository", "ROOT", str(Path(environ.get("HOME", "/")) / "gogs-repositories")),
        default_branch=ini.get("repository", "DEFAULT_BRANCH"),
        http_git_disabled=yes("repository", "DISABLE_HTTP_GIT"),
        database_type=ini.get("database", "TYPE"),
        database_host=ini.get("database", "HOST"),
        database_name=ini.get("database", "NAME"),
        database_user=ini.get("database", "USER"),
        database_password=ini.get("database", "PASSWORD"),
        database_connections=number("database", "MAX_OPEN_CONNS"),
        installed=yes("security", "INSTALL_LOCK"),
        secret_key=ini.get("security", "SECRET_KEY"),
        local_network_allowlist=words("security", "LOCAL_NETWORK_ALLOWLIST", ","),
        sign_in_required=yes("auth", "REQUIRE_SIGNIN_VIEW"),
        session_provider=ini.get("session", "PROVIDER"),
        # The one path that is relative to where the process was started, not to the work directory.
        session_path=Path(ini.get("session", "PROVIDER_CONFIG")).absolute(),
        session_cookie=ini.get("session", "COOKIE_NAME"),
        session_seconds=number("session", "MAX_LIFE_TIME"),
        cookie_secure=yes("session", "COOKIE_SECURE"),
        csrf_cookie=ini.get("session", "CSRF_COOKIE_NAME"),
        lfs_objects=path("lfs", "OBJECTS_PATH"),
        lfs_incoming=path("lfs", "OBJECTS_TEMP_PATH"),
        attachments=path("attachment", "PATH"),
        attachment_types=words("attachment", "ALLOWED_TYPES", "|"),
        attachment_megabytes=number("attachment", "MAX_SIZE"),
        release_types=words("release.attachment", "ALLOWED_TYPES", "|"),
        release_megabytes=number("release.attachment", "MAX_SIZE"),
        avatars=path("picture", "AVATAR_UPLOAD_PATH"),
        repository_avatars=path("picture", "REPOSITORY_AVATAR_UPLOAD_PATH"),
        gravatar=not (yes("server", "OFFLINE_MODE") or yes("picture", "DISABLE_GRAVATAR")),
        deliver_seconds=number("webhook", "DELIVER_TIMEOUT"),
        deliver_verified=not yes("webhook", "SKIP_TLS_VERIFY"),
        cron=yes("cron", "ENABLED"),
        log=path("log", "ROOT_PATH", "log"),
    )
