"""Parse the site's settings that decide what a visitor can do. The suite requires some features, and skips others.

Source of names, defaults and parsing: conf/app.ini and internal/conf of Gogs 0.14. Gogs maps a value that is no number or
no truth value to 0 or false (go-ini without strict mapping), not to its default.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from cutover_site.gogs.ini import Ini
from cutover_site.gogs.renames import modernize

TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True", "YES", "yes", "Yes", "y", "ON", "on", "On"})
"""as `parseBool` of go-ini 1.67 defines it"""
KEY_BITS = {"ed25519": 256, "ecdsa": 521, "rsa": 4096}
"""sizes of the SSH keys that the suite makes, by type; ssh-keygen(1) makes larger ones of RSA alone, which takes up to minutes"""
KEY_TYPES = tuple(KEY_BITS)


@dataclass(frozen=True)
class SiteSettings:
    """Effective values. A default is the value for an app.ini without the key."""

    https: bool = False
    """visitors come by HTTPS, even if Gogs itself serves HTTP"""
    sign_in_to_view: bool = False
    http_git: bool = True
    ssh: bool = True
    attachments: bool = True
    attachment_types: tuple[str, ...] = ("image/jpeg", "image/png")
    repository_limit: int = -1
    """how many repositories a user may have; below 0: any number"""
    lfs_storage: str = "local"
    news: int = 20
    """entries of a user's news feed on one page"""
    key_types: tuple[str, ...] = KEY_TYPES
    """types of which the site accepts the keys that the suite makes"""

    @classmethod
    def from_ini(cls, ini: Ini) -> SiteSettings:
        """Return the effective values of an app.ini. The names of the settings may be those of any release."""
        new = modernize(ini)
        return cls(
            https=urlsplit(new.get("server", "EXTERNAL_URL")).scheme == "https",
            sign_in_to_view=_is_true(new, "auth", "REQUIRE_SIGNIN_VIEW", default=False),
            http_git=not _is_true(new, "repository", "DISABLE_HTTP_GIT", default=False),
            ssh=not _is_true(new, "server", "DISABLE_SSH", default=False),
            attachments=_is_true(new, "attachment", "ENABLED", default=True),
            attachment_types=_list(new, "attachment", "ALLOWED_TYPES", "image/jpeg|image/png"),
            repository_limit=_read_number(new, "repository", "MAX_CREATION_LIMIT", -1),
            lfs_storage=new.get("lfs", "STORAGE", "local"),
            news=_read_number(new, "ui.user", "NEWS_FEED_PAGING_NUM", 20),
            key_types=_list_key_types(new),
        )


def _list_key_types(ini: Ini) -> tuple[str, ...]:
    """Return the types of which the site accepts a key of the suite's size.

    Where sizes are checked, a type has a minimum size, and one whose minimum is -1 is refused (`CheckPublicKeyString`). The default minimum of
    each type is below the suite's size.
    """
    if not _is_true(ini, "server", "MINIMUM_KEY_SIZE_CHECK", default=False):
        return KEY_TYPES
    sizes = {kind: _read_number(ini, "ssh.minimum_key_sizes", kind.upper(), 0) for kind in KEY_TYPES}
    return tuple(kind for kind, least in sizes.items() if least != -1 and least <= KEY_BITS[kind])


def _is_true(ini: Ini, section: str, key: str, *, default: bool) -> bool:
    return ini.get(section, key) in TRUE if _has(ini, section, key) else default


def _read_number(ini: Ini, section: str, key: str, default: int) -> int:
    if not _has(ini, section, key):
        return default
    try:
        return int(ini.get(section, key), 0)
    except ValueError:
        return 0


def _list(ini: Ini, section: str, key: str, default: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in ini.get(section, key, default).split("|") if word.strip())


def _has(ini: Ini, section: str, key: str) -> bool:
    return key in ini.sections.get(section, {})
