"""What a target needs of the source's own settings: app.ini but for what the tool writes, and the home of the user git.

Both are in the site's secret, because passwords may be in both.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping

from cutover_site.errors import NotConfigured
from cutover_site.gogs import home
from cutover_site.gogs.app_ini import HOME, INHERITED, Instance
from cutover_site.gogs.ini import parse
from cutover_site.gogs.layout import GogsLayout
from cutover_site.gogs.settings_file import read_own_settings

SETTINGS_NAME = "settings of app.ini that are the site's own"
HOME_NAME = "what the user git keeps in its home"
SENSITIVE = re.compile(r"(PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|SALT|DSN|HOST_?URL|PROVIDER_CONFIG|URL)", re.IGNORECASE)
CREDENTIAL = re.compile(r"\bpassword\s+(\S+)|://[^\s/@:]*:([^\s/@]+)@")
"""in .netrc (GNU inetutils manual, 11.7), and in .git-credentials or an address of .gitconfig (git-credential-store(1))"""


def find_inherited(layout: GogsLayout, instance: Instance) -> dict[str, str]:
    """Return both by their keys in the site's secret, as this source has them now. Raises OSError, Refused for too much."""
    return {INHERITED: read_own_settings(layout, instance), HOME: home.pack(layout)}


def describe(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return texts that are equal for equal content, by what they are of."""
    return {
        SETTINGS_NAME: _sort_settings(inherited.get(INHERITED, "")),
        HOME_NAME: home.format_listing(inherited.get(HOME, "")),
    }


def _sort_settings(text: str) -> str:
    """Return the settings of an app.ini whatever their order: one that was set aside and put back has another."""
    sections = parse(text).sections
    return "\n".join(
        sorted(f"{section}\0{name}\0{value}" for section, keys in sections.items() for name, value in keys.items())
    )


def find_secret_values(layout: GogsLayout, secret: Mapping[str, str]) -> set[str]:
    """Return the secret values in what the site's secret holds of the source's own, and in the app.ini of this machine.

    Raises NotConfigured when app.ini cannot be read.
    """
    found = find_settings_secrets(secret.get(INHERITED, "")) | find_home_secrets(secret.get(HOME, ""))
    for path in (layout.app_ini, layout.volatile_app_ini):
        try:
            found |= find_settings_secrets(path.read_text(errors="replace"))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise NotConfigured(f"{path} cannot be read: {error}") from error
    return found


def find_settings_secrets(text: str) -> set[str]:
    """Return the values of the settings of an app.ini that may be secret. An address counts where it holds a password."""
    values: set[str] = set()
    for keys in parse(text).sections.values():
        for key, value in keys.items():
            if SENSITIVE.search(key) and not _is_plain(key, value):
                values |= set(_list_forms(value))
    return values


def find_home_secrets(packed: str) -> set[str]:
    """Return the passwords that the files in the home of the user git name. Raises NotConfigured."""
    files = (
        base64.b64decode(entry.get("content", "")).decode(errors="replace")
        for entry in json.loads(home.format_listing(packed))
    )
    return {word for text in files for found in CREDENTIAL.findall(text) for word in found if word}


def _is_plain(key: str, value: str) -> bool:
    """Return whether a value is no secret and may be in any line of a log: an address without a password, a number, a switch."""
    address = "URL" in key.upper() and "@" not in value
    return (
        address or value.strip("`\"'").lower() in ("", "true", "false") or (value.strip().isdigit() and len(value) < 6)
    )


def _list_forms(value: str) -> Iterator[str]:
    """Yield a value as it stands, and without the quotes that go-ini takes off."""
    yield value
    yield value.strip("`\"'")
