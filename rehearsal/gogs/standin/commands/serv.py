"""`gogs serv key-ID`: one SSH session. Decides on the access, then becomes git."""

from __future__ import annotations

import hashlib
import logging
import os
import shlex
import subprocess
import sys
from typing import NoReturn

import pymysql

from ..config.config import Config, ConfigError
from ..domain import access, keys, places, repositories, users
from ..domain.errors import Missing
from ..git import hooks
from ..store.database import Database, Row, Session
from ..transport.gate import split

_log = logging.getLogger(__name__)
_COMMANDS = {"git-upload-pack": access.READ, "git-upload-archive": access.READ, "git-receive-pack": access.WRITE}
_DENIED = "Repository does not exist or you do not have access"


class _Refusal(Exception):
    """Its text is what the user sees."""


def run(config: Config, key: str) -> int:
    """Exit code. What goes wrong is one line on standard error that begins with `Gogs:`."""
    command = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    if not command:
        print("Hi there, You've successfully authenticated, but Gogs does not provide shell access.", file=sys.stderr)
        print("If this is unexpected, please log in with password and setup Gogs under another user.", file=sys.stderr)
        return 0
    try:
        with Database(config, limit=1).session() as db:
            arguments, environment = _decide(db, config, key, command)
        done = subprocess.run(arguments, cwd=config.repositories, env={**os.environ, **environment}, check=False)
    except _Refusal as refusal:
        return _fail(str(refusal))
    except (pymysql.MySQLError, ConfigError, OSError) as error:
        _log.error("%s: %s", command, error)
        return _fail("Internal error")
    return 0 if done.returncode == 0 else _fail("Internal error")


def _fail(message: str) -> int:
    print(f"Gogs: {message}", file=sys.stderr)
    return 1


def _decide(db: Session, config: Config, key: str, command: str) -> tuple[list[str], dict[str, str]]:
    words = shlex.split(command)
    if len(words) != 2 or words[1].strip("/").count("/") != 1:
        _refuse("Invalid repository path")
    verb, (owner_name, file) = words[0], words[1].strip("/").split("/")
    name, wiki = split(file)
    try:
        owner, repository = repositories.by_name(db, owner_name, name)
    except Missing:
        _refuse(_DENIED if users.by_name(db, owner_name) else "Repository owner does not exist")
    if verb not in _COMMANDS:
        _refuse("Unknown git command")
    wanted = _COMMANDS[verb]
    if wanted > access.READ and repository["is_mirror"]:
        _refuse("Mirror repository is read-only")
    row = db.one("SELECT * FROM public_key WHERE id = %s", key.removeprefix("key-"))
    if not row:
        _refuse("Invalid key ID")
    user = None
    if wanted == access.WRITE or repository["is_private"]:
        user = _authorised(db, row, repository, wanted)
    keys.touch(db, row["id"])
    path = (places.wiki if wiki else places.repository)(config, owner["name"], repository["name"])
    return [verb, str(path)], _environment(user, owner, repository, config) if wanted == access.WRITE and user else {}


def _authorised(db: Session, key: Row, repository: Row, wanted: int) -> Row | None:
    if key["type"] == keys.DEPLOY_KEY:
        if key["mode"] < wanted:
            _refuse("Key permission denied")
        if not db.one("SELECT id FROM deploy_key WHERE key_id = %s AND repo_id = %s", key["id"], repository["id"]):
            _refuse("Key access denied")
        return None
    user = users.existing(db, key["owner_id"])
    mode = access.mode(db, user, repository)
    if mode < wanted:
        _refuse("You do not have sufficient authorization for this action" if mode >= access.READ else _DENIED)
    return user


def _environment(user: Row, owner: Row, repository: Row, config: Config) -> dict[str, str]:
    return hooks.environment(
        user_id=user["id"],
        user_name=user["name"],
        user_email=user["email"],
        owner=owner["name"],
        owner_salt_md5=hashlib.md5(owner["salt"].encode(), usedforsecurity=False).hexdigest(),
        repository_id=repository["id"],
        name=repository["name"],
        path=places.repository(config, owner["name"], repository["name"]),
    )


def _refuse(message: str) -> NoReturn:
    raise _Refusal(message)
