"""Gogs as the rehearsal sees it: `rehearsal.application.RehearsedApplication`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rehearsal.application import Query
from rehearsal.client.overlap import Identity
from rehearsal.gogs import accepted_writes
from rehearsal.gogs.archive import check_environment, describe_release, identify_program, provide_release
from rehearsal.gogs.normal_use import DATED, is_normal_use

__all__ = [
    "CONTENT",
    "DATED",
    "PROGRAMS",
    "SETTINGS_FIELD",
    "SETTINGS_FILE",
    "check_environment",
    "derive_demo_passwords",
    "describe_release",
    "find_accepted_writes",
    "find_private_keys",
    "identify_program",
    "is_normal_use",
    "provide_release",
    "read_settings_secrets",
]

CONTENT = {
    name: f"SELECT COUNT(*) FROM {what}"
    for name, what in {
        "users": "user WHERE type = 0",
        "organisations": "user WHERE type = 1",
        "repositories": "repository",
        "issues": "issue",
        "comments": "comment",
        "LFS objects": "lfs_object",
        "attachments": "attachment",
    }.items()
}
PROGRAMS = {"release": "the real release", "stand-in": "a stand-in that returns the recorded responses of the real one"}
SETTINGS_FIELD = "app_ini"
SETTINGS_FILE = "opt/gogs/custom/conf/app.ini"


def find_accepted_writes(
    source: Query, find_file: Callable[[str], Path], repositories: Mapping[str, str]
) -> set[Identity]:
    """Return the client's writes that the frozen source holds. Commits count in the repositories that it pushes to."""
    pushed_to = {name for kind, name in repositories.items() if kind.startswith("push")}
    return accepted_writes.find_accepted_writes(source, find_file("repositories"), pushed_to)


def read_settings_secrets(text: str) -> Iterator[tuple[str, str]]:
    """Yield the secret lines of app.ini."""
    for line in text.splitlines():
        key, _, value = (part.strip() for part in line.partition("="))
        if key.upper() in {"PASSWD", "PASSWORD", "SECRET_KEY"} and value:
            yield f"app.ini: {key}", value.strip("`\"'")


def derive_demo_passwords(target: Query, site: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the password of each user, as `demo.site.Site.password_of` derives it from the administrator's."""
    for name in target("SELECT name FROM user WHERE type = 0"):
        if name != site["admin_username"]:
            derived = hmac.new(site["admin_password"].encode(), name.encode(), hashlib.sha256).hexdigest()[:24]
            yield f"demo user {name}: password", derived


def find_private_keys(files: Path) -> Iterator[Path]:
    """Return the host keys of the site's SSH service."""
    return (file for file in sorted((files / "data/ssh").iterdir()) if file.suffix != ".pub")
