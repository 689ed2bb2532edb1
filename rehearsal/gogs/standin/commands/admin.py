"""`gogs admin`: what an operator does at the machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..config.config import Config
from ..domain import keys, places, users
from ..domain.errors import Refused
from ..git import hooks
from ..store.database import Database, Session


def create_user(config: Config, *, name: str, password: str, email: str, admin: bool) -> int:
    """Exit code; needs the schema, so the server must have been started once."""
    with Database(config, limit=1).session() as db:
        try:
            users.create(db, name, email, password, admin=admin)
        except Refused as error:
            print(f"create user: {error.message}", file=sys.stderr)
            return 1
    print(f'New user "{name}" has been successfully created!')
    return 0


def resync_hooks(config: Config) -> int:
    """Write the hooks of every repository and wiki anew. Stops at the first repository whose folder is missing, as Gogs does."""
    with Database(config, limit=1).session() as db:
        for owner, name in _repositories(db):
            hooks.write(config, _folder(places.repository(config, owner, name)))
            wiki = places.wiki(config, owner, name)
            if wiki.is_dir():
                hooks.write(config, wiki)
    print("All repositories' pre-receive, update and post-receive hooks have been resynced")
    return 0


def rewrite_authorized_keys(config: Config) -> int:
    """~/.ssh/authorized_keys, for an sshd that is not Gogs's own."""
    file = Path(os.environ["HOME"]) / ".ssh" / "authorized_keys"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with Database(config, limit=1).session() as db:
        rows = db.all("SELECT * FROM public_key ORDER BY id")
    lines = []
    for row in rows:
        forced = f"{config.binary} serv key-{row['id']} --config='{config.app_ini}'"
        content = " ".join(row["content"].split(" ")[:2])
        lines.append(f'command="{forced}",no-port-forwarding,no-X11-forwarding,no-agent-forwarding,no-pty {content}\n')
    half = file.with_suffix(".tmp")
    half.touch(mode=0o600)
    half.write_text("".join(lines))
    half.rename(file)
    print("SSH keys have been rewritten")
    return 0


def authorized_keys(config: Config, kind: str, data: str, environ_of: int) -> int:
    """For sshd's AuthorizedKeysCommand: the line of this key, or nothing."""
    from ..transport.ssh import authorized_line

    with Database(config, limit=1).session() as db:
        row = keys.by_content(db, kind, data)
    if row:
        print(authorized_line(config, row["id"], f"{kind} {data}", environ_of))
    return 0


def _repositories(db: Session) -> list[tuple[str, str]]:
    rows = db.all("SELECT u.name AS owner, r.name FROM repository r JOIN `user` u ON u.id = r.owner_id ORDER BY r.id")
    return [(row["owner"], row["name"]) for row in rows]


def _folder(path: Path) -> Path:
    """Raises FileNotFoundError, in one line."""
    if not path.is_dir():
        raise FileNotFoundError(f"repository folder {path} does not exist")
    return path
