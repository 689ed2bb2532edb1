"""The settings of an existing Gogs as it uses them: its app.ini over the defaults of its release, with the variables of its environment.

Source of the defaults: conf/app.ini of Gogs 0.9 to 0.14, which differ in none of these but TYPE and USER of the database.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cutover_site.gogs import effective
from cutover_site.gogs.existing.places import Place
from cutover_site.gogs.ini import Ini, load
from cutover_site.gogs.renames import is_of_old_release, list_old_names, modernize

DEFAULTS = {
    "": {"RUN_USER": "git"},
    "server": {
        "EXTERNAL_URL": "%(PROTOCOL)s://%(DOMAIN)s:%(HTTP_PORT)s/", "DOMAIN": "localhost", "PROTOCOL": "http", "HTTP_ADDR": "0.0.0.0",
        "HTTP_PORT": "3000", "APP_DATA_PATH": "data", "DISABLE_SSH": "false", "SSH_DOMAIN": "%(DOMAIN)s", "SSH_PORT": "22",
        "START_SSH_SERVER": "false", "SSH_LISTEN_HOST": "0.0.0.0", "SSH_LISTEN_PORT": "%(SSH_PORT)s",
    },
    "database": {"HOST": "127.0.0.1:3306", "NAME": "gogs"},
    "session": {"PROVIDER": "memory", "PROVIDER_CONFIG": "data/sessions"},
    "cache": {"ADAPTER": "memory"},
    "attachment": {"PATH": "data/attachments"},
    "picture": {"AVATAR_UPLOAD_PATH": "data/avatars", "REPOSITORY_AVATAR_UPLOAD_PATH": "data/repo-avatars"},
    "lfs": {"OBJECTS_PATH": "data/lfs-objects"},
}  # fmt: skip
EMPTY_IS_DEFAULT = frozenset(
    ("RUN_USER", "HTTP_ADDR", "REPOSITORY_AVATAR_UPLOAD_PATH", "SSH_DOMAIN", "SSH_LISTEN_PORT")
)
"""keys for which an empty value means the default in every release"""


@dataclass(frozen=True)
class GogsSettings:
    """The settings of one installation. `merged`: app.ini over the defaults, with the names of today; it includes secrets and is in no repr.

    `is_old`: the file was written for a release before 0.13. `old_names`: settings under a name that later releases ignore.
    """

    place: Place
    is_old: bool
    merged: Ini = field(repr=False)
    old_names: tuple[str, ...] = ()

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the environment of the process."""
        return self.place.environment

    def get(self, section: str, key: str) -> str:
        """Return the value that Gogs uses."""
        return effective.get_effective_value(self.merged, section, key, environment=self.environment)

    def is_true(self, section: str, key: str) -> bool:
        """Return whether a setting is on."""
        return self.get(section, key) in effective.TRUE_VALUES

    def get_path(self, section: str, key: str) -> Path:
        """Return an absolute path. Gogs resolves a relative one from its work directory, since 0.9; an empty one is the work directory."""
        return self.resolve(self.get(section, key))

    def resolve(self, path: str) -> Path:
        """Return the absolute path of a path in app.ini."""
        return Path(os.path.normpath(self.place.work_folder / path))


def read_settings(place: Place) -> GogsSettings:
    """Read app.ini. Raises OSError, NotConfigured for a file that Gogs could not read either."""
    old = load(place.app_ini)
    is_old, ini = is_of_old_release(old), modernize(old)
    # Before 0.13 MySQL with its user root was the default, since then PostgreSQL.
    database = {"TYPE": "mysql", "USER": "root"} if is_old else {"TYPE": "postgres", "USER": "gogs"}
    merged: dict[str, dict[str, str]] = {name: dict(keys) for name, keys in DEFAULTS.items()}
    merged["database"].update(database)
    for name, keys in ini.sections.items():
        section = merged.setdefault(name, {})
        for key, value in keys.items():
            # Before 0.12 an empty value is the default everywhere.
            if value or key not in section or not (is_old or key in EMPTY_IS_DEFAULT):
                section[key] = value
    return GogsSettings(place, is_old, Ini(merged), tuple(list_old_names(old)))
