"""The values that must not be in a log that leaves this machine."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable

from cutover_site.errors import NotConfigured
from cutover_site.gogs import home
from cutover_site.gogs.ini import parse
from cutover_site.launch.configuration import INHERITED
from cutover_site.machine import Machine

SECRET_NAMES = ("site_secret", "database_app_secret", "source_database_secret")
"""keys of the parameter `replication`; a target may not read the last"""
PUBLIC = frozenset({"username", "host", "port", "admin_username", "acceptance_username", "engine", "dbname"})
"""keys of secrets whose values are none: they are in every line of a log"""
SENSITIVE = re.compile(r"(PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|SALT|DSN|HOST_?URL|PROVIDER_CONFIG|URL)", re.IGNORECASE)
CREDENTIAL = re.compile(r"\bpassword\s+(\S+)|://[^\s/@:]*:([^\s/@]+)@")
"""in .netrc (GNU inetutils manual, 11.7), and in .git-credentials or an address of .gitconfig (git-credential-store(1))"""
BY_ROLE = {"replica": SECRET_NAMES, "target": SECRET_NAMES[:2]}


def known_secrets(machine: Machine) -> set[str]:
    """Return the values of the site's secrets, and of what app.ini keeps secret. Raises NotConfigured when one cannot be read."""
    found: set[str] = set()
    for name in BY_ROLE.get(machine.role, SECRET_NAMES):
        secret = machine.aws.secret(str(machine.fact(name)))
        found |= {value for key, value in secret.items() if key not in PUBLIC and key != INHERITED}
        found |= settings_secrets(secret.get(INHERITED, ""))
        found |= home_secrets(secret.get(home.SECRET, ""))
    for path in (machine.layout.app_ini, machine.layout.volatile_app_ini):
        try:
            found |= settings_secrets(path.read_text(errors="replace"))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise NotConfigured(f"{path} cannot be read: {error}") from error
    return found


def settings_secrets(text: str) -> set[str]:
    """Return the values of the settings of an app.ini that may be secret. An address counts where it holds a password."""
    values: set[str] = set()
    for keys in parse(text).sections.values():
        for key, value in keys.items():
            if SENSITIVE.search(key) and not _is_plain(key, value):
                values |= set(_bare(value))
    return values


def home_secrets(packed: str) -> set[str]:
    """Return the passwords that the files in the home of the user git name. Raises NotConfigured."""
    files = (
        base64.b64decode(entry.get("content", "")).decode(errors="replace")
        for entry in json.loads(home.listing(packed))
    )
    return {word for text in files for found in CREDENTIAL.findall(text) for word in found if word}


def _is_plain(key: str, value: str) -> bool:
    """An address without a password, a number or a switch is no secret, and is in every line of a log."""
    address = "URL" in key.upper() and "@" not in value
    return (
        address or value.strip("`\"'").lower() in ("", "true", "false") or (value.strip().isdigit() and len(value) < 6)
    )


def _bare(value: str) -> Iterable[str]:
    """Yield a value as it stands, and without the quotes that go-ini takes off."""
    yield value
    yield value.strip("`\"'")
