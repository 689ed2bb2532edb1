"""Write app.ini of this site: the settings that all machines share, and those of one machine."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from applications.gogs.profile import PROFILE

from cutover_site.gogs import identity
from cutover_site.gogs.ini import Ini, format_value
from cutover_site.gogs.layout import PER_INSTANCE, GogsLayout
from cutover_site.gogs.renames import modernize
from cutover_site.instance import InstanceSettings

INHERITED, HOME = PROFILE.secret.inherited
"""keys of the site's secret: the source's own settings, and the home of its user git"""
ASIDE = "CUTOVER_"
"""prefix that hides a setting from Gogs for now; Gogs ignores unknown names"""


@dataclass(frozen=True)
class Instance:
    """The settings of one machine's Gogs. `password` and `secret_key` are secrets: they are in no log and no repr."""

    instance_id: str
    site_url: str
    database_host: str
    database_port: int
    schema: str
    tls: str
    """`true` checks the server's certificate against the system's trust store, `preferred` uses TLS if the server offers it"""
    user: str
    password: str
    secret_key: str
    background: bool
    """cron and mirrors: on exactly one machine of a live site, nowhere on a copy"""
    mail: bool
    """on every machine of a live site, because the machine that serves a request sends its mail; nowhere on a copy"""
    inherited: str = ""
    """the source's own settings, for a machine that has no app.ini yet; they may include secrets"""
    home: str = ""
    """the home of the source's user git, packed by `gogs.home`; it may include secrets"""
    ssh_domain: str = ""
    """the name in SSH clone addresses, when it is not the site's own (a second load balancer)"""

    @classmethod
    def from_settings(cls, settings: InstanceSettings) -> Instance:
        """Return these settings in the terms of Gogs.

        The source inherits nothing, because it has its own app.ini and home.
        """
        database, secret = settings.database, settings.secret
        return cls(
            instance_id=settings.instance_id,
            site_url=settings.site_url,
            database_host=database.host,
            database_port=database.port,
            schema=next(iter(settings.schemas.values())),  # the primary schema is the first
            tls="true" if database.verify else "preferred",
            user=database.user,
            password=database.password,
            secret_key=secret["SECRET_KEY"],
            background=settings.is_background_allowed,
            mail=not settings.is_copy,
            inherited="" if settings.is_source else secret.get(INHERITED, ""),
            home="" if settings.is_source else secret.get(HOME, ""),
            ssh_domain=settings.dns_names.get("ssh", ""),
        )

    def __repr__(self) -> str:
        return f"Instance({self.instance_id}, {self.user}@{self.database_host}:{self.database_port}/{self.schema})"


def configure(old: Ini, instance: Instance, layout: GogsLayout) -> Ini:
    """Return `old` with this instance's settings. `old` may be empty, or have any version's names.

    Settings that this product does not manage stay. Settings that an instance must not follow are hidden, and return when it
    may follow them.
    """
    new = modernize(old)
    for section, keys in _build_sections(instance, layout).items():
        for key, value in keys.items():
            new.set(section, key, value)
    # Otherwise 0.14.3 accepts every local connection as an authenticating proxy, and so every client of this machine's proxy.
    if identity.is_enabled(new) and not new.has("auth", "TRUSTED_PROXY_IPS"):
        new.set("auth", "TRUSTED_PROXY_IPS", "")
    for section in [name for name in new.sections if name.startswith("cron.")]:
        for key in ("ENABLED", "RUN_AT_START"):
            (_put_back if instance.background else _set_aside)(new, section, key)
    (_put_back if instance.mail else _set_aside)(new, "email", "ENABLED")
    if not instance.mail:
        new.set("email", "ENABLED", "false")
    return new


def extract_own_settings(old: Ini, instance: Instance, layout: GogsLayout) -> Ini:
    """Return the settings of `old` that this product does not manage.

    Another machine of the same site needs them in addition to its own.
    """
    new = modernize(old)
    for section, keys in _build_sections(instance, layout).items():
        for key in keys:
            new.remove(section, key)
    return Ini({name: keys for name, keys in new.sections.items() if keys})


def _set_aside(ini: Ini, section: str, key: str) -> None:
    value = ini.get(section, key)
    if value and not ini.get(section, ASIDE + key):
        ini.set(section, ASIDE + key, value)
    ini.remove(section, key)


def _put_back(ini: Ini, section: str, key: str) -> None:
    if value := ini.get(section, ASIDE + key):
        ini.set(section, key, value)
        ini.remove(section, ASIDE + key)


def _build_sections(instance: Instance, layout: GogsLayout) -> dict[str, dict[str, str]]:
    host = urlsplit(instance.site_url).hostname or ""
    application = layout.application
    http, ssh = application.http.upstream, application.get_port("ssh").upstream
    incoming, uploads = (layout.shared / folder for folder in PER_INSTANCE)
    return {
        "": {"RUN_USER": application.owner.user, "RUN_MODE": "prod"},
        "server": {
            "EXTERNAL_URL": instance.site_url,
            "DOMAIN": host,
            "PROTOCOL": "http",
            "HTTP_ADDR": "127.0.0.1",
            "HTTP_PORT": str(http),
            "LOCAL_ROOT_URL": f"http://127.0.0.1:{http}/",
            "APP_DATA_PATH": str(layout.own_data),
            "START_SSH_SERVER": "true",
            "SSH_DOMAIN": instance.ssh_domain or host,
            "SSH_PORT": str(layout.public_ssh_port),
            "SSH_LISTEN_HOST": "127.0.0.1",
            "SSH_LISTEN_PORT": str(ssh),
            "OFFLINE_MODE": "true",
        },
        "database": {
            "TYPE": "mysql",
            "HOST": f"{instance.database_host}:{instance.database_port}",
            "NAME": f"{instance.schema}?tls={instance.tls}",
            "USER": format_value(instance.user),
            "PASSWORD": format_value(instance.password),
        },
        "security": {"INSTALL_LOCK": "true", "SECRET_KEY": format_value(instance.secret_key)},
        "repository": {"ROOT": str(layout.get_place("repositories"))},
        "repository.upload": {"TEMP_PATH": str(uploads)},
        "attachment": {"PATH": str(layout.get_place("data/attachments"))},
        "picture": {
            "AVATAR_UPLOAD_PATH": str(layout.get_place("data/avatars")),
            "REPOSITORY_AVATAR_UPLOAD_PATH": str(layout.get_place("data/repo-avatars")),
        },
        # Gogs empties it at every start and renames files from it to the objects: one folder per instance, on the objects' file system. Both
        # are in the data root itself, because a rename from one mount of a file system to another one fails.
        "lfs": {
            "OBJECTS_PATH": str(layout.data / "lfs-objects"),
            "OBJECTS_TEMP_PATH": str(incoming / instance.instance_id),
        },
        "session": {"PROVIDER": "file", "PROVIDER_CONFIG": str(layout.data / "sessions")},
        "log": {"ROOT_PATH": str(layout.logs)},
        "cron": {"ENABLED": "true" if instance.background else "false"},
    }
