"""Run `gogs admin`: the tasks of an operator on the machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ..config.config import Config
from ..domain import keys, paths, users
from ..domain.exceptions import RequestRefused
from ..git import hooks
from ..store.database import Database
from ..transport.ssh import format_authorized_key


def fail(message: str) -> int:
    """Print a fatal error and return the exit code 1. Gogs prints it on standard output, as a line of its log."""
    print(f"{time.strftime('%Y/%m/%d %H:%M:%S')} [FATAL] Failed to start application: {message}")
    return 1


def create_user(config: Config, *, name: str, password: str, email: str, admin: bool) -> int:
    """Create a user and return the exit code.

    The schema must exist, so the server must have been started once.
    """
    with Database(config, limit=1).open_session() as db:
        try:
            users.create(db, name, email, password, admin=admin)
        except RequestRefused as error:
            return fail(f"create user: {error.message}")
    print(f'New user "{name}" has been successfully created!')  # recorded
    return 0


def rewrite_hooks(config: Config) -> int:
    """Write the hooks of every repository and wiki again, and return the exit code.

    Raises FileNotFoundError at the first repository without a folder.
    """
    with Database(config, limit=1).open_session() as db:
        rows = db.fetch_all(
            "SELECT u.name AS owner, r.name FROM repository r JOIN `user` u ON u.id = r.owner_id ORDER BY r.id"
        )
    for row in rows:
        folder, wiki = (
            place(config, row["owner"], row["name"]) for place in (paths.locate_repository, paths.locate_wiki)
        )
        if not folder.is_dir():
            raise FileNotFoundError(f"{row['owner']}/{row['name']} has no folder {folder}")
        hooks.write(config, folder)
        if wiki.is_dir():
            hooks.write(config, wiki)
    print("All repositories' pre-receive, update and post-receive hooks have been resynced successfully")
    return 0


def rewrite_authorized_keys(config: Config) -> int:
    """Write ~/.ssh/authorized_keys for an sshd that is not the built-in one, and return the exit code."""
    file = Path(os.environ["HOME"]) / ".ssh" / "authorized_keys"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with Database(config, limit=1).open_session() as db:
        rows = db.fetch_all("SELECT * FROM public_key ORDER BY id")
    half = file.with_suffix(".half")
    half.touch(mode=0o600)
    half.write_text("".join(format_authorized_key(config, row["id"], row["content"]) + "\n" for row in rows))
    half.rename(file)
    print("All public keys have been rewritten successfully")
    return 0


def print_authorized_key(config: Config, kind: str, data: str, environ_of: int) -> int:
    """Print the line of this key, or nothing, for sshd's AuthorizedKeysCommand. Return the exit code."""
    with Database(config, limit=1).open_session() as db:
        row = keys.find_by_content(db, kind, data)
    if row:
        print(format_authorized_key(config, row["id"], f"{kind} {data}", environ_of))
    return 0
