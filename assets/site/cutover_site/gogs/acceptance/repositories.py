"""Read the bare repositories of the site, and their shapes: git and Gogs treat repositories of one shape alike."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.repository_hooks import Hook, read_hooks

READERS = 16
"""concurrent reads: each read of a network file system waits for the server"""
SAFE_SECTIONS = ("core", "extensions", "receive", "transfer", "gc", "pack")
STARTS_A_PROGRAM = re.compile(
    r"^\s*(hookspath|fsmonitor|alternaterefscommand|gitproxy|sshcommand|editor|pager|askpass|worktree)\b", re.I
)


@dataclass(frozen=True)
class Repository:
    """A repository or wiki of the site, and what decides how a push to it proceeds."""

    path: Path
    hooks: tuple[Hook, ...]
    config: str
    """its git settings, without those that name a remote or start a program"""
    hooks_elsewhere: bool
    """git runs the hooks of another folder (core.hooksPath)"""
    custom_hooks: bool
    alternates: bool
    empty: bool

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def wiki(self) -> bool:
        return self.path.name.endswith(".wiki.git")

    @property
    def sha256(self) -> bool:
        return bool(re.search(r"^\s*objectformat\s*=\s*sha256", self.config, re.I | re.M))

    @property
    def shape(self) -> tuple[object, ...]:
        hooks = tuple((hook.name, hook.text) for hook in self.hooks)
        return (hooks, self.config, self.hooks_elsewhere, self.custom_hooks, self.alternates, self.empty, self.wiki)


def read_repositories(site: LocalSite, own: str) -> list[Repository]:
    """Return all repositories and wikis of the site, sorted by name.

    Those whose name begins with `own` are left out: they are the session's.
    """
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(lambda path: _read(path, site), _list(site.repositories, own))
    return sorted((one for one in found if one), key=lambda one: one.name)


def _list(root: Path, own: str) -> Iterator[Path]:
    for owner in os.scandir(root):
        if owner.is_dir():
            for one in os.scandir(owner.path):
                if one.name.endswith(".git") and not one.name.startswith(own):
                    yield Path(one.path)


def _read(path: Path, site: LocalSite) -> Repository | None:
    """Return the repository. None when the folder is no repository, or was deleted meanwhile."""
    try:
        hooks = tuple(read_hooks(path, site))
        raw = (path / "config").read_text(errors="replace")
        custom = path / "custom_hooks"
        return Repository(
            path=path,
            hooks=hooks,
            config=_select_safe_sections(raw),
            hooks_elsewhere=bool(re.search(r"^\s*hookspath\s*=", raw, re.I | re.M)),
            custom_hooks=custom.is_dir() and any(custom.iterdir()),
            alternates=(path / "objects/info/alternates").is_file(),
            empty=not (path / "packed-refs").is_file() and not any((path / "refs/heads").rglob("*")),
        )
    except OSError:
        return None


def _select_safe_sections(config: str) -> str:
    """Return the sections that define how a repository is stored and what it accepts."""
    kept, keep = [], False
    for line in config.splitlines():
        if section := re.match(r'\s*\[\s*([^\]\s"]+)', line):
            keep = section[1].lower() in SAFE_SECTIONS
        if keep and not STARTS_A_PROGRAM.match(line):
            kept.append(line)
    return "\n".join(kept) + "\n"
